# What this workspace takes from the two applied before it.

# A parameter that is missing stops the plan at this address, which says what to do.
data "aws_ssm_parameter" "apply_worker_workspace_first" {
  for_each = toset(["alert-topic-arn", "dead-letter-queue-arn", "queue-arn"])

  name = "/edge-analytics/${var.environment}/${each.key}"
}

# A parameter that is missing stops the plan at this address, which says what to do.
data "aws_ssm_parameter" "apply_processor_workspace_first" {
  for_each = toset(["processor-function-name", "table-arn", "table-name"])

  name = "/edge-analytics/${var.environment}/${each.key}"
}

locals {
  from_worker    = { for name, parameter in data.aws_ssm_parameter.apply_worker_workspace_first : name => parameter.insecure_value }
  from_processor = { for name, parameter in data.aws_ssm_parameter.apply_processor_workspace_first : name => parameter.insecure_value }

  alert_topic_arn         = local.from_worker["alert-topic-arn"]
  dead_letter_queue_arn   = local.from_worker["dead-letter-queue-arn"]
  dead_letter_queue_name  = element(split(":", local.dead_letter_queue_arn), 5)
  queue_name              = element(split(":", local.from_worker["queue-arn"]), 5)
  processor_function_name = local.from_processor["processor-function-name"]
  table_arn               = local.from_processor["table-arn"]
  table_name              = local.from_processor["table-name"]
}
