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

variable "alert_email" {
  description = "E-mail address that alarms go to. Its owner has to confirm the subscription."
  type        = string
  nullable    = false
}

variable "act_key_version" {
  description = "Counts the keys of the links in mails: one more makes a new key, and links that were mailed before stop working."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.act_key_version >= 1 && floor(var.act_key_version) == var.act_key_version
    error_message = "Give a whole number from 1."
  }
}

variable "processor_timeout_seconds" {
  description = "Timeout of the processor's function in its `stream` mode, in seconds, as its template has it: the queue hides a message for six times as long."
  type        = number
  default     = 30
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that the workspace's user is bounded by: an output of `account`. HCP Terraform's runs may make none without; empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.permissions_boundary_arn == "" || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$", var.permissions_boundary_arn))
    error_message = "Give the ARN of one policy, or nothing."
  }
}
