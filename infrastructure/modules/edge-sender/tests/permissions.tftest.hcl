provider "aws" {
  region                      = "eu-west-2"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name      = "edge-analytics-dev-sender"
  queue_arn = "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events.fifo"
}

run "the_user_may_send_to_one_queue_and_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_user_policy.send.policy) == {
      Version = "2012-10-17"
      Statement = [{
        Sid      = "SendEvents"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events.fifo"
      }]
    }
    error_message = "The policy must be this one statement."
  }

  assert {
    condition     = aws_iam_user_policy.send.user == aws_iam_user.edge.name
    error_message = "The policy must belong to the module's own user."
  }
}
