output "user_name" {
  description = "Name of the user, for the command that makes its access key."
  value       = aws_iam_user.edge.name
}

output "permissions_boundary" {
  description = "ARN of the permissions boundary; null for none."
  value       = aws_iam_user.edge.permissions_boundary
}
