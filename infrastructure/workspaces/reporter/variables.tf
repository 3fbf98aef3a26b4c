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

variable "report_sender" {
  description = "E-mail address that reports come from. Its owner gets a mail from SES with a link to follow before the first report."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^@\\s,;<>]+@[^@\\s,;<>]+\\.[^@\\s,;<>]+$", var.report_sender))
    error_message = "Give one plain e-mail address, as reports@example.com."
  }
}

variable "report_recipients" {
  description = "E-mail addresses that reports go to. Each gets a mail from SES with a link to follow, as an account in the SES sandbox reaches only such addresses."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.report_recipients) >= 1 && length(var.report_recipients) <= 50
    error_message = "Give 1 to 50 recipients: SES takes no more in one mail."
  }

  validation {
    condition     = length(var.report_recipients) == length(distinct(var.report_recipients))
    error_message = "Give each recipient once."
  }

  validation {
    condition     = alltrue([for address in var.report_recipients : can(regex("^[^@\\s,;<>]+@[^@\\s,;<>]+\\.[^@\\s,;<>]+$", address))])
    error_message = "Give plain e-mail addresses, as owner@example.com."
  }
}

variable "report_sites" {
  description = "Sites that reports are made for, by the names their events carry."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.report_sites) >= 1 && length(var.report_sites) == length(distinct(var.report_sites))
    error_message = "Give at least one site, and each once."
  }

  validation {
    condition     = alltrue([for site in var.report_sites : can(regex("^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$", site))])
    error_message = "Give sites as events name them: lower-case letters, digits, dots and hyphens, as demo.example.com."
  }
}

variable "report_time_zone" {
  description = "The owner's time zone by its IANA name, as Europe/London: the weeks of the report and the hour it comes at."
  type        = string
  nullable    = false
}

variable "worker_url" {
  description = "Address of the Worker, as https://edge-analytics.example.workers.dev: mails then have links to decide on gaps. Without it they have none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.worker_url == "" || can(regex("^https://[a-z0-9.-]+(:[0-9]+)?$", var.worker_url))
    error_message = "Give an https:// address without a path, as https://edge-analytics.example.workers.dev."
  }
}

variable "conversations_page" {
  description = "Whether a link of a report may show the newest conversations of its topic in a browser, to whoever knows the page's own secret. Without it, conversations are read on the owner's machine only."
  type        = bool
  default     = false
  nullable    = false
}

variable "report_channels" {
  description = "How the report leaves: `email` (SES, HTML and text), `sns` (text to a topic that the recipients are subscribed to), or both."
  type        = set(string)
  default     = ["email"]
  nullable    = false

  validation {
    condition     = length(var.report_channels) > 0 && length(setsubtract(var.report_channels, ["email", "sns"])) == 0
    error_message = "Give email, sns, or both."
  }
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

variable "create_identities" {
  description = "Whether sender and recipients become identities of SES here. Not where the account has them already: from its own workspace, from another environment, or made by hand."
  type        = bool
  default     = true
  nullable    = false
}
