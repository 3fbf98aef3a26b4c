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
  name               = "edge-analytics-prod-processor"
  environment        = "prod"
  github_environment = "prod"
  repository         = { owner = "example", owner_id = 1234567, name = "edge-analytics", id = 7654321 }
  oidc_provider_arn  = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
  function_role_arn  = "arn:aws:iam::111122223333:role/edge-analytics/edge-analytics-prod-processor"
}

run "a_workflow_changes_its_own_service_and_nothing_else" {
  command = plan

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.deploy.policy).Statement : statement if contains(flatten([statement.Resource]), "*") && !contains(["FindEventSource", "StopShifting"], statement.Sid)] == [{
      Sid      = "ChangeOwnEventSource"
      Effect   = "Allow"
      Action   = ["lambda:UpdateEventSourceMapping", "lambda:DeleteEventSourceMapping", "lambda:CreateEventSourceMapping"]
      Resource = "*"
      Condition = {
        ArnLike = {
          "lambda:FunctionArn" = [
            "arn:aws:lambda:eu-west-2:111122223333:function:edge-analytics-prod-processor",
            "arn:aws:lambda:eu-west-2:111122223333:function:edge-analytics-prod-processor:*",
          ]
        }
      }
    }]
    error_message = "Every other statement must name its resources."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.deploy.policy).Statement :
      statement.Condition.StringEquals["iam:PassedToService"] => statement.Resource if statement.Action == "iam:PassRole"
      } == {
      "lambda.amazonaws.com"     = "arn:aws:iam::111122223333:role/edge-analytics/edge-analytics-prod-processor"
      "codedeploy.amazonaws.com" = "arn:aws:iam::111122223333:role/edge-analytics/edge-analytics-prod-processor-traffic"
    }
    error_message = "Lambda must get the function's role and CodeDeploy its own, and no service any other."
  }

  assert {
    condition     = toset(regexall("iam:[A-Za-z]+", aws_iam_role_policy.deploy.policy)) == toset(["iam:PassRole", "iam:PassedToService"])
    error_message = "A workflow that changed roles or policies could give itself anything."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.deploy.policy).Statement : statement.Resource if contains(flatten([statement.Action]), "s3:PutObject")] == [
      "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-*/edge-analytics-prod-processor/*"
    ]
    error_message = "No service may write what another one, or another environment, deploys."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.deploy.policy).Statement : statement if contains(flatten([statement.Action]), "s3:ListBucketVersions")] == [{
      Sid       = "FindOldPackages"
      Effect    = "Allow"
      Action    = "s3:ListBucketVersions"
      Resource  = "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-*"
      Condition = { StringEquals = { "s3:prefix" = "edge-analytics-prod-processor/" } }
    }]
    error_message = "A release removes its own old packages and sees no others."
  }
}
