output "role_arn" {
  description = "ARN of the role, for the function's template."
  value       = aws_iam_role.function.arn

  # A function that starts before its permissions are there fails on its first event.
  depends_on = [aws_iam_role_policy.permissions]
}

output "log_group_name" {
  description = "Name of the log group, for the function's template."
  value       = aws_cloudwatch_log_group.function.name
}

output "policy" {
  description = "The role's permissions as IAM gets them, for whoever reviews or tests them."
  value       = data.aws_iam_policy_document.permissions.json
}

output "permissions_boundary" {
  description = "ARN of the permissions boundary; null for none."
  value       = aws_iam_role.function.permissions_boundary
}
