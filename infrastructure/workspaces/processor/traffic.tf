# What CodeDeploy may do while it shifts the alias from one version to the next. Made here rather than by the template:
# so whoever deploys the function needs no right to make roles.

locals {
  traffic_role_name = "${local.function_name}-traffic"
  function_arn      = "arn:${data.aws_partition.current.partition}:lambda:${var.region}:${data.aws_caller_identity.current.account_id}:function:${local.function_name}"
}

data "aws_iam_policy_document" "traffic_trust" {
  statement {
    sid     = "RunAsCodeDeploy"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codedeploy.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "traffic" {
  # checkov:skip=CKV_AWS_356:CodeDeploy asks for the alarms of its group by name; a state is no secret

  statement {
    sid       = "ShiftAlias"
    actions   = ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"]
    resources = [local.function_arn, "${local.function_arn}:*"]
  }

  statement {
    sid       = "ReadAlarms"
    actions   = ["cloudwatch:DescribeAlarms"]
    resources = ["*"] # CodeDeploy asks for the alarms of its group by name; a state is no secret
  }
}

resource "aws_iam_role" "traffic" {
  name               = local.traffic_role_name
  path               = "/edge-analytics/"
  assume_role_policy = data.aws_iam_policy_document.traffic_trust.json

  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "traffic" {
  name   = "permissions"
  role   = aws_iam_role.traffic.id
  policy = data.aws_iam_policy_document.traffic.json
}
