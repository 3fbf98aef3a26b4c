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
  name            = "edge-analytics-dev-alerts"
  email_addresses = ["owner@example.com"]
  queue_name      = "edge-analytics-dev-events.fifo"
}

run "alarms_may_write_and_silence_is_one_of_them" {
  command = plan

  assert {
    condition = jsondecode(aws_sns_topic_policy.publish.policy) == {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "AlarmsOfThisAccount"
        Effect    = "Allow"
        Action    = "sns:Publish"
        Resource  = "arn:aws:sns:eu-west-2:111122223333:edge-analytics-dev-alerts"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" } }
      }]
    }
    error_message = "The topic's policy must be this one statement."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.silence.metric_name == "NumberOfMessagesSent" &&
      aws_cloudwatch_metric_alarm.silence.dimensions == tomap({ QueueName = "edge-analytics-dev-events.fifo" }) &&
      aws_cloudwatch_metric_alarm.silence.comparison_operator == "LessThanThreshold" &&
      aws_cloudwatch_metric_alarm.silence.threshold == 1 &&
      aws_cloudwatch_metric_alarm.silence.period * aws_cloudwatch_metric_alarm.silence.evaluation_periods == 86400
    )
    error_message = "Less than one message sent in 24 hours must raise the alarm."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.silence.treat_missing_data == "breaching"
    error_message = "SQS reports nothing on an unused queue: that must count as silence."
  }
}

run "every_address_is_subscribed" {
  command = plan

  variables {
    email_addresses = ["owner@example.com", "operations@example.com"]
  }

  assert {
    condition     = { for address, subscription in aws_sns_topic_subscription.email : address => subscription.protocol } == { "operations@example.com" = "email", "owner@example.com" = "email" }
    error_message = "Each address must have a subscription by e-mail."
  }
}
