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

override_data {
  target = module.github_deploy_role["edge-analytics-dev-processor"].data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = module.github_deploy_role["edge-analytics-dev-reporter"].data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = module.github_deploy_role["edge-analytics-prod-processor"].data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = module.github_deploy_role["edge-analytics-prod-reporter"].data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = module.hcp_run_role["edge-analytics-worker-dev"].data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = module.hcp_run_role["edge-analytics-processor-dev"].data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = module.hcp_run_role["edge-analytics-reporter-dev"].data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = module.hcp_run_role["edge-analytics-worker-prod"].data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = module.hcp_run_role["edge-analytics-processor-prod"].data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = module.hcp_run_role["edge-analytics-reporter-prod"].data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = module.permissions_boundary["dev"].data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = module.permissions_boundary["prod"].data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_resource {
  target          = aws_iam_openid_connect_provider.github[0]
  override_during = plan
  values          = { arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
}

override_resource {
  target          = aws_iam_openid_connect_provider.hcp_terraform[0]
  override_during = plan
  values          = { arn = "arn:aws:iam::111122223333:oidc-provider/app.terraform.io" }
}

variables {
  budget_email      = "owner@example.com"
  hcp_organization  = "example"
  github_repository = { owner = "example", owner_id = 1234567, name = "edge-analytics", id = 7654321 }
}

run "nothing_outside_aws_needs_a_stored_key" {
  command = plan

  assert {
    condition     = aws_iam_openid_connect_provider.github[0].client_id_list == toset(["sts.amazonaws.com"]) && aws_iam_openid_connect_provider.hcp_terraform[0].client_id_list == toset(["aws.workload.identity"])
    error_message = "Both issuers must be known, each for its own audience."
  }
}

run "each_service_and_each_workspace_of_each_environment_has_its_roles" {
  command = plan

  variables {
    environments = ["dev", "prod"]
  }

  assert {
    condition = toset(keys(module.github_deploy_role)) == toset([
      "edge-analytics-dev-processor", "edge-analytics-dev-reporter", "edge-analytics-prod-processor", "edge-analytics-prod-reporter",
    ])
    error_message = "The processor's and the reporter's workflows must have a role in each environment."
  }

  assert {
    condition = toset(keys(module.hcp_run_role)) == toset([
      "edge-analytics-worker-dev", "edge-analytics-processor-dev", "edge-analytics-reporter-dev",
      "edge-analytics-worker-prod", "edge-analytics-processor-prod", "edge-analytics-reporter-prod",
    ])
    error_message = "Every workspace but this one must have its roles in each environment."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    # no environment
    environments = []
    # a region by its city
    region = "London"
  }

  expect_failures = [var.environments, var.region]
}

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    # an unknown environment
    environments = ["staging"]
  }

  expect_failures = [var.environments]
}

run "who_uses_neither_github_nor_hcp_gets_budgets_alone" {
  command = plan

  variables {
    github_repository = null
    hcp_organization  = null
  }

  assert {
    condition     = length(module.github_deploy_role) + length(module.hcp_run_role) + length(aws_iam_openid_connect_provider.github) + length(aws_iam_openid_connect_provider.hcp_terraform) + length(module.permissions_boundary) == 0
    error_message = "Nobody outside AWS may come in where nobody outside is named."
  }
}

run "an_address_with_a_name_is_refused" {
  command = plan

  variables {
    # a name before the address
    mail_addresses = ["Owner <owner@example.com>"]
  }

  expect_failures = [var.mail_addresses]
}

run "addresses_can_belong_to_the_account" {
  command = plan

  variables {
    mail_addresses = ["owner@example.com", "reports@example.com"]
  }

  assert {
    condition     = keys(aws_sesv2_email_identity.address) == ["owner@example.com", "reports@example.com"]
    error_message = "Each must be an identity, once."
  }
}
