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
  name                     = "edge-analytics-dev-events"
  consumer_timeout_seconds = 30
  alert_topic_arn          = "arn:aws:sns:eu-west-2:111122223333:alerts"
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    # a name with the suffix
    name = "events.fifo"
    # a timeout of zero
    consumer_timeout_seconds = 0
    # a single receive
    max_receive_count = 1
    # a topic name in place of its arn
    alert_topic_arn = "alerts"
  }

  expect_failures = [var.name, var.consumer_timeout_seconds, var.max_receive_count, var.alert_topic_arn]
}

run "other_wrong_values_are_refused" {
  command = plan

  variables {
    # a name too long for the dead-letter queue
    name = "a123456789b123456789c123456789d123456789e123456789f123456789g1234"
    # a timeout beyond lambdas
    consumer_timeout_seconds = 901
    # more receives than sqs counts
    max_receive_count = 1001
  }

  expect_failures = [var.name, var.consumer_timeout_seconds, var.max_receive_count]
}

run "a_fraction_of_a_second_is_refused" {
  command = plan

  variables {
    # a fraction of a second
    consumer_timeout_seconds = 1.5
  }

  expect_failures = [var.consumer_timeout_seconds]
}
