# What stands between the edge and the processor: the queue, who may send to it, and who hears when it goes wrong.

locals {
  prefix = "edge-analytics-${var.environment}"
}

module "alerts" {
  source = "../../modules/alerts"

  name            = "${local.prefix}-alerts"
  email_addresses = [var.alert_email]
  queue_name      = module.event_queue.queue_name
}

module "event_queue" {
  source = "../../modules/event-queue"

  name                     = "${local.prefix}-events"
  consumer_timeout_seconds = var.processor_timeout_seconds
  alert_topic_arn          = module.alerts.topic_arn
}

module "edge_sender" {
  source = "../../modules/edge-sender"

  name      = "${local.prefix}-sender"
  queue_arn = module.event_queue.queue_arn

  permissions_boundary_arn = var.permissions_boundary_arn
}
