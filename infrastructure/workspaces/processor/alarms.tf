# The processor reports a bad message by itself, and the queue keeps it; an error of the whole function is a fault.
resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name        = "${local.function_name}-errors"
  alarm_description = "The processor failed as a whole, not on one message. Its log says why; nothing is lost, the queue hands the events out again."

  namespace   = "AWS/Lambda"
  metric_name = "Errors"
  dimensions  = { FunctionName = local.function_name }

  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching" # no visitors, no invocations; the silence alarm watches for that

  alarm_actions = [local.alert_topic_arn]
  ok_actions    = [local.alert_topic_arn]
}
