output "role_arn" {
  description = "ARN of the role, for `role-to-assume` in the service's workflow."
  value       = aws_iam_role.deploy.arn

  depends_on = [aws_iam_role_policy.deploy]
}
