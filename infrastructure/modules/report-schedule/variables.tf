variable "name" {
  description = "Name of the schedule group and the role; the dead-letter queue is named after it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "Give a name of at most 64 letters, digits, hyphens and underscores."
  }
}

variable "function_alias_arn" {
  description = "ARN of the alias that the schedules invoke. It need not exist yet."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+$", var.function_alias_arn))
    error_message = "Give the ARN of an alias, as arn:aws:lambda:REGION:ACCOUNT:function:NAME:ALIAS: without the alias a half-deployed version would be invoked."
  }
}

variable "time_zone" {
  description = "The owner's time zone by its IANA name, as Europe/London."
  type        = string
  nullable    = false

  validation {
    condition     = contains(jsondecode(file("${path.module}/time-zones.json")), var.time_zone)
    error_message = "Give a time zone as the IANA database names it, area and city, as Europe/London or America/New_York, or UTC. Abbreviations and offsets do not follow summer time."
  }
}

variable "report_weekday" {
  description = "Day of the weekly report."
  type        = string
  default     = "MON"
  nullable    = false

  validation {
    condition     = contains(["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"], var.report_weekday)
    error_message = "Give the day by its first three letters in capitals, as MON."
  }
}

variable "report_hour" {
  description = "Hour of the weekly report on the owner's clock. The daily task runs at half past four."
  type        = number
  default     = 8
  nullable    = false

  validation {
    condition     = var.report_hour >= 5 && var.report_hour <= 23 && floor(var.report_hour) == var.report_hour
    error_message = "Give a whole hour from 5 to 23: the report needs what the daily task makes at half past four."
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
