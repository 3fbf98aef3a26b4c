provider "aws" {
  region                      = "eu-west-2"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name = "edge-analytics-dev-events"
}

run "the_table_is_keyed_free_and_protected" {
  command = plan

  assert {
    condition = {
      partition_key = aws_dynamodb_table.events.hash_key
      sort_key      = aws_dynamodb_table.events.range_key
      time_to_live  = aws_dynamodb_table.events.ttl[0].attribute_name
    } == jsondecode(file("${path.module}/keys.json"))
    error_message = "The table's attributes must be those of keys.json."
  }

  assert {
    condition     = aws_dynamodb_table.events.ttl[0].enabled
    error_message = "Items must expire."
  }

  assert {
    condition = (
      aws_dynamodb_table.events.billing_mode == "PROVISIONED" &&
      aws_dynamodb_table.events.read_capacity == 25 &&
      aws_dynamodb_table.events.write_capacity == 25 &&
      length(aws_dynamodb_table.events.global_secondary_index) == 0
    )
    error_message = "The table must use the free 25 units of each kind, and no index may take a share of them."
  }

  assert {
    condition     = aws_dynamodb_table.events.deletion_protection_enabled
    error_message = "Deletion protection must be on by default."
  }
}
