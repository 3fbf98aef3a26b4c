provider "aws" {
  region                      = "eu-west-2"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name                    = "edge-analytics-dev"
  region                  = "eu-west-2"
  queue_name              = "events.fifo"
  dead_letter_queue_name  = "events-dead-letter.fifo"
  table_name              = "events"
  processor_function_name = "processor"
  reporter_function_name  = "reporter"
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    # a name with a space
    name = "edge analytics"
    # a region by its city
    region = "London"
  }

  expect_failures = [var.name, var.region]
}
