# What one function may do: write its own log, and what its permissions name. Nothing by a managed policy.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # Written out rather than read from the log group: so a plan shows the whole policy before anything exists.
  log_group_name = "/aws/lambda/${var.function_name}"
  log_group_arn  = "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:log-group:${local.log_group_name}"
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "RunAsFunction"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_cloudwatch_log_group" "function" {
  # checkov:skip=CKV_AWS_158:CloudWatch encrypts with its own key for nothing; a key of our own is $1 a month, and logs hold no questions
  # checkov:skip=CKV_AWS_338:Logs hold identifiers of visits: they must not outlive the events, which live 90 days

  name              = local.log_group_name
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "function" {
  name               = var.function_name
  path               = "/edge-analytics/"
  assume_role_policy = data.aws_iam_policy_document.trust.json

  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}

data "aws_iam_policy_document" "permissions" {
  statement {
    sid       = "WriteOwnLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:*"]
  }

  dynamic "statement" {
    for_each = var.permissions

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = statement.value.string_equals

        content {
          test     = "StringEquals"
          variable = condition.key
          values   = [condition.value]
        }
      }

      dynamic "condition" {
        for_each = length(statement.value.leading_keys) > 0 ? [statement.value.leading_keys] : []

        content {
          test     = "ForAllValues:StringLike"
          variable = "dynamodb:LeadingKeys"
          values   = condition.value
        }
      }
    }
  }
}

resource "aws_iam_role_policy" "permissions" {
  name   = "permissions"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.permissions.json
}
