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

run "wrong_values_are_refused" {
  command = plan

  variables {
    # a name with a dot
    name = "edge.alerts"
    # no address
    email_addresses = []
    # a queue arn in place of its name
    queue_name = "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events.fifo"
  }

  expect_failures = [var.name, var.email_addresses, var.queue_name]
}

run "an_address_without_a_domain_is_refused" {
  command = plan

  variables {
    # an address without a domain
    email_addresses = ["owner"]
  }

  expect_failures = [var.email_addresses]
}

run "two_addresses_in_one_are_refused" {
  command = plan

  variables {
    # two addresses in one
    email_addresses = ["owner@example.com,other@example.com"]
  }

  expect_failures = [var.email_addresses]
}
