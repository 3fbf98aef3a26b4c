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
  organization      = "example"
  project           = "Default Project"
  workspace         = "edge-analytics-processor-dev"
  environment       = "dev"
  kinds             = ["tables"]
  oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/app.terraform.io"

  permissions_boundary_arn = "arn:aws:iam::111122223333:policy/edge-analytics/boundary/edge-analytics-dev-boundary"
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    # every organization
    organization = "*"
    # every project
    project = "*"
    # a wildcard in the workspace
    workspace = "edge-analytics-*"
    # an unknown environment
    environment = "staging"
    # no kind
    kinds = []
    # another identity provider
    oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
  }

  expect_failures = [var.organization, var.project, var.workspace, var.environment, var.kinds, var.oidc_provider_arn]
}

run "an_unknown_kind_is_refused" {
  command = plan

  variables {
    # an unknown kind
    kinds = ["buckets"]
  }

  expect_failures = [var.kinds]
}

run "a_boundary_that_is_no_policy_is_refused" {
  command = plan

  variables {
    # a role's ARN
    permissions_boundary_arn = "arn:aws:iam::111122223333:role/edge-analytics"
  }

  expect_failures = [var.permissions_boundary_arn]
}
