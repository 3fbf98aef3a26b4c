# Where the links in mails lead to. Without an address mails have none.

resource "aws_ssm_parameter" "worker_url" {
  # checkov:skip=CKV2_AWS_34:The address of a public page is not a secret

  count = var.worker_url == "" ? 0 : 1

  name        = "/edge-analytics/${var.environment}/worker-url"
  description = "Address of the Worker, for the links in mails."
  type        = "String"
  value       = var.worker_url
}
