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

run "a_name_with_the_suffix_is_refused" {
  command = plan

  variables {
    name = "events.fifo"
  }

  expect_failures = [var.name]
}

run "a_name_too_long_for_the_dead_letter_queue_is_refused" {
  command = plan

  variables {
    name = "a123456789b123456789c123456789d123456789e123456789f123456789g1234"
  }

  expect_failures = [var.name]
}

run "a_timeout_of_zero_is_refused" {
  command = plan

  variables {
    consumer_timeout_seconds = 0
  }

  expect_failures = [var.consumer_timeout_seconds]
}

run "a_timeout_beyond_lambdas_is_refused" {
  command = plan

  variables {
    consumer_timeout_seconds = 901
  }

  expect_failures = [var.consumer_timeout_seconds]
}

run "a_fraction_of_a_second_is_refused" {
  command = plan

  variables {
    consumer_timeout_seconds = 1.5
  }

  expect_failures = [var.consumer_timeout_seconds]
}

run "a_single_receive_is_refused" {
  command = plan

  variables {
    max_receive_count = 1
  }

  expect_failures = [var.max_receive_count]
}

run "more_receives_than_sqs_counts_are_refused" {
  command = plan

  variables {
    max_receive_count = 1001
  }

  expect_failures = [var.max_receive_count]
}

run "a_topic_name_in_place_of_its_arn_is_refused" {
  command = plan

  variables {
    alert_topic_arn = "alerts"
  }

  expect_failures = [var.alert_topic_arn]
}
