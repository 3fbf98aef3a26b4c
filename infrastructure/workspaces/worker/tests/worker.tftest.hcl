provider "aws" {
  region                      = "eu-west-2"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = module.alerts.data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = module.event_queue.data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

variables {
  alert_email = "owner@example.com"
}

run "it_publishes_what_is_listed_for_it" {
  command = plan

  assert {
    condition = toset([for parameter in aws_ssm_parameter.published : parameter.name]) == toset([
      for parameter in jsondecode(file("${path.module}/../../parameters.json")) : "/edge-analytics/dev/${parameter.name}" if parameter.publisher == "worker" && !try(parameter.secure, false) && !try(parameter.optional, false)
    ])
    error_message = "The published parameters must be those of parameters.json."
  }

  assert {
    condition     = toset(keys(local.parameter_values)) == toset(keys(local.parameters))
    error_message = "Every value must have an entry in parameters.json."
  }
}

run "everything_is_named_after_its_environment" {
  command = plan

  variables {
    environment = "prod"
  }

  assert {
    condition     = module.event_queue.queue_name == "edge-analytics-prod-events.fifo" && module.edge_sender.user_name == "edge-analytics-prod-sender"
    error_message = "Names must hold the environment."
  }

  assert {
    condition     = alltrue([for parameter in aws_ssm_parameter.published : startswith(parameter.name, "/edge-analytics/prod/")])
    error_message = "Parameters must be published under the environment's path."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    # an unknown environment
    environment = "staging"
    # a region by its city
    region = "London"
  }

  expect_failures = [var.environment, var.region]
}

run "the_key_of_links_is_a_secret_of_its_environment" {
  command = plan

  variables {
    environment = "prod"
  }

  assert {
    condition     = aws_ssm_parameter.act_key.name == "/edge-analytics/prod/act-key" && aws_ssm_parameter.act_key.type == "SecureString"
    error_message = "The key must be a SecureString under its environment's path."
  }

  assert {
    condition     = aws_ssm_parameter.act_key.value_wo_version == 1
    error_message = "The key must only be written when its version changes."
  }
}

run "what_is_made_in_iam_is_bounded_where_a_boundary_is_given" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/edge-analytics/boundary/edge-analytics-dev-boundary"
  }

  assert {
    condition     = module.edge_sender.permissions_boundary == var.permissions_boundary_arn
    error_message = "HCP Terraform may make nothing without."
  }
}

run "a_boundary_that_is_no_policy_is_refused" {
  command = plan

  variables {
    # a role's ARN
    permissions_boundary_arn = "arn:aws:iam::111122223333:role/edge-analytics"
  }

  expect_failures = [var.permissions_boundary_arn]
}

run "a_key_of_links_before_the_first_is_refused" {
  command = plan

  variables {
    # before the first
    act_key_version = 0
  }

  expect_failures = [var.act_key_version]
}
