# The ways a report leaves. Owners of addresses have to agree: SES and SNS mail each of them a link.

locals {
  addresses         = setunion([var.report_sender], var.report_recipients)
  report_topic_name = "${local.prefix}-report"
}

# In the SES sandbox recipients are checked as senders are, so all of them are identities. An account has each address
# once: a second environment, or one whose account has them already, makes none.
resource "aws_sesv2_email_identity" "address" {
  for_each = var.create_identities ? local.addresses : []

  email_identity = each.value
}

resource "aws_sns_topic" "report" {
  # checkov:skip=CKV_AWS_26:The topic keeps nothing: it hands the report on as plain e-mail at once

  name = local.report_topic_name
}

resource "aws_sns_topic_subscription" "report" {
  for_each = contains(var.report_channels, "sns") ? toset(var.report_recipients) : []

  topic_arn = aws_sns_topic.report.arn
  protocol  = "email"
  endpoint  = each.value
}
