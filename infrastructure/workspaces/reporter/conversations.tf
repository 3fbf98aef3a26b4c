# Who reads conversations for the page behind a link of a report: made only where an owner wants that page. A user of
# its own: the key that sends events cannot read, and this one can do nothing else. `make conversations-page` of the edge
# makes its access key, and the secret that the page asks for.

locals {
  conversations_user_name = "${local.prefix}-conversations"
}

resource "aws_iam_user" "conversations" {
  # checkov:skip=CKV_AWS_273:The edge is no person and has no identity that AWS would accept: a user that reads one table is the least it can have

  count = var.conversations_page ? 1 : 0

  name = local.conversations_user_name
  path = "/edge-analytics/"

  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}

data "aws_iam_policy_document" "conversations" {
  statement {
    sid       = "ReadConversations"
    actions   = ["dynamodb:BatchGetItem", "dynamodb:GetItem"]
    resources = [local.table_arn]

    # By whole keys only, so that nothing can be searched: lists of conversations, and the conversations that they name.
    condition {
      test     = "ForAllValues:StringLike"
      variable = "dynamodb:LeadingKeys"
      values = flatten([
        for site in var.report_sites : ["site#${site}#conversations", "site#${site}#day#*"]
      ])
    }
  }
}

resource "aws_iam_user_policy" "conversations" {
  # checkov:skip=CKV_AWS_40:A group of one would hide what this one user may do

  count = var.conversations_page ? 1 : 0

  name   = "read-conversations"
  user   = aws_iam_user.conversations[0].name
  policy = data.aws_iam_policy_document.conversations.json
}

# That it is there tells the reporter to list conversations.
resource "aws_ssm_parameter" "conversations_user_name" {
  # checkov:skip=CKV2_AWS_34:A user's name is not a secret

  count = var.conversations_page ? 1 : 0

  name        = "/edge-analytics/${var.environment}/conversations-user-name"
  description = "Name of the IAM user that the edge reads conversations as, for the page behind a link of a report."
  type        = "String"
  value       = aws_iam_user.conversations[0].name
}
