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

override_data {
  target = module.processor_role.data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = data.aws_ssm_parameter.apply_worker_workspace_first["queue-arn"]
  values = { insecure_value = "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events.fifo" }
}

override_data {
  target = data.aws_ssm_parameter.apply_worker_workspace_first["alert-topic-arn"]
  values = { insecure_value = "arn:aws:sns:eu-west-2:111122223333:edge-analytics-dev-alerts" }
}

run "it_publishes_what_is_listed_and_the_role_is_as_designed" {
  command = plan

  assert {
    condition = toset([for parameter in aws_ssm_parameter.published : parameter.name]) == toset([
      for parameter in jsondecode(file("${path.module}/../../parameters.json")) : "/edge-analytics/dev/${parameter.name}" if parameter.publisher == "processor"
    ])
    error_message = "The published parameters must be those of parameters.json."
  }

  assert {
    condition     = toset(keys(local.parameter_values)) == toset(keys(local.parameters))
    error_message = "Every value must have an entry in parameters.json."
  }

  assert {
    condition = {
      for statement in jsondecode(module.processor_role.policy).Statement :
      statement.Sid => {
        actions   = toset(flatten([statement.Action]))
        resources = toset(flatten([statement.Resource]))
      }
      } == {
      WriteOwnLog = {
        actions   = toset(["logs:CreateLogStream", "logs:PutLogEvents"])
        resources = toset(["arn:aws:logs:eu-west-2:111122223333:log-group:/aws/lambda/edge-analytics-dev-processor:*"])
      }
      TakeFromQueue = {
        actions   = toset(["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"])
        resources = toset(["arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events.fifo"])
      }
      MergeIntoTable = {
        actions   = toset(["dynamodb:UpdateItem"])
        resources = toset(["arn:aws:dynamodb:eu-west-2:111122223333:table/edge-analytics-dev-events"])
      }
    }
    error_message = "The processor's role must be exactly this."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.errors.metric_name == "Errors" &&
      aws_cloudwatch_metric_alarm.errors.dimensions == tomap({ FunctionName = "edge-analytics-dev-processor" }) &&
      aws_cloudwatch_metric_alarm.errors.threshold == 0 &&
      aws_cloudwatch_metric_alarm.errors.alarm_actions == toset(["arn:aws:sns:eu-west-2:111122223333:edge-analytics-dev-alerts"])
    )
    error_message = "More than no error must raise the alarm."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    # an unknown environment
    environment = "staging"
    # a region by its city
    region = "London"
  }

  expect_failures = [var.environment, var.region]
}
