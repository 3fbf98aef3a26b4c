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

run "wrong_values_are_refused" {
  command = plan

  variables {
    # a name that is too short
    name = "ab"
    # no read capacity
    read_capacity = 0
    # no write capacity
    write_capacity = 0
  }

  expect_failures = [var.name, var.read_capacity, var.write_capacity]
}

run "other_wrong_values_are_refused" {
  command = plan

  variables {
    # a name with a slash
    name = "edge/events"
    # billed read capacity
    read_capacity = 26
    # billed write capacity
    write_capacity = 26
  }

  expect_failures = [var.name, var.read_capacity, var.write_capacity]
}
