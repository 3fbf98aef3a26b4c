output "dead_letter_queue_name" {
  description = "Name of the queue that keeps invocations which could not be delivered."
  value       = aws_sqs_queue.dead_letter.name
}

output "permissions_boundary" {
  description = "ARN of the permissions boundary; null for none."
  value       = aws_iam_role.schedule.permissions_boundary
}
