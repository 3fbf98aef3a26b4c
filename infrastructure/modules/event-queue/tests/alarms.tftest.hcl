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

override_resource {
  target          = aws_sqs_queue.dead_letter
  override_during = plan
  values          = { arn = "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events-dead-letter.fifo" }
}

variables {
  name                     = "edge-analytics-dev-events"
  consumer_timeout_seconds = 30
  alert_topic_arn          = "arn:aws:sns:eu-west-2:111122223333:alerts"
}

run "one_dead_letter_and_one_stale_event_raise_an_alarm" {
  command = plan

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.dead_letters.metric_name == "ApproximateNumberOfMessagesVisible" &&
      aws_cloudwatch_metric_alarm.dead_letters.dimensions == tomap({ QueueName = "edge-analytics-dev-events-dead-letter.fifo" }) &&
      aws_cloudwatch_metric_alarm.dead_letters.comparison_operator == "GreaterThanThreshold" &&
      aws_cloudwatch_metric_alarm.dead_letters.threshold == 0
    )
    error_message = "More than no message in the dead-letter queue must raise the alarm."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.waiting.metric_name == "ApproximateAgeOfOldestMessage" &&
      aws_cloudwatch_metric_alarm.waiting.dimensions == tomap({ QueueName = "edge-analytics-dev-events.fifo" }) &&
      aws_cloudwatch_metric_alarm.waiting.threshold == 900
    )
    error_message = "Five attempts of 180 seconds make 900."
  }

  assert {
    condition = alltrue([
      for alarm in [aws_cloudwatch_metric_alarm.dead_letters, aws_cloudwatch_metric_alarm.waiting] :
      alarm.alarm_actions == toset([var.alert_topic_arn]) && alarm.ok_actions == toset([var.alert_topic_arn])
    ])
    error_message = "Both alarms must write to the topic when they begin and when they end."
  }
}
