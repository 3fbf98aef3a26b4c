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
  environment = "dev"
}

run "it_allows_nothing_of_iam_and_nothing_of_another_environment" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : [
        for action in flatten([statement.Action]) : !startswith(action, "iam:") && !startswith(action, "sts:") && !strcontains(action, "*")
      ]
    ]))
    error_message = "Whoever is bounded must not change permissions, nor become somebody else."
  }

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : [
        for resource in flatten([statement.Resource]) :
        strcontains(resource, "edge-analytics-dev-") || strcontains(resource, "/edge-analytics/dev/") || contains(["Mail", "Metrics"], statement.Sid)
      ]
    ]))
    error_message = "Everything but mail and metrics must lie in the environment."
  }

  assert {
    condition     = aws_iam_policy.boundary.path == "/edge-analytics/boundary/" && output.arn == "arn:aws:iam::111122223333:policy/edge-analytics/boundary/edge-analytics-dev-boundary"
    error_message = "The boundary must lie where nothing of the environment is made, and be called as it is published."
  }
}
