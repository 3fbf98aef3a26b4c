# What the processor needs around its code: the table, the role it runs as, its log and the alarm on its errors.

locals {
  prefix        = "edge-analytics-${var.environment}"
  function_name = "${local.prefix}-processor"
}

module "event_table" {
  source = "../../modules/event-table"

  name                = "${local.prefix}-events"
  deletion_protection = var.deletion_protection
}

module "processor_role" {
  source = "../../modules/function-role"

  function_name = local.function_name

  permissions = {
    TakeFromQueue = {
      actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
      resources = [local.queue_arn]
    }
    MergeIntoTable = {
      actions   = ["dynamodb:UpdateItem"]
      resources = [module.event_table.table_arn]
    }
  }
}
