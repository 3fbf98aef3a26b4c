provider "aws" {
  region                      = "eu-west-2"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name            = "edge-analytics"
  email_addresses = ["owner@example.com"]
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    # a name with a colon
    name = "edge:analytics"
    # no address
    email_addresses = []
  }

  expect_failures = [var.name, var.email_addresses]
}

run "more_addresses_than_a_budget_takes_are_refused" {
  command = plan

  variables {
    # more addresses than a budget takes
    email_addresses = [for number in range(11) : "owner${number}@example.com"]
  }

  expect_failures = [var.email_addresses]
}

run "an_address_without_a_domain_is_refused" {
  command = plan

  variables {
    # an address without a domain
    email_addresses = ["owner"]
  }

  expect_failures = [var.email_addresses]
}
