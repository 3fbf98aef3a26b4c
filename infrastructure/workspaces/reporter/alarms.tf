# One alarm for a report that failed and for a report that was never begun: the daily task is due every day.
resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name        = "${local.function_name}-errors"
  alarm_description = "The reporter failed, or has not run for a day. Its log, or the schedules' dead-letter queue, says why; both tasks can be run again."

  namespace   = "AWS/Lambda"
  metric_name = "Errors"
  dimensions  = { FunctionName = local.function_name }

  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 86400
  evaluation_periods  = 1
  treat_missing_data  = "breaching" # Lambda reports zero errors for a run that succeeds, and nothing when there was no run

  alarm_actions = [local.alert_topic_arn]
  ok_actions    = [local.alert_topic_arn]
}
