# What a service's workflow may do on GitHub's word: deploy its own stack, and through it its own function.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  place     = "${data.aws_region.current.id}:${local.account}"
  issuer    = "token.actions.githubusercontent.com"

  # Repositories made, renamed or moved after 2026-07-15 are named with their numbers, which nobody can take over;
  # older ones are named without.
  repository_names = [
    "${var.repository.owner}/${var.repository.name}",
    "${var.repository.owner}@${var.repository.owner_id}/${var.repository.name}@${var.repository.id}",
  ]

  parameters_arn = "arn:${local.partition}:ssm:${local.place}:parameter/edge-analytics/${var.environment}"

  function_arn = "arn:${local.partition}:lambda:${local.place}:function:${var.name}"

  # SAM keeps what it uploads in a bucket that it makes once for an account and Region.
  sam_stack      = "arn:${local.partition}:cloudformation:${local.place}:stack/aws-sam-cli-managed-default/*"
  sam_bucket     = "arn:${local.partition}:s3:::aws-sam-cli-managed-default-samclisourcebucket-*"
  sam_transform  = "arn:${local.partition}:cloudformation:${data.aws_region.current.id}:aws:transform/Serverless-2016-10-31"
  codedeploy_arn = "arn:${local.partition}:codedeploy:${local.place}"
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "WorkflowOfThisRepository"
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [var.oidc_provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = [for repository in local.repository_names : "repo:${repository}:environment:${var.github_environment}"]
    }

    # `sub` names the environment in the place of the branch, and an environment lets every branch in unless it is
    # told otherwise. AWS reads this claim since February 2026.
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:ref"
      values   = ["refs/heads/${var.branch}"]
    }
  }
}

data "aws_iam_policy_document" "deploy" {
  statement {
    sid       = "ReadPublishedParameters"
    actions   = ["ssm:GetParameters", "ssm:GetParametersByPath"]
    resources = [local.parameters_arn, "${local.parameters_arn}/*"]
  }

  statement {
    sid = "ChangeOwnStack"
    actions = [
      "cloudformation:CreateChangeSet",
      "cloudformation:DeleteChangeSet",
      "cloudformation:DeleteStack",
      "cloudformation:DescribeChangeSet",
      "cloudformation:DescribeStackEvents",
      "cloudformation:DescribeStackResources",
      "cloudformation:DescribeStacks",
      "cloudformation:ExecuteChangeSet",
      "cloudformation:GetTemplate",
      "cloudformation:GetTemplateSummary",
    ]
    resources = ["arn:${local.partition}:cloudformation:${local.place}:stack/${var.name}/*"]
  }

  statement {
    sid       = "UseSamTransform"
    actions   = ["cloudformation:CreateChangeSet"]
    resources = [local.sam_transform]
  }

  statement {
    sid       = "FindSamBucket"
    actions   = ["cloudformation:DescribeStacks"]
    resources = [local.sam_stack]
  }

  statement {
    sid     = "KeepPackages"
    actions = ["s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject"]
    # The names are hashes of the content, which anybody can compute: no service may write what another one deploys.
    resources = ["${local.sam_bucket}/${var.name}/*"]
  }

  statement {
    sid       = "FindOldPackages"
    actions   = ["s3:ListBucketVersions"]
    resources = [local.sam_bucket]

    condition {
      test     = "StringEquals"
      variable = "s3:prefix"
      values   = ["${var.name}/"]
    }
  }

  statement {
    sid = "ChangeOwnFunction"
    actions = [
      "lambda:AddPermission",
      "lambda:CreateAlias",
      "lambda:CreateFunction",
      "lambda:DeleteAlias",
      "lambda:DeleteFunction",
      "lambda:DeleteFunctionEventInvokeConfig",
      "lambda:GetAlias",
      "lambda:GetFunction",
      "lambda:GetFunctionCodeSigningConfig",
      "lambda:GetFunctionConfiguration",
      "lambda:GetFunctionEventInvokeConfig",
      "lambda:GetFunctionRecursionConfig",
      "lambda:GetFunctionScalingConfig",
      "lambda:GetPolicy",
      "lambda:GetProvisionedConcurrencyConfig",
      "lambda:GetRuntimeManagementConfig",
      "lambda:ListAliases",
      "lambda:ListTags",
      "lambda:ListVersionsByFunction",
      "lambda:PublishVersion",
      "lambda:PutFunctionEventInvokeConfig",
      "lambda:RemovePermission",
      "lambda:TagResource",
      "lambda:UntagResource",
      "lambda:UpdateAlias",
      "lambda:UpdateFunctionCode",
      "lambda:UpdateFunctionConfiguration",
      "lambda:UpdateFunctionEventInvokeConfig",
    ]
    resources = [local.function_arn, "${local.function_arn}:*"]
  }

  statement {
    sid       = "TestOwnFunction"
    actions   = ["lambda:InvokeFunction"]
    resources = ["${local.function_arn}:live"]
  }

  statement {
    sid       = "RunFunctionAsItsRole"
    actions   = ["iam:PassRole"]
    resources = [var.function_role_arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["lambda.amazonaws.com"]
    }
  }

  # Mappings and rules get names that cannot be foreseen; which function they serve can.
  statement {
    sid = "ChangeOwnEventSource"
    actions = [
      "lambda:CreateEventSourceMapping",
      "lambda:DeleteEventSourceMapping",
      "lambda:UpdateEventSourceMapping",
    ]
    resources = ["*"]

    condition {
      test     = "ArnLike"
      variable = "lambda:FunctionArn"
      values   = [local.function_arn, "${local.function_arn}:*"]
    }
  }

  statement {
    sid       = "FindEventSource"
    actions   = ["lambda:ListEventSourceMappings"]
    resources = ["*"] # AWS scopes it to nothing
  }

  statement {
    sid       = "ReadEventSources"
    actions   = ["lambda:GetEventSourceMapping", "lambda:ListTags", "lambda:TagResource", "lambda:UntagResource"]
    resources = ["arn:${local.partition}:lambda:${local.place}:event-source-mapping:*"]
  }

  statement {
    sid = "ChangeOwnSchedule"
    actions = [
      "events:DeleteRule",
      "events:DescribeRule",
      "events:EnableRule",
      "events:ListTagsForResource",
      "events:ListTargetsByRule",
      "events:PutRule",
      "events:PutTargets",
      "events:RemoveTargets",
      "events:TagResource",
      "events:UntagResource",
    ]
    resources = ["arn:${local.partition}:events:${local.place}:rule/${var.name}-*"]
  }

  statement {
    sid = "ShiftTrafficGradually"
    actions = [
      "codedeploy:CreateApplication",
      "codedeploy:CreateDeployment",
      "codedeploy:CreateDeploymentGroup",
      "codedeploy:DeleteApplication",
      "codedeploy:DeleteDeploymentGroup",
      "codedeploy:GetApplication",
      "codedeploy:GetApplicationRevision",
      "codedeploy:GetDeployment",
      "codedeploy:GetDeploymentConfig",
      "codedeploy:GetDeploymentGroup",
      "codedeploy:ListTagsForResource",
      "codedeploy:RegisterApplicationRevision",
      "codedeploy:TagResource",
      "codedeploy:UntagResource",
      "codedeploy:UpdateDeploymentGroup",
    ]
    resources = [
      "${local.codedeploy_arn}:application:${var.name}-*",
      "${local.codedeploy_arn}:deploymentgroup:${var.name}-*",
      "${local.codedeploy_arn}:deploymentconfig:*",
    ]
  }

  statement {
    sid       = "StopShifting"
    actions   = ["codedeploy:StopDeployment"]
    resources = ["*"] # AWS scopes it to nothing; the ids of deployments are random
  }

  statement {
    sid = "WatchNewVersion"
    actions = [
      "cloudwatch:DeleteAlarms",
      "cloudwatch:DescribeAlarms",
      "cloudwatch:ListTagsForResource",
      "cloudwatch:PutMetricAlarm",
      "cloudwatch:TagResource",
      "cloudwatch:UntagResource",
    ]
    resources = ["arn:${local.partition}:cloudwatch:${local.place}:alarm:${var.name}-canary-errors"]
  }

  statement {
    sid       = "ShiftTrafficAsItsRole"
    actions   = ["iam:PassRole"]
    resources = ["${var.function_role_arn}-traffic"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["codedeploy.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "deploy" {
  # A path of its own: the roles of an environment are Terraform's to change, those that deploy into it are not.
  name                 = "${var.name}-deploy"
  path                 = "/edge-analytics/github/"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "deploy" {
  name   = "deploy"
  role   = aws_iam_role.deploy.id
  policy = data.aws_iam_policy_document.deploy.json
}
