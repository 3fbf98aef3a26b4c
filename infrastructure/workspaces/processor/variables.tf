variable "environment" {
  description = "Which of the two environments this is: `dev` or `prod`. It is part of every name."
  type        = string
  default     = "dev"
  nullable    = false

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "Give dev or prod."
  }
}

variable "region" {
  description = "AWS Region of everything in this environment. All workspaces of an environment need the same one."
  type        = string
  default     = "eu-west-2"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[1-9]$", var.region))
    error_message = "Give a Region by its code, as eu-west-2."
  }
}

variable "table_capacity_units" {
  description = "Read units and write units of the table, as many of each. 25 is the whole of what a Region gives free: environments that share an account and a Region have to share it."
  type        = number
  default     = 25
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether the table refuses to be deleted. Off only for a stack that is to be thrown away."
  type        = bool
  default     = true
  nullable    = false
}
