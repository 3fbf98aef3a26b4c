provider "aws" {
  region                      = "eu-west-2"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name      = "edge-analytics-dev-sender"
  queue_arn = "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events.fifo"
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    # a name with a slash
    name = "edge/sender"
    # every queue
    queue_arn = "*"
  }

  expect_failures = [var.name, var.queue_arn]
}

run "a_wildcard_in_the_queue_is_refused" {
  command = plan

  variables {
    # a wildcard in the queue
    queue_arn = "arn:aws:sqs:eu-west-2:111122223333:edge-*"
  }

  expect_failures = [var.queue_arn]
}

run "a_queue_url_is_refused" {
  command = plan

  variables {
    # a queue url
    queue_arn = "https://sqs.eu-west-2.amazonaws.com/111122223333/events.fifo"
  }

  expect_failures = [var.queue_arn]
}

run "a_boundary_that_is_no_policy_is_refused" {
  command = plan

  variables {
    # a role's ARN
    permissions_boundary_arn = "arn:aws:iam::111122223333:role/edge-analytics"
  }

  expect_failures = [var.permissions_boundary_arn]
}
