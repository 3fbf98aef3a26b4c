variable "name" {
  description = "Name of the topic; the silence alarm is named after it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,200}$", var.name))
    error_message = "Give a topic name of at most 200 letters, digits, hyphens and underscores."
  }
}

variable "email_addresses" {
  description = "Addresses that alarms are mailed to. Each must confirm its subscription."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.email_addresses) > 0
    error_message = "Give at least one e-mail address: an alarm that nobody hears is none."
  }

  validation {
    condition     = alltrue([for address in var.email_addresses : can(regex("^[^@\\s,;<>]+@[^@\\s,;<>]+\\.[^@\\s,;<>]+$", address))])
    error_message = "Give plain e-mail addresses, as owner@example.com."
  }
}

variable "queue_name" {
  description = "Name of the queue whose silence is watched, with its `.fifo`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,75}(\\.fifo)?$", var.queue_name))
    error_message = "Give the name of an SQS queue, not its URL or ARN."
  }
}
