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

run "wrong_values_are_refused" {
  command = plan

  variables {
    # a name too long for its role
    name = "a123456789b123456789c123456789d123456789e123456789f12345678"
    # an unknown environment
    environment = "staging"
    # every github environment
    github_environment = "*"
    # every owner
    repository = { owner = "*", owner_id = 1234567, name = "edge-analytics", id = 7654321 }
    # another identity provider
    oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/app.terraform.io"
    # every role
    function_role_arn = "arn:aws:iam::111122223333:role/*"
  }

  expect_failures = [var.name, var.environment, var.github_environment, var.repository, var.oidc_provider_arn, var.function_role_arn]
}

run "a_name_with_its_owner_is_refused" {
  command = plan

  variables {
    # a name with its owner
    repository = { owner = "example", owner_id = 1234567, name = "example/edge-analytics", id = 7654321 }
  }

  expect_failures = [var.repository]
}

run "a_repository_without_its_number_is_refused" {
  command = plan

  variables {
    # a repository without its number
    repository = { owner = "example", owner_id = 1234567, name = "edge-analytics", id = 0 }
  }

  expect_failures = [var.repository]
}

run "an_owner_without_a_number_is_refused" {
  command = plan

  variables {
    # an owner without a number
    repository = { owner = "example", owner_id = null, name = "edge-analytics", id = 7654321 }
  }

  expect_failures = [var.repository]
}

run "a_pattern_of_branches_is_refused" {
  command = plan

  variables {
    # every branch
    branch = "*"
  }

  expect_failures = [var.branch]
}

run "what_is_no_branchs_name_is_refused" {
  command = plan

  variables {
    # a colon, which no branch has
    branch = "refs:heads:main"
  }

  expect_failures = [var.branch]
}
