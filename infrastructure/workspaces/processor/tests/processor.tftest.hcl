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

run "it_publishes_what_is_listed_for_it" {
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
}

run "the_processor_may_take_from_the_queue_and_update_the_table" {
  command = plan

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
}

run "an_error_of_the_processor_raises_an_alarm" {
  command = plan

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

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environment = "staging"
  }

  expect_failures = [var.environment]
}

run "a_region_by_its_city_is_refused" {
  command = plan

  variables {
    region = "London"
  }

  expect_failures = [var.region]
}
