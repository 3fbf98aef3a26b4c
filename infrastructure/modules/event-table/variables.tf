variable "name" {
  description = "Name of the table."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.name))
    error_message = "Give a table name of 3 to 255 letters, digits, underscores, hyphens and dots."
  }
}

variable "read_capacity" {
  description = "Read capacity units. 25 is the whole of what a Region gives free."
  type        = number
  default     = 25
  nullable    = false

  validation {
    condition     = var.read_capacity >= 1 && var.read_capacity <= 25 && floor(var.read_capacity) == var.read_capacity
    error_message = "Give a whole number from 1 to 25: more than 25 read units in a Region are billed."
  }
}

variable "write_capacity" {
  description = "Write capacity units. 25 is the whole of what a Region gives free."
  type        = number
  default     = 25
  nullable    = false

  validation {
    condition     = var.write_capacity >= 1 && var.write_capacity <= 25 && floor(var.write_capacity) == var.write_capacity
    error_message = "Give a whole number from 1 to 25: more than 25 write units in a Region are billed."
  }
}

variable "deletion_protection" {
  description = "Whether the table refuses to be deleted. Off only for a stack that is to be thrown away."
  type        = bool
  default     = true
  nullable    = false
}
