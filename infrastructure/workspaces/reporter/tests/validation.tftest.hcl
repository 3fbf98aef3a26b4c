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
  target = module.reporter_role.data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = module.report_schedule.data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_data {
  target = data.aws_ssm_parameter.apply_worker_workspace_first["queue-arn"]
  values = { insecure_value = "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events.fifo" }
}

override_data {
  target = data.aws_ssm_parameter.apply_worker_workspace_first["dead-letter-queue-arn"]
  values = { insecure_value = "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events-dead-letter.fifo" }
}

override_data {
  target = data.aws_ssm_parameter.apply_worker_workspace_first["alert-topic-arn"]
  values = { insecure_value = "arn:aws:sns:eu-west-2:111122223333:edge-analytics-dev-alerts" }
}

override_data {
  target = data.aws_ssm_parameter.apply_processor_workspace_first["processor-function-name"]
  values = { insecure_value = "edge-analytics-dev-processor" }
}

override_data {
  target = data.aws_ssm_parameter.apply_processor_workspace_first["table-arn"]
  values = { insecure_value = "arn:aws:dynamodb:eu-west-2:111122223333:table/edge-analytics-dev-events" }
}

override_data {
  target = data.aws_ssm_parameter.apply_processor_workspace_first["table-name"]
  values = { insecure_value = "edge-analytics-dev-events" }
}

variables {
  report_sender     = "reports@example.com"
  report_recipients = ["owner@example.com"]
  report_sites      = ["demo.example.com"]
  report_time_zone  = "Europe/London"
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    # an unknown environment
    environment = "staging"
    # a region by its city
    region = "London"
    # a sender without a domain
    report_sender = "reports"
    # no recipient
    report_recipients = []
    # no site
    report_sites = []
    # an unknown channel
    report_channels = ["fax"]
  }

  expect_failures = [var.environment, var.region, var.report_sender, var.report_recipients, var.report_sites, var.report_channels]
}

run "other_wrong_values_are_refused" {
  command = plan

  variables {
    # a sender with a display name
    report_sender = "Reports <reports@example.com>"
    # a recipient given twice
    report_recipients = ["owner@example.com", "owner@example.com"]
    # a site given twice
    report_sites = ["demo.example.com", "demo.example.com"]
    # no channel
    report_channels = []
  }

  expect_failures = [var.report_sender, var.report_recipients, var.report_sites, var.report_channels]
}

run "further_wrong_values_are_refused" {
  command = plan

  variables {
    # two recipients in one
    report_recipients = ["owner@example.com,other@example.com"]
    # a site by its address
    report_sites = ["https://demo.example.com/"]
  }

  expect_failures = [var.report_recipients, var.report_sites]
}

run "a_worker_address_with_a_path_is_refused" {
  command = plan

  variables {
    worker_url = "https://edge-analytics.example.workers.dev/edge-analytics"
  }

  expect_failures = [var.worker_url]
}

run "a_worker_address_without_tls_is_refused" {
  command = plan

  variables {
    worker_url = "http://edge-analytics.example.workers.dev"
  }

  expect_failures = [var.worker_url]
}

run "a_boundary_that_is_no_policy_is_refused" {
  command = plan

  variables {
    # a role's ARN
    permissions_boundary_arn = "arn:aws:iam::111122223333:role/edge-analytics"
  }

  expect_failures = [var.permissions_boundary_arn]
}
