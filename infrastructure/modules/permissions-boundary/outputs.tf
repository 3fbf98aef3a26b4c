output "arn" {
  description = "ARN of the policy."
  value       = local.arn

  depends_on = [aws_iam_policy.boundary]
}

output "policy" {
  description = "The policy itself, as JSON."
  value       = data.aws_iam_policy_document.boundary.json
}
