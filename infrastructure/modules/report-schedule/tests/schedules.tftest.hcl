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

override_resource {
  target          = aws_sqs_queue.dead_letter
  override_during = plan
  values          = { arn = "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-reports-dead-letter" }
}

variables {
  name               = "edge-analytics-dev-reports"
  function_alias_arn = "arn:aws:lambda:eu-west-2:111122223333:function:edge-analytics-dev-reporter:live"
  time_zone          = "Europe/London"
}

run "schedules_say_what_they_want_and_can_do_nothing_else" {
  command = plan

  assert {
    condition     = alltrue([for name, schedule in aws_scheduler_schedule.reports : jsondecode(schedule.target[0].input) == { report = name }])
    error_message = "The input must name the report."
  }

  assert {
    condition = alltrue([
      for schedule in aws_scheduler_schedule.reports :
      schedule.target[0].retry_policy[0].maximum_retry_attempts == 10 &&
      schedule.target[0].retry_policy[0].maximum_event_age_in_seconds == 3600 &&
      schedule.target[0].dead_letter_config[0].arn == "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-reports-dead-letter"
    ])
    error_message = "Schedules must retry and then write to the dead-letter queue."
  }

  assert {
    condition     = !endswith(aws_sqs_queue.dead_letter.name, ".fifo") && aws_sqs_queue.dead_letter.message_retention_seconds == 1209600 && aws_sqs_queue.dead_letter.sqs_managed_sse_enabled
    error_message = "Scheduler writes to standard queues only; this one must be encrypted and keep messages for 14 days."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.permissions.policy) == {
      Version = "2012-10-17"
      Statement = [
        {
          Sid      = "InvokeAlias"
          Effect   = "Allow"
          Action   = "lambda:InvokeFunction"
          Resource = "arn:aws:lambda:eu-west-2:111122223333:function:edge-analytics-dev-reporter:live"
        },
        {
          Sid      = "KeepWhatCouldNotBeDelivered"
          Effect   = "Allow"
          Action   = "sqs:SendMessage"
          Resource = "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-reports-dead-letter"
        },
      ]
    }
    error_message = "The policy must be these two statements."
  }

  assert {
    condition = jsondecode(aws_iam_role.schedule.assume_role_policy) == {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "RunAsSchedule"
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "scheduler.amazonaws.com" }
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111122223333"
            "aws:SourceArn"     = "arn:aws:scheduler:eu-west-2:111122223333:schedule-group/edge-analytics-dev-reports"
          }
        }
      }]
    }
    error_message = "The trust policy must name Scheduler, this account and this group."
  }
}

run "reports_follow_the_owners_clock" {
  command = plan

  variables {
    report_weekday = "FRI"
    report_hour    = 17
  }

  assert {
    condition = { for name, schedule in aws_scheduler_schedule.reports : name => schedule.schedule_expression } == {
      daily  = "cron(30 4 * * ? *)"
      weekly = "cron(0 17 ? * FRI *)"
    }
    error_message = "There must be a daily and a weekly schedule, the weekly one at the chosen time."
  }

  assert {
    condition     = alltrue([for schedule in aws_scheduler_schedule.reports : schedule.schedule_expression_timezone == "Europe/London"])
    error_message = "Both schedules must follow the owner's time zone."
  }
}
