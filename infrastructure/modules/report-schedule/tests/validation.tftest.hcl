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

run "a_name_with_a_slash_is_refused" {
  command = plan

  variables {
    name = "edge/reports"
  }

  expect_failures = [var.name]
}

run "a_function_without_its_alias_is_refused" {
  command = plan

  variables {
    function_alias_arn = "arn:aws:lambda:eu-west-2:111122223333:function:edge-analytics-dev-reporter"
  }

  expect_failures = [var.function_alias_arn]
}

run "an_abbreviated_time_zone_is_refused" {
  command = plan

  variables {
    time_zone = "GMT"
  }

  expect_failures = [var.time_zone]
}

run "an_offset_is_refused" {
  command = plan

  variables {
    time_zone = "+01:00"
  }

  expect_failures = [var.time_zone]
}

run "a_city_without_its_area_is_refused" {
  command = plan

  variables {
    time_zone = "London"
  }

  expect_failures = [var.time_zone]
}

run "an_area_that_does_not_exist_is_refused" {
  command = plan

  variables {
    time_zone = "Atlantis/London"
  }

  expect_failures = [var.time_zone]
}

run "a_weekday_in_full_is_refused" {
  command = plan

  variables {
    report_weekday = "Monday"
  }

  expect_failures = [var.report_weekday]
}

run "an_hour_before_the_daily_task_is_refused" {
  command = plan

  variables {
    report_hour = 4
  }

  expect_failures = [var.report_hour]
}

run "an_hour_that_does_not_exist_is_refused" {
  command = plan

  variables {
    report_hour = 24
  }

  expect_failures = [var.report_hour]
}

run "a_fraction_of_an_hour_is_refused" {
  command = plan

  variables {
    report_hour = 8.5
  }

  expect_failures = [var.report_hour]
}

run "a_time_zone_of_three_parts_is_accepted" {
  command = plan

  variables {
    time_zone = "America/Argentina/Buenos_Aires"
  }
}
