# Where alarms go, and the alarm for the failure that makes no noise: events that stop coming.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # Written out rather than read from the topic: so a plan shows the whole policy before anything exists.
  topic_arn = "arn:${data.aws_partition.current.partition}:sns:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:${var.name}"
}

resource "aws_sns_topic" "alerts" {
  # checkov:skip=CKV_AWS_26:CloudWatch can only write to a topic encrypted by a key of our own, at $1 a month; alarms hold no visitor's data

  name = var.name
}

data "aws_iam_policy_document" "publish" {
  statement {
    sid       = "AlarmsOfThisAccount"
    actions   = ["sns:Publish"]
    resources = [local.topic_arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "publish" {
  arn    = aws_sns_topic.alerts.arn
  policy = data.aws_iam_policy_document.publish.json
}

# Each address gets a mail with a link and hears nothing until somebody follows it.
resource "aws_sns_topic_subscription" "email" {
  for_each = var.email_addresses

  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_cloudwatch_metric_alarm" "silence" {
  alarm_name        = "${var.name}-silence"
  alarm_description = "No event has reached ${var.queue_name} for 24 hours: nobody asked anything, or the edge no longer delivers."

  namespace   = "AWS/SQS"
  metric_name = "NumberOfMessagesSent"
  dimensions  = { QueueName = var.queue_name }

  # Hour by hour, so that the alarm neither waits for midnight nor outlives the next event by a day.
  statistic           = "Sum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 3600
  evaluation_periods  = 24
  treat_missing_data  = "breaching" # SQS stops reporting on a queue that nobody uses: that is the silence

  alarm_actions = [aws_sns_topic.alerts.arn]
  ok_actions    = [aws_sns_topic.alerts.arn]
}
