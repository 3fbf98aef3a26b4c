# What this workspace takes from the one applied before it.

# A parameter that is missing stops the plan at this address, which says what to do.
data "aws_ssm_parameter" "apply_worker_workspace_first" {
  for_each = toset(["queue-arn"])

  name = "/edge-analytics/${var.environment}/${each.key}"
}

locals {
  queue_arn = data.aws_ssm_parameter.apply_worker_workspace_first["queue-arn"].insecure_value
}
