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
}

run "every_organization_is_refused" {
  command = plan

  variables {
    organization = "*"
  }

  expect_failures = [var.organization]
}

run "every_project_is_refused" {
  command = plan

  variables {
    project = "*"
  }

  expect_failures = [var.project]
}

run "a_wildcard_in_the_workspace_is_refused" {
  command = plan

  variables {
    workspace = "edge-analytics-*"
  }

  expect_failures = [var.workspace]
}

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environment = "staging"
  }

  expect_failures = [var.environment]
}

run "no_kind_is_refused" {
  command = plan

  variables {
    kinds = []
  }

  expect_failures = [var.kinds]
}

run "an_unknown_kind_is_refused" {
  command = plan

  variables {
    kinds = ["buckets"]
  }

  expect_failures = [var.kinds]
}

run "another_identity_provider_is_refused" {
  command = plan

  variables {
    oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
  }

  expect_failures = [var.oidc_provider_arn]
}
