output "user_name" {
  description = "Name of the user, for the command that makes its access key."
  value       = aws_iam_user.edge.name
}
