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
  name               = "edge-analytics-dev-reports"
  function_alias_arn = "arn:aws:lambda:eu-west-2:111122223333:function:edge-analytics-dev-reporter:live"
  time_zone          = "Europe/London"
}

run "a_time_zone_of_three_parts_is_accepted" {
  command = plan

  variables {
    time_zone = "America/Argentina/Buenos_Aires"
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    # a name with a slash
    name = "edge/reports"
    # a function without its alias
    function_alias_arn = "arn:aws:lambda:eu-west-2:111122223333:function:edge-analytics-dev-reporter"
    # an abbreviated time zone
    time_zone = "GMT"
    # a weekday in full
    report_weekday = "Monday"
    # an hour before the daily task
    report_hour = 4
  }

  expect_failures = [var.name, var.function_alias_arn, var.time_zone, var.report_weekday, var.report_hour]
}

run "other_wrong_values_are_refused" {
  command = plan

  variables {
    # a name that is mistyped
    time_zone = "Europe/Londn"
    # an hour that does not exist
    report_hour = 24
  }

  expect_failures = [var.time_zone, var.report_hour]
}

run "further_wrong_values_are_refused" {
  command = plan

  variables {
    # a city without its area
    time_zone = "London"
    # a fraction of an hour
    report_hour = 8.5
  }

  expect_failures = [var.time_zone, var.report_hour]
}

run "an_area_that_does_not_exist_is_refused" {
  command = plan

  variables {
    # an area that does not exist
    time_zone = "Atlantis/London"
  }

  expect_failures = [var.time_zone]
}

run "a_boundary_that_is_no_policy_is_refused" {
  command = plan

  variables {
    # a role's ARN
    permissions_boundary_arn = "arn:aws:iam::111122223333:role/edge-analytics"
  }

  expect_failures = [var.permissions_boundary_arn]
}
