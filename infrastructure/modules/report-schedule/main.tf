# When reports are made, in the owner's own time zone: EventBridge Scheduler follows its summer time.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  dead_letter_name = "${var.name}-dead-letter"

  # Written out rather than read from the resources: so a plan shows the whole policies before anything exists.
  partition       = data.aws_partition.current.partition
  place           = "${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}"
  dead_letter_arn = "arn:${local.partition}:sqs:${local.place}:${local.dead_letter_name}"
  group_arn       = "arn:${local.partition}:scheduler:${local.place}:schedule-group/${var.name}"

  schedules = {
    # Before anybody reads, and at an hour that no change to or from summer time skips or repeats.
    daily  = { expression = "cron(30 4 * * ? *)", input = { report = "daily" } }
    weekly = { expression = "cron(0 ${var.report_hour} ? * ${var.report_weekday} *)", input = { report = "weekly" } }
  }
}

# Scheduler delivers only to a standard queue, though the events' own is FIFO.
resource "aws_sqs_queue" "dead_letter" {
  name = local.dead_letter_name

  message_retention_seconds = 14 * 24 * 60 * 60
  sqs_managed_sse_enabled   = true
}

resource "aws_scheduler_schedule_group" "reports" {
  name = var.name
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "RunAsSchedule"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.group_arn]
    }
  }
}

resource "aws_iam_role" "schedule" {
  name               = var.name
  path               = "/edge-analytics/"
  assume_role_policy = data.aws_iam_policy_document.trust.json

  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}

data "aws_iam_policy_document" "permissions" {
  statement {
    sid       = "InvokeAlias"
    actions   = ["lambda:InvokeFunction"]
    resources = [var.function_alias_arn]
  }

  statement {
    sid       = "KeepWhatCouldNotBeDelivered"
    actions   = ["sqs:SendMessage"]
    resources = [local.dead_letter_arn]
  }
}

resource "aws_iam_role_policy" "permissions" {
  name   = "permissions"
  role   = aws_iam_role.schedule.id
  policy = data.aws_iam_policy_document.permissions.json
}

resource "aws_scheduler_schedule" "reports" {
  # checkov:skip=CKV_AWS_297:Scheduler encrypts with its own key for nothing; a key of our own is $1 a month, and the input is one word

  for_each = local.schedules

  name        = each.key
  group_name  = aws_scheduler_schedule_group.reports.name
  description = "Tells the reporter to do its ${each.key} task."

  schedule_expression          = each.value.expression
  schedule_expression_timezone = var.time_zone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.function_alias_arn
    role_arn = aws_iam_role.schedule.arn
    input    = jsonencode(each.value.input)

    # The tasks can be repeated without harm, so an hour of failing to reach the function is waited out.
    retry_policy {
      maximum_retry_attempts       = 10
      maximum_event_age_in_seconds = 3600
    }

    dead_letter_config {
      arn = aws_sqs_queue.dead_letter.arn
    }
  }
}
