output "github_role_arns" {
  description = "By stack, the role for `role-to-assume` in the service's workflow."
  value       = { for name, role in module.github_deploy_role : name => role.role_arn }
}

output "hcp_role_arns" {
  description = "By workspace and phase, the roles for TFC_AWS_PLAN_ROLE_ARN and TFC_AWS_APPLY_ROLE_ARN."
  value       = { for name, role in module.hcp_run_role : name => role.role_arns }
}

output "permissions_boundary_arns" {
  description = "By environment, the policy for `permissions_boundary_arn` of the workspaces that HCP Terraform applies."
  value       = { for name, boundary in module.permissions_boundary : name => boundary.arn }
}
