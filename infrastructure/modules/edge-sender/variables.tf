variable "name" {
  description = "Name of the IAM user."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.name))
    error_message = "Give a user name of at most 64 letters, digits and + = , . @ _ -."
  }
}

variable "queue_arn" {
  description = "ARN of the one queue the user may send to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+(\\.fifo)?$", var.queue_arn))
    error_message = "Give the ARN of one queue, without wildcards, as arn:aws:sqs:REGION:ACCOUNT:NAME."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the user's permissions boundary; empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.permissions_boundary_arn == "" || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$", var.permissions_boundary_arn))
    error_message = "Give the ARN of one policy, or nothing."
  }
}
