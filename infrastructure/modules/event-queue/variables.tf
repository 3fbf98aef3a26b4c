variable "name" {
  description = "Name of the queue without `.fifo`; the dead-letter queue and the alarms are named after it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,63}$", var.name))
    error_message = "Give a queue name of at most 63 letters, digits, hyphens and underscores; the module adds .fifo and -dead-letter.fifo, and SQS allows 80 characters."
  }
}

variable "consumer_timeout_seconds" {
  description = "Timeout of the function that reads the queue, in seconds. A message stays hidden from other readers for six times as long."
  type        = number
  nullable    = false

  validation {
    condition     = var.consumer_timeout_seconds >= 1 && var.consumer_timeout_seconds <= 900 && floor(var.consumer_timeout_seconds) == var.consumer_timeout_seconds
    error_message = "Give the function's timeout in whole seconds, from 1 to 900, the most Lambda allows."
  }
}

variable "max_receive_count" {
  description = "How often a message is handed out before it goes to the dead-letter queue."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.max_receive_count >= 2 && var.max_receive_count <= 1000 && floor(var.max_receive_count) == var.max_receive_count
    error_message = "Give a whole number from 2 to 1000: with 1, a single throttled invocation would be enough to lose a message to the dead-letter queue."
  }
}

variable "alert_topic_arn" {
  description = "ARN of the SNS topic that the two alarms write to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.alert_topic_arn))
    error_message = "Give the ARN of an SNS topic, as arn:aws:sns:REGION:ACCOUNT:NAME."
  }
}
