# What an account needs once, whatever its environments: who may come in from outside, as what, and who hears of costs.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  # The processor's and the reporter's stacks are deployed by GitHub; the edge is not on AWS.
  deployments = {
    for pair in setproduct(var.environments, ["processor", "reporter"]) :
    "edge-analytics-${pair[0]}-${pair[1]}" => { environment = pair[0] }
  }

  kinds_by_workspace = {
    worker    = ["alarms", "parameters", "queues", "topics", "users"]
    processor = ["alarms", "logs", "parameters", "roles", "tables"]
    reporter  = ["alarms", "dashboards", "identities", "logs", "parameters", "queues", "roles", "schedules", "topics", "users"]
  }

  hcp_workspaces = {
    for pair in setproduct(var.environments, keys(local.kinds_by_workspace)) :
    "edge-analytics-${pair[1]}-${pair[0]}" => { environment = pair[0], kinds = local.kinds_by_workspace[pair[1]] }
  }
}

# An account has one provider for each issuer: import one that is there already.
resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_repository == null ? 0 : 1

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_openid_connect_provider" "hcp_terraform" {
  count = var.hcp_organization == null ? 0 : 1

  url            = "https://app.terraform.io"
  client_id_list = ["aws.workload.identity"]
}

# They had no count once.
moved {
  from = aws_iam_openid_connect_provider.github
  to   = aws_iam_openid_connect_provider.github[0]
}

moved {
  from = aws_iam_openid_connect_provider.hcp_terraform
  to   = aws_iam_openid_connect_provider.hcp_terraform[0]
}

module "github_deploy_role" {
  source   = "../../modules/github-deploy-role"
  for_each = var.github_repository == null ? {} : local.deployments

  name               = each.key
  environment        = each.value.environment
  github_environment = each.value.environment
  repository         = var.github_repository
  oidc_provider_arn  = one(aws_iam_openid_connect_provider.github[*].arn)

  # Made later, by the service's own workspace.
  function_role_arn = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role/edge-analytics/${each.key}"
}

module "hcp_run_role" {
  source   = "../../modules/hcp-run-role"
  for_each = var.hcp_organization == null ? {} : local.hcp_workspaces

  organization      = var.hcp_organization
  project           = var.hcp_project
  workspace         = each.key
  environment       = each.value.environment
  kinds             = each.value.kinds
  oidc_provider_arn = one(aws_iam_openid_connect_provider.hcp_terraform[*].arn)

  permissions_boundary_arn = module.permissions_boundary[each.value.environment].arn
}

module "permissions_boundary" {
  source   = "../../modules/permissions-boundary"
  for_each = var.hcp_organization == null ? [] : var.environments

  environment = each.key
}

module "free_tier_budget" {
  source = "../../modules/free-tier-budget"

  name            = "edge-analytics"
  email_addresses = [var.budget_email]
}

# SES knows an address once in an account and Region, whatever the environments.
resource "aws_sesv2_email_identity" "address" {
  for_each = var.mail_addresses

  email_identity = each.value
}
