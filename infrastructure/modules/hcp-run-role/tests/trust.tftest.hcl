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

run "each_phase_of_this_workspaces_runs_has_its_own_role" {
  command = plan

  assert {
    condition = alltrue([
      for phase in ["plan", "apply"] : jsondecode(aws_iam_role.run[phase].assume_role_policy) == {
        Version = "2012-10-17"
        Statement = [{
          Sid       = "RunOfThisWorkspace"
          Effect    = "Allow"
          Action    = "sts:AssumeRoleWithWebIdentity"
          Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/app.terraform.io" }
          Condition = {
            StringEquals = {
              "app.terraform.io:aud" = "aws.workload.identity"
              "app.terraform.io:sub" = "organization:example:project:Default Project:workspace:edge-analytics-processor-dev:run_phase:${phase}"
            }
          }
        }]
      }
    ])
    error_message = "A phase's role must trust only that phase of this workspace's runs."
  }
}
