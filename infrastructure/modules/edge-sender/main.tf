# The identity of the edge: outside AWS, so it needs a user with a key, and the least such a user can have.
#
# The key is not made here: its secret would lie in Terraform's state. `make secrets` of the edge makes it
# and hands it to the edge's secret store without writing it anywhere else.

resource "aws_iam_user" "edge" {
  # checkov:skip=CKV_AWS_273:The edge is no person and has no identity that AWS would accept: a user with one action is the least it can have

  name = var.name
  path = "/edge-analytics/"

  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}

data "aws_iam_policy_document" "send" {
  statement {
    sid       = "SendEvents"
    actions   = ["sqs:SendMessage"] # covers SendMessageBatch
    resources = [var.queue_arn]
  }
}

resource "aws_iam_user_policy" "send" {
  # checkov:skip=CKV_AWS_40:A group of one would hide what this one user may do

  name   = "send-events"
  user   = aws_iam_user.edge.name
  policy = data.aws_iam_policy_document.send.json
}
