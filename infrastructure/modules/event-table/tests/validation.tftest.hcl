provider "aws" {
  region                      = "eu-west-2"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name = "edge-analytics-dev-events"
}

run "a_name_that_is_too_short_is_refused" {
  command = plan

  variables {
    name = "ab"
  }

  expect_failures = [var.name]
}

run "a_name_with_a_slash_is_refused" {
  command = plan

  variables {
    name = "edge/events"
  }

  expect_failures = [var.name]
}

run "no_read_capacity_is_refused" {
  command = plan

  variables {
    read_capacity = 0
  }

  expect_failures = [var.read_capacity]
}

run "billed_read_capacity_is_refused" {
  command = plan

  variables {
    read_capacity = 26
  }

  expect_failures = [var.read_capacity]
}

run "no_write_capacity_is_refused" {
  command = plan

  variables {
    write_capacity = 0
  }

  expect_failures = [var.write_capacity]
}

run "billed_write_capacity_is_refused" {
  command = plan

  variables {
    write_capacity = 26
  }

  expect_failures = [var.write_capacity]
}
