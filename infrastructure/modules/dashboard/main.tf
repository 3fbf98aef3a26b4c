# One screen, read from left to right and top to bottom as an event travels. Each widget is a third of the width.

locals {
  widgets = [
    {
      title  = "Requests: messages sent by the edge, and items stored"
      period = 3600
      stat   = "Sum"
      metrics = [
        ["AWS/SQS", "NumberOfMessagesSent", "QueueName", var.queue_name, { label = "sent" }],
        ["EdgeAnalytics", "Stored", "FunctionName", var.processor_function_name, { label = "stored" }],
      ]
    },
    {
      title  = "Queue: age of the oldest message, and DLQ depth"
      period = 300
      stat   = "Maximum"
      metrics = [
        ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", var.queue_name, { label = "age of the oldest (s)" }],
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.queue_name, { label = "waiting" }],
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.dead_letter_queue_name, { label = "in the DLQ" }],
      ]
    },
    {
      title  = "Queue: empty receives, the largest user of the free requests"
      period = 86400
      stat   = "Sum"
      metrics = [
        ["AWS/SQS", "NumberOfEmptyReceives", "QueueName", var.queue_name, { label = "a day" }],
      ]
    },
    {
      title  = "Processor: invocations and faults"
      period = 3600
      stat   = "Sum"
      metrics = [
        ["AWS/Lambda", "Invocations", "FunctionName", var.processor_function_name, { label = "invocations" }],
        ["AWS/Lambda", "Errors", "FunctionName", var.processor_function_name, { label = "errors" }],
        ["AWS/Lambda", "Throttles", "FunctionName", var.processor_function_name, { label = "throttles" }],
        ["EdgeAnalytics", "Invalid", "FunctionName", var.processor_function_name, { label = "messages refused" }],
      ]
    },
    {
      title  = "Table: units used an hour (90,000 are free), and requests refused"
      period = 3600
      stat   = "Sum"
      metrics = [
        ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", var.table_name, { label = "write units" }],
        ["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", var.table_name, { label = "read units" }],
        ["AWS/DynamoDB", "WriteThrottleEvents", "TableName", var.table_name, { label = "writes refused" }],
        ["AWS/DynamoDB", "ReadThrottleEvents", "TableName", var.table_name, { label = "reads refused" }],
      ]
    },
    {
      title  = "Reporter: runs, faults and the longest run"
      period = 86400
      stat   = "Sum"
      metrics = [
        ["AWS/Lambda", "Invocations", "FunctionName", var.reporter_function_name, { label = "runs" }],
        ["AWS/Lambda", "Errors", "FunctionName", var.reporter_function_name, { label = "errors" }],
        ["AWS/Lambda", "Duration", "FunctionName", var.reporter_function_name, { label = "longest (ms)", stat = "Maximum", yAxis = "right" }],
      ]
    },
  ]

  columns = 3
  width   = 24 / local.columns
  height  = 7
}

resource "aws_cloudwatch_dashboard" "pipeline" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    start = "-P7D"
    widgets = [
      for position, widget in local.widgets : {
        type   = "metric"
        x      = (position % local.columns) * local.width
        y      = floor(position / local.columns) * local.height
        width  = local.width
        height = local.height
        properties = {
          title   = widget.title
          region  = var.region
          view    = "timeSeries"
          period  = widget.period
          stat    = widget.stat
          metrics = widget.metrics
        }
      }
    ]
  })
}
