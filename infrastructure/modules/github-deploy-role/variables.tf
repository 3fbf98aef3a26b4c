variable "name" {
  description = "Name of the service's stack, which is also its function's. The role is named after it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{0,56}$", var.name))
    error_message = "Give a stack name of at most 57 letters, digits and hyphens that begins with a letter; the module adds -deploy, and IAM allows 64."
  }
}

variable "environment" {
  description = "Environment whose published parameters the service's template reads: `dev` or `prod`."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "Give dev or prod."
  }
}

variable "github_environment" {
  description = "GitHub environment that the workflow's job must run in. Its protection rules decide who may deploy, and from which branch it gets its secrets."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{1,255}$", var.github_environment))
    error_message = "Give the name of one GitHub environment in letters, digits, underscores, dots and hyphens; a wildcard would let every branch deploy."
  }
}

variable "branch" {
  description = "The one branch from which may be deployed."
  type        = string
  default     = "main"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}$", var.branch))
    error_message = "Give the name of one branch, as main, without refs/heads/ and without wildcards."
  }
}

variable "repository" {
  description = "The one GitHub repository whose workflow may deploy, by names and numbers; `gh api repos/OWNER/NAME --jq '.id, .owner.id'` prints the numbers."
  type = object({
    owner    = string
    owner_id = number
    name     = string
    id       = number
  })
  nullable = false

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,39}$", var.repository.owner)) && can(regex("^[A-Za-z0-9_.-]{1,100}$", var.repository.name))
    error_message = "Give the owner's and the repository's names as GitHub shows them, without slashes or wildcards."
  }

  validation {
    condition     = alltrue([for id in [var.repository.owner_id, var.repository.id] : try(id >= 1 && floor(id) == id, false)])
    error_message = "Give the owner's and the repository's numeric ids; `gh api repos/OWNER/NAME --jq '.id, .owner.id'` prints them."
  }
}

variable "oidc_provider_arn" {
  description = "ARN of the account's identity provider for GitHub Actions."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.oidc_provider_arn))
    error_message = "Give the ARN of the identity provider for token.actions.githubusercontent.com."
  }
}

variable "function_role_arn" {
  description = "ARN of the one role that the service's function runs as."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", var.function_role_arn))
    error_message = "Give the ARN of one role, without wildcards."
  }
}
