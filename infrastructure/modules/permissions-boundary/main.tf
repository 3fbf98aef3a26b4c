# The most that any role or user of an environment may ever do, whatever its own policies say: it works on the
# environment's own queues, table, logs, topics and functions, and has no access to IAM.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  place     = "${data.aws_region.current.id}:${local.account}"
  prefix    = "edge-analytics-${var.environment}"

  # Written out: the roles that have to use it are described before it exists.
  name = "${local.prefix}-boundary"
  path = "/edge-analytics/boundary/"
  arn  = "arn:${local.partition}:iam::${local.account}:policy${local.path}${local.name}"
}

data "aws_iam_policy_document" "boundary" {
  # checkov:skip=CKV_AWS_356:CloudWatch reads metrics of no single resource, and alarms are asked for by name; neither is a secret

  statement {
    sid       = "Queues"
    actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"]
    resources = ["arn:${local.partition}:sqs:${local.place}:${local.prefix}-*"]
  }

  statement {
    sid       = "Table"
    actions   = ["dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
    resources = ["arn:${local.partition}:dynamodb:${local.place}:table/${local.prefix}-*"]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:${local.place}:log-group:/aws/lambda/${local.prefix}-*:*"]
  }

  statement {
    sid       = "Topics"
    actions   = ["sns:Publish"]
    resources = ["arn:${local.partition}:sns:${local.place}:${local.prefix}-*"]
  }

  statement {
    sid       = "Mail"
    actions   = ["ses:SendEmail", "ses:SendRawEmail"]
    resources = ["arn:${local.partition}:ses:${local.place}:identity/*"]
  }

  statement {
    sid       = "Parameters"
    actions   = ["ssm:GetParameter", "ssm:GetParameters"]
    resources = ["arn:${local.partition}:ssm:${local.place}:parameter/edge-analytics/${var.environment}/*"]
  }

  statement {
    sid     = "Functions"
    actions = ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:InvokeFunction", "lambda:UpdateAlias"]
    resources = [
      "arn:${local.partition}:lambda:${local.place}:function:${local.prefix}-*",
    ]
  }

  statement {
    sid       = "Stacks"
    actions   = ["cloudformation:DescribeStackEvents"]
    resources = ["arn:${local.partition}:cloudformation:${local.place}:stack/${local.prefix}-*"]
  }

  statement {
    sid       = "Metrics"
    actions   = ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "boundary" {
  name        = local.name
  path        = local.path
  description = "The most that a role or user of ${local.prefix} may do."
  policy      = data.aws_iam_policy_document.boundary.json
}
