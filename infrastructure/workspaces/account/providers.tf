provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Project   = "edge-analytics"
      Workspace = "account"
    }
  }
}
