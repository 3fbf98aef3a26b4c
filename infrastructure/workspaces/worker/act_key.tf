# The key of the links in mails: random, different in each environment, and in no plan and no state.

resource "aws_ssm_parameter" "act_key" {
  # checkov:skip=CKV_AWS_337:AWS's own key encrypts it for nothing; a key of our own is $1 a month

  name        = "/edge-analytics/${var.environment}/act-key"
  description = "Key that the reporter signs the links of its mails with and the Worker checks them by."
  type        = "SecureString"

  # Write-only: sent to AWS when the version changes, and kept nowhere else.
  value_wo         = "${uuid()}${uuid()}"
  value_wo_version = var.act_key_version
}
