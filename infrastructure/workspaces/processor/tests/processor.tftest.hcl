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
  target = module.processor_role.data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = data.aws_ssm_parameter.apply_worker_workspace_first["queue-arn"]
  values = { insecure_value = "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events.fifo" }
}

run "it_publishes_what_is_listed_and_the_role_is_as_designed" {
  command = plan

  assert {
    condition = toset([for parameter in aws_ssm_parameter.published : parameter.name]) == toset([
      for parameter in jsondecode(file("${path.module}/../../parameters.json")) : "/edge-analytics/dev/${parameter.name}" if parameter.publisher == "processor"
    ])
    error_message = "The published parameters must be those of parameters.json."
  }

  assert {
    condition     = toset(keys(local.parameter_values)) == toset(keys(local.parameters))
    error_message = "Every value must have an entry in parameters.json."
  }

  assert {
    condition = {
      for statement in jsondecode(module.processor_role.policy).Statement :
      statement.Sid => {
        actions   = toset(flatten([statement.Action]))
        resources = toset(flatten([statement.Resource]))
      }
      } == {
      WriteOwnLog = {
        actions   = toset(["logs:CreateLogStream", "logs:PutLogEvents"])
        resources = toset(["arn:aws:logs:eu-west-2:111122223333:log-group:/aws/lambda/edge-analytics-dev-processor:*"])
      }
      TakeFromQueue = {
        actions   = toset(["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"])
        resources = toset(["arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events.fifo"])
      }
      MergeIntoTable = {
        actions   = toset(["dynamodb:UpdateItem"])
        resources = toset(["arn:aws:dynamodb:eu-west-2:111122223333:table/edge-analytics-dev-events"])
      }
    }
    error_message = "The processor's role must be exactly this."
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

run "what_is_made_in_iam_is_bounded_where_a_boundary_is_given" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/edge-analytics/boundary/edge-analytics-dev-boundary"
  }

  assert {
    condition     = module.processor_role.permissions_boundary == var.permissions_boundary_arn && aws_iam_role.traffic.permissions_boundary == var.permissions_boundary_arn
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

run "one_environment_has_the_whole_free_capacity" {
  command = plan

  assert {
    condition     = local.capacity_units == 25
    error_message = "Nobody else takes any."
  }
}

run "two_environments_share_the_free_capacity" {
  command = plan

  variables {
    shares_account = true
  }

  assert {
    condition     = local.capacity_units == 5 && sum(values(local.shared_units)) == 25
    error_message = "The shares must be what a Region gives free."
  }
}

run "more_capacity_than_is_free_is_refused" {
  command = plan

  variables {
    # more than a Region gives
    table_capacity_units = 26
  }

  expect_failures = [var.table_capacity_units]
}
