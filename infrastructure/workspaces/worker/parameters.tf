# This workspace's part of the published interface: exactly what parameters.json lists for it.

locals {
  parameters = { for parameter in jsondecode(file("${path.module}/../../parameters.json")) : parameter.name => parameter if parameter.publisher == "worker" && !try(parameter.secure, false) && !try(parameter.optional, false) }

  parameter_values = {
    "queue-url"             = module.event_queue.queue_url
    "queue-arn"             = module.event_queue.queue_arn
    "dead-letter-queue-url" = module.event_queue.dead_letter_queue_url
    "dead-letter-queue-arn" = module.event_queue.dead_letter_queue_arn
    "sender-user-name"      = module.edge_sender.user_name
    "alert-topic-arn"       = module.alerts.topic_arn
  }
}

resource "aws_ssm_parameter" "published" {
  # checkov:skip=CKV2_AWS_34:CloudFormation reads no SecureString in an SSM-typed parameter; nothing that is published here is a secret

  for_each = local.parameters

  name        = "/edge-analytics/${var.environment}/${each.key}"
  description = each.value.description
  type        = "String"
  value       = local.parameter_values[each.key]
}
