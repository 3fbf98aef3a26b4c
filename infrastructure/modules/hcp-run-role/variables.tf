variable "organization" {
  description = "HCP Terraform organization that the runs belong to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,40}$", var.organization))
    error_message = "Give the organization's name in letters, digits, underscores and hyphens; a wildcard would let in other organizations."
  }
}

variable "project" {
  description = "HCP Terraform project that the workspace is in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_ -]{3,40}$", var.project))
    error_message = "Give the project's name in letters, digits, spaces, underscores and hyphens, without wildcards."
  }
}

variable "workspace" {
  description = "HCP Terraform workspace whose runs may assume the roles. They are named after it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,58}$", var.workspace))
    error_message = "Give the workspace's name in at most 58 letters, digits, underscores and hyphens; the module adds -apply, and IAM allows 64."
  }
}

variable "environment" {
  description = "Environment whose resources the workspace manages: `dev` or `prod`."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "Give dev or prod."
  }
}

variable "kinds" {
  description = "Kinds of resources that the workspace manages: alarms, dashboards, identities, logs, parameters, queues, roles, schedules, tables, topics, users."
  type        = set(string)
  nullable    = false

  validation {
    condition = length(var.kinds) > 0 && length(setsubtract(var.kinds, [
      "alarms", "dashboards", "identities", "logs", "parameters", "queues", "roles", "schedules", "tables", "topics", "users",
    ])) == 0
    error_message = "Give at least one of alarms, dashboards, identities, logs, parameters, queues, roles, schedules, tables, topics, users."
  }
}

variable "oidc_provider_arn" {
  description = "ARN of the account's identity provider for HCP Terraform."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/app\\.terraform\\.io$", var.oidc_provider_arn))
    error_message = "Give the ARN of the identity provider for app.terraform.io."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that every role and user made in a run must have as its permissions boundary."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$", var.permissions_boundary_arn))
    error_message = "Give the ARN of one policy, without wildcards."
  }
}
