provider "aws" {
  region                      = "eu-west-2"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

variables {
  organization      = "example"
  project           = "Default Project"
  workspace         = "edge-analytics-processor-dev"
  environment       = "dev"
  kinds             = ["tables"]
  oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/app.terraform.io"

  permissions_boundary_arn = "arn:aws:iam::111122223333:policy/edge-analytics/boundary/edge-analytics-dev-boundary"
}

run "an_apply_changes_what_the_workspace_manages_and_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.run["apply"].policy).Statement == [{
      Sid    = "Tables"
      Effect = "Allow"
      Action = [
        "dynamodb:UpdateTimeToLive",
        "dynamodb:UpdateTable",
        "dynamodb:UntagResource",
        "dynamodb:TagResource",
        "dynamodb:ListTagsOfResource",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DeleteTable",
        "dynamodb:CreateTable",
      ]
      Resource = "arn:aws:dynamodb:eu-west-2:111122223333:table/edge-analytics-dev-*"
    }]
    error_message = "A workspace that manages tables must get tables of its environment, and not their items."
  }
}

run "a_plan_only_reads" {
  command = plan

  variables {
    kinds = ["alarms", "dashboards", "identities", "logs", "parameters", "queues", "roles", "schedules", "tables", "topics", "users"]
  }

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_role_policy.run["plan"].policy).Statement : [
        for action in flatten([statement.Action]) : can(regex("^[a-z]+:(Describe|Get|List)[A-Za-z]+$", action))
      ]
    ]))
    error_message = "The plan's role may describe, get and list, and nothing else."
  }

  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_role_policy.run["apply"].policy).Statement : statement.Action if contains(flatten([statement.Resource]), "*")])) == toset([
      "logs:DescribeLogGroups", "sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Unsubscribe", "ssm:DescribeParameters",
    ])
    error_message = "Only actions that AWS does not scope may take every resource."
  }
}

run "a_plan_passes_no_role_on" {
  command = plan

  variables {
    kinds = ["schedules"]
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.run["plan"].policy, "iam:PassRole")
    error_message = "A plan must not pass roles."
  }

  assert {
    condition = one([for statement in jsondecode(aws_iam_role_policy.run["apply"].policy).Statement : statement if statement.Action == "iam:PassRole"]) == {
      Sid       = "RunSchedulesAsTheirRole"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "arn:aws:iam::111122223333:role/edge-analytics/edge-analytics-dev-*"
      Condition = { StringEquals = { "iam:PassedToService" = "scheduler.amazonaws.com" } }
    }
    error_message = "Roles must be passed to Scheduler alone."
  }
}

run "nothing_of_iam_is_made_or_given_permissions_outside_the_boundary" {
  command = plan

  variables {
    kinds = ["roles", "users"]
  }

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_role_policy.run["apply"].policy).Statement : [
        for action in flatten([statement.Action]) :
        try(statement.Condition, {}) == { StringEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::111122223333:policy/edge-analytics/boundary/edge-analytics-dev-boundary" } }
        if can(regex("^iam:(Create(Role|User)|Put.*|Attach.*)$", action))
      ]
    ]))
    error_message = "Without the boundary an apply could make itself an administrator."
  }

  assert {
    condition     = length(regexall("iam:(Delete(Role|User)PermissionsBoundary|CreatePolicyVersion|AttachRolePolicy|CreateAccessKey|PassRole)", aws_iam_role_policy.run["apply"].policy)) == 0
    error_message = "The boundary must not be removed, changed or gone around."
  }
}
