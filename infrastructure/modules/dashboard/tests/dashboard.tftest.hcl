provider "aws" {
  region                      = "eu-west-2"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name                    = "edge-analytics-dev"
  region                  = "eu-west-2"
  queue_name              = "events.fifo"
  dead_letter_queue_name  = "events-dead-letter.fifo"
  table_name              = "events"
  processor_function_name = "processor"
  reporter_function_name  = "reporter"
}

run "the_pipeline_is_on_one_screen_and_free" {
  command = plan

  assert {
    condition = alltrue([
      for widget in jsondecode(aws_cloudwatch_dashboard.pipeline.dashboard_body).widgets :
      widget.x + widget.width <= 24 && widget.y + widget.height <= 14
    ])
    error_message = "Widgets must fit into two rows of a screen that is 24 columns wide."
  }

  assert {
    condition     = length(distinct([for widget in jsondecode(aws_cloudwatch_dashboard.pipeline.dashboard_body).widgets : [widget.x, widget.y]])) == 6
    error_message = "No widget may cover another."
  }

  assert {
    condition = toset(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.pipeline.dashboard_body).widgets : [for metric in widget.properties.metrics : metric[3]]
    ])) == toset(["events.fifo", "events-dead-letter.fifo", "events", "processor", "reporter"])
    error_message = "Both queues, the table and both functions must be shown."
  }

  assert {
    condition     = length(flatten([for widget in jsondecode(aws_cloudwatch_dashboard.pipeline.dashboard_body).widgets : [for metric in widget.properties.metrics : metric[1]]])) <= 50
    error_message = "A free dashboard shows at most 50 metrics."
  }

  assert {
    condition = alltrue(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.pipeline.dashboard_body).widgets : [for metric in widget.properties.metrics : startswith(metric[0], "AWS/") || metric[0] == "EdgeAnalytics"]
    ]))
    error_message = "Only metrics that AWS makes by itself, and the ten that the free tier allows of our own, are free."
  }
}
