# This workspace's part of the published interface: exactly what parameters.json lists for it.

locals {
  parameters = { for parameter in jsondecode(file("${path.module}/../../parameters.json")) : parameter.name => parameter if parameter.publisher == "reporter" && !try(parameter.secure, false) && !try(parameter.optional, false) }

  parameter_values = {
    "reporter-function-name"  = local.function_name
    "reporter-role-arn"       = module.reporter_role.role_arn
    "reporter-log-group-name" = module.reporter_role.log_group_name
    "report-topic-arn"        = aws_sns_topic.report.arn
    "report-sender"           = var.report_sender
    "report-recipients"       = join(",", var.report_recipients)
    "report-sites"            = join(",", var.report_sites)
    "report-time-zone"        = var.report_time_zone
    "report-channels"         = join(",", sort(var.report_channels))
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
