output "table_name" {
  description = "Name of the table, for the functions that use it."
  value       = aws_dynamodb_table.events.name
}

output "table_arn" {
  description = "ARN of the table, for policies."
  value       = aws_dynamodb_table.events.arn
}
