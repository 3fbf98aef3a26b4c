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
  function_name = "edge-analytics-dev-processor"
  permissions = {
    MailReport = {
      actions       = ["ses:SendEmail"]
      resources     = ["arn:aws:ses:eu-west-2:111122223333:identity/reports@example.com"]
      string_equals = { "ses:FromAddress" = "reports@example.com" }
    }
    TakeFromQueue = {
      actions   = ["sqs:DeleteMessage", "sqs:ReceiveMessage"]
      resources = ["arn:aws:sqs:eu-west-2:111122223333:events.fifo"]
    }
  }
}

run "every_resource_is_accepted_for_metrics_alone" {
  command = plan

  variables {
    permissions = { ReadUsage = { actions = ["cloudwatch:GetMetricStatistics"], resources = ["*"] } }
  }
}

run "a_stack_and_a_log_group_are_accepted_with_all_that_is_theirs" {
  command = plan

  variables {
    permissions = {
      CountDeployments = { actions = ["cloudformation:DescribeStackEvents"], resources = ["arn:aws:cloudformation:eu-west-2:111122223333:stack/edge-analytics-dev-processor/*"] }
      CountColdStarts  = { actions = ["logs:DescribeLogStreams"], resources = ["arn:aws:logs:eu-west-2:111122223333:log-group:/aws/lambda/edge-analytics-dev-processor:*"] }
    }
  }
}

run "every_stack_is_refused" {
  command = plan

  variables {
    permissions = { Test = { actions = ["cloudformation:DescribeStackEvents"], resources = ["arn:aws:cloudformation:eu-west-2:111122223333:stack/*"] } }
  }

  expect_failures = [var.permissions]
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    # a function name with a slash
    function_name = "edge/processor"
    # a statement id with a hyphen
    permissions = { Take-From-Queue = { actions = ["sqs:ReceiveMessage"], resources = ["arn:aws:sqs:eu-west-2:111122223333:events.fifo"] } }
    # a retention that cloudwatch does not know
    log_retention_days = 31
  }

  expect_failures = [var.function_name, var.permissions, var.log_retention_days]
}

run "other_wrong_values_are_refused" {
  command = plan

  variables {
    # every action of a service
    permissions = { Test = { actions = ["sqs:*"], resources = ["arn:aws:sqs:eu-west-2:111122223333:events.fifo"] } }
    # a log that outlives the events
    log_retention_days = 365
  }

  expect_failures = [var.permissions, var.log_retention_days]
}

run "every_action_is_refused" {
  command = plan

  variables {
    # every action
    permissions = { Test = { actions = ["*"], resources = ["arn:aws:sqs:eu-west-2:111122223333:events.fifo"] } }
  }

  expect_failures = [var.permissions]
}

run "every_resource_is_refused" {
  command = plan

  variables {
    # every resource
    permissions = { Test = { actions = ["sqs:ReceiveMessage"], resources = ["*"] } }
  }

  expect_failures = [var.permissions]
}

run "a_wildcard_in_a_resource_is_refused" {
  command = plan

  variables {
    # a wildcard in a resource
    permissions = { Test = { actions = ["sqs:ReceiveMessage"], resources = ["arn:aws:sqs:eu-west-2:111122223333:*"] } }
  }

  expect_failures = [var.permissions]
}

run "every_resource_beside_a_metric_is_refused" {
  command = plan

  variables {
    # every resource beside a metric
    permissions = { Test = { actions = ["cloudwatch:GetMetricStatistics", "sqs:ReceiveMessage"], resources = ["*"] } }
  }

  expect_failures = [var.permissions]
}

run "a_boundary_that_is_no_policy_is_refused" {
  command = plan

  variables {
    # a role's ARN
    permissions_boundary_arn = "arn:aws:iam::111122223333:role/edge-analytics"
  }

  expect_failures = [var.permissions_boundary_arn]
}
