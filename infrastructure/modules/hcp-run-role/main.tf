# What HCP Terraform may do in runs of one workspace: a plan only reads, an apply also writes, each as a role of its own.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  place     = "${data.aws_region.current.id}:${local.account}"
  prefix    = "edge-analytics-${var.environment}"
  issuer    = "app.terraform.io"

  # What Terraform's provider calls for each kind of resource. Everything of an environment is named by its prefix.
  kinds = {
    alarms = {
      resources = ["arn:${local.partition}:cloudwatch:${local.place}:alarm:${local.prefix}-*"]
      read      = ["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"]
      write     = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"]
    }
    dashboards = {
      resources = ["arn:${local.partition}:cloudwatch::${local.account}:dashboard/${local.prefix}*"]
      read      = ["cloudwatch:GetDashboard"]
      write     = ["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"]
    }
    identities = {
      resources = ["arn:${local.partition}:ses:${local.place}:identity/*"]
      read      = ["ses:GetEmailIdentity", "ses:ListTagsForResource"]
      write     = ["ses:CreateEmailIdentity", "ses:DeleteEmailIdentity", "ses:TagResource", "ses:UntagResource"]
    }
    logs = {
      resources = ["arn:${local.partition}:logs:${local.place}:log-group:/aws/lambda/${local.prefix}-*"]
      read      = ["logs:ListTagsForResource", "logs:ListTagsLogGroup"]
      write     = ["logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteRetentionPolicy", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource"]
    }
    parameters = {
      resources = ["arn:${local.partition}:ssm:${local.place}:parameter/edge-analytics/${var.environment}/*"]
      read      = ["ssm:GetParameter", "ssm:GetParameters", "ssm:ListTagsForResource"]
      write     = ["ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:PutParameter", "ssm:RemoveTagsFromResource"]
    }
    queues = {
      resources = ["arn:${local.partition}:sqs:${local.place}:${local.prefix}-*"]
      read      = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"]
      write     = ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"]
    }
    roles = {
      resources = ["arn:${local.partition}:iam::${local.account}:role/edge-analytics/${local.prefix}-*"]
      read      = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies"]
      write     = ["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole"]
      bounded   = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
    }
    schedules = {
      resources = ["arn:${local.partition}:scheduler:${local.place}:schedule/${local.prefix}-*/*", "arn:${local.partition}:scheduler:${local.place}:schedule-group/${local.prefix}-*"]
      read      = ["scheduler:GetSchedule", "scheduler:GetScheduleGroup", "scheduler:ListTagsForResource"]
      write     = ["scheduler:CreateSchedule", "scheduler:CreateScheduleGroup", "scheduler:DeleteSchedule", "scheduler:DeleteScheduleGroup", "scheduler:TagResource", "scheduler:UntagResource", "scheduler:UpdateSchedule"]
    }
    tables = {
      resources = ["arn:${local.partition}:dynamodb:${local.place}:table/${local.prefix}-*"]
      read      = ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:ListTagsOfResource"]
      write     = ["dynamodb:CreateTable", "dynamodb:DeleteTable", "dynamodb:TagResource", "dynamodb:UntagResource", "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive"]
    }
    topics = {
      resources = ["arn:${local.partition}:sns:${local.place}:${local.prefix}-*"]
      read      = ["sns:GetTopicAttributes", "sns:ListTagsForResource"]
      write     = ["sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:UntagResource"]
    }
    users = {
      resources = ["arn:${local.partition}:iam::${local.account}:user/edge-analytics/${local.prefix}-*"]
      read      = ["iam:GetUser", "iam:GetUserPolicy", "iam:ListGroupsForUser"]
      write     = ["iam:DeleteUser", "iam:DeleteUserPolicy", "iam:TagUser", "iam:UntagUser", "iam:UpdateUser"]
      bounded   = ["iam:CreateUser", "iam:PutUserPermissionsBoundary", "iam:PutUserPolicy"]
    }
  }

  # What AWS grants on everything or not at all.
  unscoped = {
    logs       = { read = ["logs:DescribeLogGroups"], write = [] }
    parameters = { read = ["ssm:DescribeParameters"], write = [] }
    topics     = { read = ["sns:GetSubscriptionAttributes"], write = ["sns:SetSubscriptionAttributes", "sns:Unsubscribe"] }
  }

  phases = {
    plan  = ["read"]
    apply = ["read", "write"]
  }

  unscoped_actions = {
    for phase, accesses in local.phases : phase => flatten([
      for kind, actions in local.unscoped : [for access in accesses : actions[access]] if contains(var.kinds, kind)
    ])
  }
}

data "aws_iam_policy_document" "trust" {
  for_each = local.phases

  statement {
    sid     = "RunOfThisWorkspace"
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [var.oidc_provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["aws.workload.identity"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = ["organization:${var.organization}:project:${var.project}:workspace:${var.workspace}:run_phase:${each.key}"]
    }
  }
}

data "aws_iam_policy_document" "run" {
  for_each = local.phases

  dynamic "statement" {
    for_each = var.kinds

    content {
      sid       = title(statement.key)
      actions   = flatten([for access in each.value : local.kinds[statement.key][access]])
      resources = local.kinds[statement.key].resources
    }
  }

  dynamic "statement" {
    for_each = length(local.unscoped_actions[each.key]) > 0 ? [local.unscoped_actions[each.key]] : []

    content {
      sid       = "WithoutResource"
      actions   = statement.value
      resources = ["*"]
    }
  }

  # A run that may write policies could give itself anything, were it not for the boundary.
  dynamic "statement" {
    for_each = { for kind in var.kinds : kind => local.kinds[kind] if each.key == "apply" && contains(keys(local.kinds[kind]), "bounded") }

    content {
      sid       = "${title(statement.key)}WithinBoundary"
      actions   = statement.value.bounded
      resources = statement.value.resources

      condition {
        test     = "StringEquals"
        variable = "iam:PermissionsBoundary"
        values   = [var.permissions_boundary_arn]
      }
    }
  }

  dynamic "statement" {
    for_each = each.key == "apply" && contains(var.kinds, "schedules") ? ["schedules"] : []

    content {
      sid       = "RunSchedulesAsTheirRole"
      actions   = ["iam:PassRole"]
      resources = local.kinds.roles.resources

      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = ["scheduler.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role" "run" {
  for_each = local.phases

  name                 = "${var.workspace}-${each.key}"
  path                 = "/edge-analytics/hcp-terraform/"
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "run" {
  for_each = local.phases

  name   = "run"
  role   = aws_iam_role.run[each.key].id
  policy = data.aws_iam_policy_document.run[each.key].json
}
