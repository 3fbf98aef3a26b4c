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

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environment = "staging"
  }

  expect_failures = [var.environment]
}

run "a_region_by_its_city_is_refused" {
  command = plan

  variables {
    region = "London"
  }

  expect_failures = [var.region]
}

run "a_sender_without_a_domain_is_refused" {
  command = plan

  variables {
    report_sender = "reports"
  }

  expect_failures = [var.report_sender]
}

run "a_sender_with_a_display_name_is_refused" {
  command = plan

  variables {
    report_sender = "Reports <reports@example.com>"
  }

  expect_failures = [var.report_sender]
}

run "no_recipient_is_refused" {
  command = plan

  variables {
    report_recipients = []
  }

  expect_failures = [var.report_recipients]
}

run "a_recipient_given_twice_is_refused" {
  command = plan

  variables {
    report_recipients = ["owner@example.com", "owner@example.com"]
  }

  expect_failures = [var.report_recipients]
}

run "two_recipients_in_one_are_refused" {
  command = plan

  variables {
    report_recipients = ["owner@example.com,other@example.com"]
  }

  expect_failures = [var.report_recipients]
}

run "no_site_is_refused" {
  command = plan

  variables {
    report_sites = []
  }

  expect_failures = [var.report_sites]
}

run "a_site_given_twice_is_refused" {
  command = plan

  variables {
    report_sites = ["demo.example.com", "demo.example.com"]
  }

  expect_failures = [var.report_sites]
}

run "a_site_by_its_address_is_refused" {
  command = plan

  variables {
    report_sites = ["https://demo.example.com/"]
  }

  expect_failures = [var.report_sites]
}

run "an_unknown_channel_is_refused" {
  command = plan

  variables {
    report_channels = ["fax"]
  }

  expect_failures = [var.report_channels]
}

run "no_channel_is_refused" {
  command = plan

  variables {
    report_channels = []
  }

  expect_failures = [var.report_channels]
}
