# This workspace's part of the published interface: exactly what parameters.json lists for it.

locals {
  parameters = { for parameter in jsondecode(file("${path.module}/../../parameters.json")) : parameter.name => parameter if parameter.publisher == "processor" }

  parameter_values = {
    "table-name"                 = module.event_table.table_name
    "table-arn"                  = module.event_table.table_arn
    "processor-function-name"    = local.function_name
    "processor-role-arn"         = module.processor_role.role_arn
    "processor-log-group-name"   = module.processor_role.log_group_name
    "processor-traffic-role-arn" = aws_iam_role.traffic.arn
  }
}

resource "aws_ssm_parameter" "published" {
  # checkov:skip=CKV2_AWS_34:CloudFormation reads no SecureString in an SSM-typed parameter; nothing that is published is a secret

  for_each = local.parameters

  name        = "/edge-analytics/${var.environment}/${each.key}"
  description = each.value.description
  type        = "String"
  value       = local.parameter_values[each.key]
}
