# What the reporter needs around its code: the role it runs as, its log, its schedules, and the ways a report leaves.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  prefix        = "edge-analytics-${var.environment}"
  function_name = "${local.prefix}-reporter"

  # Functions, and the stacks that deploy them, have the same names.
  function_names = [local.processor_function_name, local.function_name]

  # Written out: the function is deployed after this workspace, and with the others in it
  # a plan shows the whole role before anything exists.
  partition          = data.aws_partition.current.partition
  place              = "${var.region}:${data.aws_caller_identity.current.account_id}"
  function_alias_arn = "arn:${local.partition}:lambda:${local.place}:function:${local.function_name}:live"
  identity_arns      = [for address in local.addresses : "arn:${local.partition}:ses:${local.place}:identity/${address}"]
  private_setting_arns = [
    for name in ["act-key", "conversations-user-name", "report-webhook", "worker-url"] :
    "arn:${local.partition}:ssm:${local.place}:parameter/edge-analytics/${var.environment}/${name}"
  ]
  report_topic_arn = "arn:${local.partition}:sns:${local.place}:${local.report_topic_name}"
}

module "reporter_role" {
  source = "../../modules/function-role"

  function_name            = local.function_name
  permissions_boundary_arn = var.permissions_boundary_arn

  permissions = {
    SummariseTable = {
      actions   = ["dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
      resources = [local.table_arn]
    }
    # What is derived can be derived again, or has served its purpose; an exchange is deleted by its expiry alone.
    ForgetDerived = {
      actions      = ["dynamodb:DeleteItem"]
      resources    = [local.table_arn]
      leading_keys = ["site#*#changed", "site#*#topics"]
    }
    # In the sandbox SES asks for the permission on the recipients' identities too: the condition keeps
    # them from being senders.
    MailReport = {
      actions       = ["ses:SendEmail", "ses:SendRawEmail"] # the second one for a mail with an attachment
      resources     = local.identity_arns
      string_equals = { "ses:FromAddress" = var.report_sender }
    }
    PublishReport = {
      actions   = ["sns:Publish"]
      resources = [local.report_topic_arn]
    }
    # Lambda does so as the function, when a run and its repetitions have failed.
    TellOfFailures = {
      actions   = ["sns:Publish"]
      resources = [local.alert_topic_arn]
    }
    CountDeadLetters = {
      actions   = ["sqs:GetQueueAttributes"]
      resources = [local.dead_letter_queue_arn]
    }
    ReadPrivateSettings = {
      actions   = ["ssm:GetParameters"]
      resources = local.private_setting_arns
    }
    ReadUsage = {
      actions   = ["cloudwatch:GetMetricStatistics"]
      resources = ["*"]
    }
    # Names and times of log streams, not what is in them: each execution environment has a stream.
    CountColdStarts = {
      actions   = ["logs:DescribeLogStreams"]
      resources = [for name in local.function_names : "arn:${local.partition}:logs:${local.place}:log-group:/aws/lambda/${name}:*"]
    }
    CountDeployments = {
      actions   = ["cloudformation:DescribeStackEvents"]
      resources = [for name in local.function_names : "arn:${local.partition}:cloudformation:${local.place}:stack/${name}/*"]
    }
  }
}

module "report_schedule" {
  source = "../../modules/report-schedule"

  name               = "${local.prefix}-reports"
  function_alias_arn = local.function_alias_arn
  time_zone          = var.report_time_zone

  permissions_boundary_arn = var.permissions_boundary_arn
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
