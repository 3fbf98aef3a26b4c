variable "name" {
  description = "Name of the dashboard."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,255}$", var.name))
    error_message = "Give a name of at most 255 letters, digits, hyphens and underscores."
  }
}

variable "region" {
  description = "Region of everything that is shown."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[1-9]$", var.region))
    error_message = "Give a Region by its code, as eu-west-2."
  }
}

variable "queue_name" {
  description = "Name of the event queue, with its `.fifo`."
  type        = string
  nullable    = false
}

variable "dead_letter_queue_name" {
  description = "Name of the events' dead-letter queue, with its `.fifo`."
  type        = string
  nullable    = false
}

variable "table_name" {
  description = "Name of the table."
  type        = string
  nullable    = false
}

variable "processor_function_name" {
  description = "Name of the processor's function."
  type        = string
  nullable    = false
}

variable "reporter_function_name" {
  description = "Name of the reporter's function."
  type        = string
  nullable    = false
}
