variable "region" {
  description = "AWS Region of the environments."
  type        = string
  default     = "eu-west-2"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[1-9]$", var.region))
    error_message = "Give a Region by its code, as eu-west-2."
  }
}

variable "environments" {
  description = "Environments that live in this account. Two of them share one free tier."
  type        = set(string)
  default     = ["dev"]
  nullable    = false

  validation {
    condition     = length(var.environments) > 0 && length(setsubtract(var.environments, ["dev", "prod"])) == 0
    error_message = "Give dev, prod, or both."
  }
}

variable "budget_email" {
  description = "E-mail address that is told of the first cent and the first dollar of a month."
  type        = string
  nullable    = false
}

variable "github_repository" {
  description = "The one GitHub repository whose workflows may deploy, by names and numbers, or null for none; `gh api repos/OWNER/NAME --jq '.id, .owner.id'` prints the numbers."
  type = object({
    owner    = string
    owner_id = number
    name     = string
    id       = number
  })
  default = null
}

variable "hcp_organization" {
  description = "HCP Terraform organization of the other workspaces, or null where their state is elsewhere."
  type        = string
  default     = null
}

variable "hcp_project" {
  description = "HCP Terraform project of the other workspaces."
  type        = string
  default     = "Default Project"
  nullable    = false
}

variable "mail_addresses" {
  description = "E-mail addresses that become identities of SES for all environments, which then set `create_identities = false`. Each gets a mail with a link to follow."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.mail_addresses : can(regex("^[^@\\s,;<>]+@[^@\\s,;<>]+\\.[^@\\s,;<>]+$", address))])
    error_message = "Give plain e-mail addresses, as owner@example.com."
  }
}
