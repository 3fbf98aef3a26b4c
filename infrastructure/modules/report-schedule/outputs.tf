output "dead_letter_queue_name" {
  description = "Name of the queue that keeps invocations which could not be delivered."
  value       = aws_sqs_queue.dead_letter.name
}
