variable "name" {
  description = "What the two budgets' names begin with."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,80}$", var.name))
    error_message = "Give a name of at most 80 letters, digits, hyphens and underscores."
  }
}

variable "email_addresses" {
  description = "Addresses that the budgets' notices are mailed to."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.email_addresses) >= 1 && length(var.email_addresses) <= 10
    error_message = "Give 1 to 10 e-mail addresses: a budget takes no more."
  }

  validation {
    condition     = alltrue([for address in var.email_addresses : can(regex("^[^@\\s,;<>]+@[^@\\s,;<>]+\\.[^@\\s,;<>]+$", address))])
    error_message = "Give plain e-mail addresses, as owner@example.com."
  }
}
