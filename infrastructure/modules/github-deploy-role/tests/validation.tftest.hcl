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
  name               = "edge-analytics-prod-processor"
  environment        = "prod"
  github_environment = "prod"
  repository         = { owner = "example", owner_id = 1234567, name = "edge-analytics", id = 7654321 }
  oidc_provider_arn  = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
  function_role_arn  = "arn:aws:iam::111122223333:role/edge-analytics/edge-analytics-prod-processor"
}

run "a_name_too_long_for_its_role_is_refused" {
  command = plan

  variables {
    name = "a123456789b123456789c123456789d123456789e123456789f12345678"
  }

  expect_failures = [var.name]
}

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environment = "staging"
  }

  expect_failures = [var.environment]
}

run "every_github_environment_is_refused" {
  command = plan

  variables {
    github_environment = "*"
  }

  expect_failures = [var.github_environment]
}

run "every_owner_is_refused" {
  command = plan

  variables {
    repository = { owner = "*", owner_id = 1234567, name = "edge-analytics", id = 7654321 }
  }

  expect_failures = [var.repository]
}

run "a_name_with_its_owner_is_refused" {
  command = plan

  variables {
    repository = { owner = "example", owner_id = 1234567, name = "example/edge-analytics", id = 7654321 }
  }

  expect_failures = [var.repository]
}

run "a_repository_without_its_number_is_refused" {
  command = plan

  variables {
    repository = { owner = "example", owner_id = 1234567, name = "edge-analytics", id = 0 }
  }

  expect_failures = [var.repository]
}

run "an_owner_without_a_number_is_refused" {
  command = plan

  variables {
    repository = { owner = "example", owner_id = null, name = "edge-analytics", id = 7654321 }
  }

  expect_failures = [var.repository]
}

run "another_identity_provider_is_refused" {
  command = plan

  variables {
    oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/app.terraform.io"
  }

  expect_failures = [var.oidc_provider_arn]
}

run "every_role_is_refused" {
  command = plan

  variables {
    function_role_arn = "arn:aws:iam::111122223333:role/*"
  }

  expect_failures = [var.function_role_arn]
}
