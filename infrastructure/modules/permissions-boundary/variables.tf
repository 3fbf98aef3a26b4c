variable "environment" {
  description = "Environment whose roles and users it bounds: `dev` or `prod`."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "Give dev or prod."
  }
}
