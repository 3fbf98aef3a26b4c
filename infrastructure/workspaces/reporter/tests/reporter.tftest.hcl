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

run "it_publishes_what_is_listed_and_the_role_is_as_designed" {
  command = plan

  assert {
    condition = toset([for parameter in aws_ssm_parameter.published : parameter.name]) == toset([
      for parameter in jsondecode(file("${path.module}/../../parameters.json")) : "/edge-analytics/dev/${parameter.name}" if parameter.publisher == "reporter" && !try(parameter.secure, false) && !try(parameter.optional, false)
    ])
    error_message = "The published parameters must be those of parameters.json."
  }

  assert {
    condition     = toset(keys(local.parameter_values)) == toset(keys(local.parameters))
    error_message = "Every value must have an entry in parameters.json."
  }

  assert {
    condition = {
      for statement in jsondecode(module.reporter_role.policy).Statement :
      statement.Sid => {
        actions   = toset(flatten([statement.Action]))
        resources = toset(flatten([statement.Resource]))
      }
      } == {
      WriteOwnLog = {
        actions   = toset(["logs:CreateLogStream", "logs:PutLogEvents"])
        resources = toset(["arn:aws:logs:eu-west-2:111122223333:log-group:/aws/lambda/edge-analytics-dev-reporter:*"])
      }
      SummariseTable = {
        actions   = toset(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"])
        resources = toset(["arn:aws:dynamodb:eu-west-2:111122223333:table/edge-analytics-dev-events"])
      }
      ForgetDerived = {
        actions   = toset(["dynamodb:DeleteItem"])
        resources = toset(["arn:aws:dynamodb:eu-west-2:111122223333:table/edge-analytics-dev-events"])
      }
      MailReport = {
        actions   = toset(["ses:SendEmail", "ses:SendRawEmail"])
        resources = toset(["arn:aws:ses:eu-west-2:111122223333:identity/reports@example.com", "arn:aws:ses:eu-west-2:111122223333:identity/owner@example.com"])
      }
      PublishReport = {
        actions   = toset(["sns:Publish"])
        resources = toset(["arn:aws:sns:eu-west-2:111122223333:edge-analytics-dev-report"])
      }
      TellOfFailures = {
        actions   = toset(["sns:Publish"])
        resources = toset(["arn:aws:sns:eu-west-2:111122223333:edge-analytics-dev-alerts"])
      }
      CountDeadLetters = {
        actions   = toset(["sqs:GetQueueAttributes"])
        resources = toset(["arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events-dead-letter.fifo"])
      }
      ReadPrivateSettings = {
        actions = toset(["ssm:GetParameters"])
        resources = toset([
          for name in ["act-key", "conversations-user-name", "report-webhook", "worker-url"] : "arn:aws:ssm:eu-west-2:111122223333:parameter/edge-analytics/dev/${name}"
        ])
      }
      ReadUsage = {
        actions   = toset(["cloudwatch:GetMetricStatistics"])
        resources = toset(["*"])
      }
      CountColdStarts = {
        actions = toset(["logs:DescribeLogStreams"])
        resources = toset([
          for name in ["processor", "reporter"] : "arn:aws:logs:eu-west-2:111122223333:log-group:/aws/lambda/edge-analytics-dev-${name}:*"
        ])
      }
      CountDeployments = {
        actions = toset(["cloudformation:DescribeStackEvents"])
        resources = toset([
          for name in ["processor", "reporter"] : "arn:aws:cloudformation:eu-west-2:111122223333:stack/edge-analytics-dev-${name}/*"
        ])
      }
    }
    error_message = "The reporter's role must be exactly this."
  }

  assert {
    condition = one([for statement in jsondecode(module.reporter_role.policy).Statement : statement.Condition if statement.Sid == "MailReport"]) == {
      StringEquals = { "ses:FromAddress" = "reports@example.com" }
    }
    error_message = "Recipients' identities must not serve as senders."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.missed.metric_name == "Errors" &&
      aws_cloudwatch_metric_alarm.missed.statistic == "Minimum" &&
      aws_cloudwatch_metric_alarm.missed.dimensions == tomap({ FunctionName = "edge-analytics-dev-reporter" }) &&
      aws_cloudwatch_metric_alarm.missed.period <= 3600 &&
      aws_cloudwatch_metric_alarm.missed.period * aws_cloudwatch_metric_alarm.missed.evaluation_periods > 25 * 3600 &&
      aws_cloudwatch_metric_alarm.missed.period * aws_cloudwatch_metric_alarm.missed.evaluation_periods <= 27 * 3600 &&
      aws_cloudwatch_metric_alarm.missed.treat_missing_data == "breaching"
    )
    error_message = "A missed daily run must raise the alarm within three hours, the longest day of the year must not."
  }

  assert {
    condition = one([
      for statement in jsondecode(module.reporter_role.policy).Statement : toset(statement.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]) if statement.Sid == "ForgetDerived"
    ]) == toset(["site#*#changed", "site#*#topics"])
    error_message = "Exchanges must not be the reporter's to delete."
  }
}

run "nobody_reads_conversations_unless_their_page_is_wanted" {
  command = plan

  assert {
    condition     = length(aws_iam_user.conversations) + length(aws_iam_user_policy.conversations) + length(aws_ssm_parameter.conversations_user_name) == 0
    error_message = "The page of conversations must be off by default."
  }
}

run "who_reads_conversations_reads_those_of_the_sites_by_their_whole_keys" {
  command = plan

  variables {
    conversations_page = true
  }

  assert {
    condition     = aws_iam_user.conversations[0].name == "edge-analytics-dev-conversations" && aws_ssm_parameter.conversations_user_name[0].value == "edge-analytics-dev-conversations"
    error_message = "The reader must be a user of its own, and published."
  }

  assert {
    condition = [
      for statement in jsondecode(data.aws_iam_policy_document.conversations.json).Statement : {
        actions   = toset(flatten([statement.Action]))
        resource  = statement.Resource
        condition = toset(statement.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])
      }
      ] == [{
        actions   = toset(["dynamodb:BatchGetItem", "dynamodb:GetItem"])
        resource  = "arn:aws:dynamodb:eu-west-2:111122223333:table/edge-analytics-dev-events"
        condition = toset(flatten([for site in var.report_sites : ["site#${site}#conversations", "site#${site}#day#*"]]))
    }]
    error_message = "The reader must get items by their keys, in the table, of the sites, and do nothing else."
  }
}

run "recipients_are_subscribed_to_the_topic_only_when_it_is_a_channel" {
  command = plan

  variables {
    report_recipients = ["owner@example.com", "operations@example.com"]
  }

  assert {
    condition     = length(aws_sns_topic_subscription.report) == 0 && aws_ssm_parameter.published["report-channels"].value == "email"
    error_message = "By default reports leave by e-mail alone."
  }
}

run "recipients_are_subscribed_when_the_topic_is_a_channel" {
  command = plan

  variables {
    report_channels = ["sns", "email"]
  }

  assert {
    condition     = keys(aws_sns_topic_subscription.report) == ["owner@example.com"] && aws_ssm_parameter.published["report-channels"].value == "email,sns"
    error_message = "With the topic as a channel the recipients must be subscribed to it."
  }
}

run "lists_are_published_with_commas" {
  command = plan

  variables {
    report_recipients = ["owner@example.com", "operations@example.com"]
    report_sites      = ["demo.example.com", "docs.example.com"]
  }

  assert {
    condition = (
      aws_ssm_parameter.published["report-recipients"].value == "owner@example.com,operations@example.com" &&
      aws_ssm_parameter.published["report-sites"].value == "demo.example.com,docs.example.com"
    )
    error_message = "The reporter splits lists at commas."
  }
}

run "links_lead_to_the_worker_if_its_address_is_given" {
  command = plan

  variables {
    worker_url = "https://edge-analytics.example.workers.dev"
  }

  assert {
    condition     = one(aws_ssm_parameter.worker_url).value == "https://edge-analytics.example.workers.dev"
    error_message = "The address must be published."
  }
}

run "there_are_no_links_without_an_address" {
  command = plan

  assert {
    condition     = length(aws_ssm_parameter.worker_url) == 0
    error_message = "Nothing may be published."
  }
}

run "addresses_that_are_identities_already_are_not_made_again" {
  command = plan

  variables {
    create_identities = false
  }

  assert {
    condition     = length(aws_sesv2_email_identity.address) == 0
    error_message = "An identity is the account's: a second environment must be able to use the first one's."
  }

  assert {
    condition     = strcontains(module.reporter_role.policy, "identity/reports@example.com")
    error_message = "The reporter must still be allowed to send as it."
  }
}

run "roles_are_bounded_where_a_boundary_is_given" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/edge-analytics/boundary/edge-analytics-dev-boundary"
  }

  assert {
    condition     = module.reporter_role.permissions_boundary == var.permissions_boundary_arn && module.report_schedule.permissions_boundary == var.permissions_boundary_arn
    error_message = "HCP Terraform may make no role without."
  }
}
