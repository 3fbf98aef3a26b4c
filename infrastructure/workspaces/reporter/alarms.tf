# A report that fails is told to the alert topic by Lambda itself, as the template asks. What nobody would tell of is a
# reporter that no longer runs, or never to its end.
resource "aws_cloudwatch_metric_alarm" "missed" {
  alarm_name        = "${local.function_name}-missed"
  alarm_description = "No run of the reporter has succeeded for 26 hours, though its daily task is due every day. Its log, or the schedules' dead-letter queue, says why; both tasks can be run again."

  namespace   = "AWS/Lambda"
  metric_name = "Errors"
  dimensions  = { FunctionName = local.function_name }

  # Lambda reports a 0 for each run that succeeds: the least is 1 where all of an hour's runs failed. Hour by hour, since
  # a period of a day ends when CloudWatch's day does, and the alarm would come up to a day late. Two hours more than a
  # day are for the change from summer time and for the hour that is under way.
  statistic           = "Minimum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  period              = 3600
  evaluation_periods  = 26
  treat_missing_data  = "breaching" # nothing is reported of an hour without a run

  alarm_actions = [local.alert_topic_arn]
  ok_actions    = [local.alert_topic_arn]
}
