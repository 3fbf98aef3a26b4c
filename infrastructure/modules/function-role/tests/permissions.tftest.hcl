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
  function_name = "edge-analytics-dev-processor"
  permissions = {
    MailReport = {
      actions       = ["ses:SendEmail"]
      resources     = ["arn:aws:ses:eu-west-2:111122223333:identity/reports@example.com"]
      string_equals = { "ses:FromAddress" = "reports@example.com" }
    }
    TakeFromQueue = {
      actions   = ["sqs:DeleteMessage", "sqs:ReceiveMessage"]
      resources = ["arn:aws:sqs:eu-west-2:111122223333:events.fifo"]
    }
  }
}

run "the_role_is_lambdas_and_may_do_what_is_named" {
  command = plan

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.permissions.policy).Statement :
      statement.Sid => {
        effect    = statement.Effect
        actions   = toset(flatten([statement.Action]))
        resources = toset(flatten([statement.Resource]))
        condition = jsonencode(try(statement.Condition, null))
      }
      } == {
      WriteOwnLog = {
        effect    = "Allow"
        actions   = toset(["logs:CreateLogStream", "logs:PutLogEvents"])
        resources = toset(["arn:aws:logs:eu-west-2:111122223333:log-group:/aws/lambda/edge-analytics-dev-processor:*"])
        condition = "null"
      }
      MailReport = {
        effect    = "Allow"
        actions   = toset(["ses:SendEmail"])
        resources = toset(["arn:aws:ses:eu-west-2:111122223333:identity/reports@example.com"])
        condition = jsonencode({ StringEquals = { "ses:FromAddress" = "reports@example.com" } })
      }
      TakeFromQueue = {
        effect    = "Allow"
        actions   = toset(["sqs:DeleteMessage", "sqs:ReceiveMessage"])
        resources = toset(["arn:aws:sqs:eu-west-2:111122223333:events.fifo"])
        condition = "null"
      }
    }
    error_message = "The policy must hold exactly the named permissions and the function's own log."
  }

  assert {
    condition = jsondecode(aws_iam_role.function.assume_role_policy) == {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "RunAsFunction"
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "lambda.amazonaws.com" }
      }]
    }
    error_message = "The trust policy must name Lambda alone."
  }

  assert {
    condition     = aws_cloudwatch_log_group.function.name == "/aws/lambda/edge-analytics-dev-processor" && aws_cloudwatch_log_group.function.retention_in_days == 30
    error_message = "The log group must have Lambda's name for it and keep entries for 30 days."
  }
}
