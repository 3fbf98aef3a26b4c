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

run "both_forms_of_the_repositorys_name_are_accepted_from_one_branch_and_no_other" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.deploy.assume_role_policy) == {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "WorkflowOfThisRepository"
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
        Condition = {
          StringEquals = {
            "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
            "token.actions.githubusercontent.com:ref" = "refs/heads/main"
            "token.actions.githubusercontent.com:sub" = [
              "repo:example/edge-analytics:environment:prod",
              "repo:example@1234567/edge-analytics@7654321:environment:prod",
            ]
          }
        }
      }]
    }
    error_message = "The trust policy must name the repository, in both forms, the environment and the branch, by equality."
  }
}
