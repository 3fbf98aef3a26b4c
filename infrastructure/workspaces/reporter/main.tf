# What the reporter needs around its code: the role it runs as, its log, its schedules, and the ways a report leaves.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  prefix        = "edge-analytics-${var.environment}"
  function_name = "${local.prefix}-reporter"

  # The function is deployed after this workspace, so its address is put together from its name.
  function_alias_arn = "arn:${data.aws_partition.current.partition}:lambda:${var.region}:${data.aws_caller_identity.current.account_id}:function:${local.function_name}:live"
}

module "reporter_role" {
  source = "../../modules/function-role"

  function_name = local.function_name

  permissions = {
    SummariseTable = {
      actions   = ["dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
      resources = [local.table_arn]
    }
    # In the sandbox SES asks for the permission on the recipients' identities too: the condition keeps
    # them from being senders. SES always gives the key; the emulator does not know it.
    MailReport = {
      actions                 = ["ses:SendEmail"]
      resources               = [for identity in aws_sesv2_email_identity.address : identity.arn]
      string_equals_if_exists = { "ses:FromAddress" = var.report_sender }
    }
    PublishReport = {
      actions   = ["sns:Publish"]
      resources = [aws_sns_topic.report.arn]
    }
    CountDeadLetters = {
      actions   = ["sqs:GetQueueAttributes"]
      resources = [local.dead_letter_queue_arn]
    }
    ReadUsage = {
      actions   = ["cloudwatch:GetMetricStatistics"]
      resources = ["*"]
    }
  }
}

module "report_schedule" {
  source = "../../modules/report-schedule"

  name               = "${local.prefix}-reports"
  function_alias_arn = local.function_alias_arn
  time_zone          = var.report_time_zone
}

# This workspace is applied last, when everything that the dashboard shows is there.
module "dashboard" {
  source = "../../modules/dashboard"

  name                    = local.prefix
  region                  = var.region
  queue_name              = local.queue_name
  dead_letter_queue_name  = local.dead_letter_queue_name
  table_name              = local.table_name
  processor_function_name = local.processor_function_name
  reporter_function_name  = local.function_name
}
