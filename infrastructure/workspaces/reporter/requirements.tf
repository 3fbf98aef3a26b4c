# What this workspace takes from the two applied before it.

# A parameter that is missing stops the plan at this address, which says what to do.
data "aws_ssm_parameter" "apply_worker_workspace_first" {
  for_each = toset(["dead-letter-queue-arn", "alert-topic-arn"])

  name = "/edge-analytics/${var.environment}/${each.key}"
}

# A parameter that is missing stops the plan at this address, which says what to do.
data "aws_ssm_parameter" "apply_processor_workspace_first" {
  for_each = toset(["table-arn"])

  name = "/edge-analytics/${var.environment}/${each.key}"
}

locals {
  dead_letter_queue_arn = data.aws_ssm_parameter.apply_worker_workspace_first["dead-letter-queue-arn"].insecure_value
  alert_topic_arn       = data.aws_ssm_parameter.apply_worker_workspace_first["alert-topic-arn"].insecure_value
  table_arn             = data.aws_ssm_parameter.apply_processor_workspace_first["table-arn"].insecure_value
}
