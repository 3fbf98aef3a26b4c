# The one table: raw exchanges, daily rollups and report snapshots.

locals {
  # The services read the same file, so that nobody spells an attribute name differently.
  keys = jsondecode(file("${path.module}/keys.json"))
}

resource "aws_dynamodb_table" "events" {
  # checkov:skip=CKV_AWS_28:Point-in-time recovery is billed by the gigabyte; what is lost with the table is at most 90 days of questions
  # checkov:skip=CKV_AWS_119:DynamoDB encrypts with its own key for nothing; a key of our own is $1 a month
  # checkov:skip=CKV2_AWS_16:Auto scaling makes alarms, of which ten are free, and could leave the free capacity; bursts wait in the queue

  name = var.name

  # Only provisioned capacity of the Standard class is in the free tier: 25 units of each kind in a Region.
  billing_mode   = "PROVISIONED"
  read_capacity  = var.read_capacity
  write_capacity = var.write_capacity

  hash_key  = local.keys.partition_key
  range_key = local.keys.sort_key

  attribute {
    name = local.keys.partition_key
    type = "S"
  }

  attribute {
    name = local.keys.sort_key
    type = "S"
  }

  ttl {
    attribute_name = local.keys.time_to_live
    enabled        = true
  }

  deletion_protection_enabled = var.deletion_protection
}
