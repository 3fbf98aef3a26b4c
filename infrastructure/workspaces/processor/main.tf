# What the processor needs around its code: the table, the role it runs as, its log and the alarm on its errors.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  prefix        = "edge-analytics-${var.environment}"
  function_name = "${local.prefix}-processor"
  table_name    = "${local.prefix}-events"

  # A Region gives 25 units of each kind free. Where two environments share them, production gets most.
  shared_units   = { dev = 5, prod = 20 }
  capacity_units = var.table_capacity_units > 0 ? var.table_capacity_units : var.shares_account ? local.shared_units[var.environment] : 25

  # Written out rather than read from the table: so a plan shows the whole role before anything exists.
  table_arn = "arn:${data.aws_partition.current.partition}:dynamodb:${var.region}:${data.aws_caller_identity.current.account_id}:table/${local.table_name}"
}

module "event_table" {
  source = "../../modules/event-table"

  name                = local.table_name
  read_capacity       = local.capacity_units
  write_capacity      = local.capacity_units
  deletion_protection = var.deletion_protection
}

module "processor_role" {
  source = "../../modules/function-role"

  function_name            = local.function_name
  permissions_boundary_arn = var.permissions_boundary_arn

  permissions = {
    TakeFromQueue = {
      actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
      resources = [local.queue_arn]
    }
    MergeIntoTable = {
      actions   = ["dynamodb:UpdateItem"]
      resources = [local.table_arn]
    }
  }
}
