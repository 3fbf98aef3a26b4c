variable "function_name" {
  description = "Name of the function. The role and the log group are named after it; the function need not exist."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.function_name))
    error_message = "Give a function name of at most 64 letters, digits, hyphens and underscores."
  }
}

variable "permissions" {
  description = "What the function may do besides writing its log: by statement id, the actions, the resources and, where needed, condition keys with the one value each must have, or patterns of the partition keys in a table."
  type = map(object({
    actions       = set(string)
    resources     = set(string)
    string_equals = optional(map(string), {})
    leading_keys  = optional(set(string), [])
  }))
  nullable = false

  validation {
    condition     = alltrue([for id in keys(var.permissions) : can(regex("^[A-Za-z0-9]+$", id))])
    error_message = "Name each permission with letters and digits only: IAM takes the name as statement id."
  }

  validation {
    condition     = alltrue(flatten([for permission in var.permissions : [for action in permission.actions : can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action))]]))
    error_message = "Name each action in full, as sqs:ReceiveMessage: wildcards would grant what the function does not use."
  }

  validation {
    condition = alltrue(flatten([
      for permission in var.permissions : [
        for resource in permission.resources :
        can(regex("^arn:[a-z-]+:[a-z0-9-]+:[^*?]+$", resource)) ||
        can(regex("^arn:[a-z-]+:(cloudformation:[^*?]+:stack/[^*?/]+/|logs:[^*?]+:log-group:[^*?:]+:)\\*$", resource)) ||
        (resource == "*" && permission.actions == toset(["cloudwatch:GetMetricStatistics"]))
      ]
    ]))
    error_message = "Name each resource by its whole ARN. A stack ends in /*, as CloudFormation gives it an id, a log group in :*, for its streams. Only cloudwatch:GetMetricStatistics, by itself, takes *: it knows no resources."
  }
}

variable "log_retention_days" {
  description = "Days after which the function's log entries are deleted."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90], var.log_retention_days)
    error_message = "Give 1, 3, 5, 7, 14, 30, 60 or 90 days: CloudWatch knows no others up to 90, and events themselves live 90 days."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the role's permissions boundary; empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.permissions_boundary_arn == "" || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$", var.permissions_boundary_arn))
    error_message = "Give the ARN of one policy, or nothing."
  }
}
