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

variable "shares_account" {
  description = "Whether the other environment lives in the same account and Region: then `dev` gets 5 and `prod` 20 of the 25 units that are free. Apply `dev` first."
  type        = bool
  default     = false
  nullable    = false
}

variable "table_capacity_units" {
  description = "Read units and write units of the table, as many of each, in place of the share of the free 25; 0 for that share."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.table_capacity_units >= 0 && var.table_capacity_units <= 25 && floor(var.table_capacity_units) == var.table_capacity_units
    error_message = "Give a whole number from 1 to 25, or 0 for the environment's share."
  }
}

variable "deletion_protection" {
  description = "Whether the table refuses to be deleted. Off only for a stack that is to be thrown away."
  type        = bool
  default     = true
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that the workspace's roles are bounded by: an output of `account`. HCP Terraform's runs may make none without; empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.permissions_boundary_arn == "" || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$", var.permissions_boundary_arn))
    error_message = "Give the ARN of one policy, or nothing."
  }
}
