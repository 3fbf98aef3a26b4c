# The queue between the edge and the processor, and the queue for what could not be processed.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  queue_name       = "${var.name}.fifo"
  dead_letter_name = "${var.name}-dead-letter.fifo"

  # Written out rather than read from the resources: each policy names the queue it is part of,
  # or the one that is made after it.
  arn_prefix      = "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}"
  queue_arn       = "${local.arn_prefix}:${local.queue_name}"
  dead_letter_arn = "${local.arn_prefix}:${local.dead_letter_name}"

  # Lambda asks for six times the function's timeout: room for a batch that is throttled and tried again.
  visibility_timeout_seconds = 6 * var.consumer_timeout_seconds

  fourteen_days_seconds = 14 * 24 * 60 * 60
}

data "aws_iam_policy_document" "transport" {
  for_each = {
    events      = local.queue_arn
    dead_letter = local.dead_letter_arn
  }

  statement {
    sid       = "RefusePlainHttp"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [each.value]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }

    # No request reaches AWS from a loopback address: this is for an emulator on the same machine, which has no TLS.
    condition {
      test     = "NotIpAddress"
      variable = "aws:SourceIp"
      values   = ["127.0.0.0/8"]
    }
  }
}

resource "aws_sqs_queue" "dead_letter" {
  name       = local.dead_letter_name
  fifo_queue = true

  message_retention_seconds = local.fourteen_days_seconds
  sqs_managed_sse_enabled   = true
  policy                    = data.aws_iam_policy_document.transport["dead_letter"].json

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.queue_arn]
  })
}

resource "aws_sqs_queue" "events" {
  name       = local.queue_name
  fifo_queue = true

  # High throughput: limits and duplicates are counted for each message group, not for the whole queue.
  deduplication_scope   = "messageGroup"
  fifo_throughput_limit = "perMessageGroupId"

  visibility_timeout_seconds = local.visibility_timeout_seconds
  message_retention_seconds  = local.fourteen_days_seconds
  receive_wait_time_seconds  = 20 # an empty receive is a billed request: wait as long as SQS allows
  sqs_managed_sse_enabled    = true
  policy                     = data.aws_iam_policy_document.transport["events"].json

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter.arn
    maxReceiveCount     = var.max_receive_count
  })
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name        = "${var.name}-dead-letters"
  alarm_description = "Events could not be processed and wait in ${local.dead_letter_name} for 14 days. The processor's log says why; redrive them when that is fixed."

  namespace   = "AWS/SQS"
  metric_name = "ApproximateNumberOfMessagesVisible"
  dimensions  = { QueueName = aws_sqs_queue.dead_letter.name }

  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching" # SQS stops reporting on a queue that nobody uses

  alarm_actions = [var.alert_topic_arn]
  ok_actions    = [var.alert_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "waiting" {
  alarm_name        = "${var.name}-waiting"
  alarm_description = "An event has waited in ${local.queue_name} for longer than all its attempts can take: the processor is stopped or too slow."

  namespace   = "AWS/SQS"
  metric_name = "ApproximateAgeOfOldestMessage"
  dimensions  = { QueueName = aws_sqs_queue.events.name }

  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.max_receive_count * local.visibility_timeout_seconds
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching" # SQS stops reporting on a queue that nobody uses

  alarm_actions = [var.alert_topic_arn]
  ok_actions    = [var.alert_topic_arn]
}
