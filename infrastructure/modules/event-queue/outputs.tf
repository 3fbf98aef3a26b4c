output "queue_url" {
  description = "URL of the queue, for those who send to it or drain it."
  value       = aws_sqs_queue.events.url
}

output "queue_arn" {
  description = "ARN of the queue, for policies and event source mappings."
  value       = aws_sqs_queue.events.arn
}

output "queue_name" {
  description = "Name of the queue, for alarms and dashboards."
  value       = aws_sqs_queue.events.name
}

output "dead_letter_queue_url" {
  description = "URL of the dead-letter queue, for those who inspect or redrive it."
  value       = aws_sqs_queue.dead_letter.url
}

output "dead_letter_queue_arn" {
  description = "ARN of the dead-letter queue, for policies."
  value       = aws_sqs_queue.dead_letter.arn
}
