output "role_arns" {
  description = "ARNs of the roles by phase, for TFC_AWS_PLAN_ROLE_ARN and TFC_AWS_APPLY_ROLE_ARN of the workspace."
  value       = { for phase, role in aws_iam_role.run : phase => role.arn }

  depends_on = [aws_iam_role_policy.run]
}
