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

run "a_name_with_a_dot_is_refused" {
  command = plan

  variables {
    name = "edge.alerts"
  }

  expect_failures = [var.name]
}

run "no_address_is_refused" {
  command = plan

  variables {
    email_addresses = []
  }

  expect_failures = [var.email_addresses]
}

run "an_address_without_a_domain_is_refused" {
  command = plan

  variables {
    email_addresses = ["owner"]
  }

  expect_failures = [var.email_addresses]
}

run "two_addresses_in_one_are_refused" {
  command = plan

  variables {
    email_addresses = ["owner@example.com,other@example.com"]
  }

  expect_failures = [var.email_addresses]
}

run "a_queue_arn_in_place_of_its_name_is_refused" {
  command = plan

  variables {
    queue_name = "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events.fifo"
  }

  expect_failures = [var.queue_name]
}
