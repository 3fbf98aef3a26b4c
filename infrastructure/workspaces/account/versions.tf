terraform {
  required_version = ">= 1.11, < 2.0"

  # The organization is named by TF_CLOUD_ORGANIZATION, the workspace by TF_WORKSPACE,
  # as edge-analytics-account: nothing here has to be edited to run it as one's own.
  cloud {
    workspaces {
      tags = ["edge-analytics", "account"]
    }
  }

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}
