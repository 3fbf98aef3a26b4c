provider "aws" {
  region                      = "eu-west-2"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_resource {
  target          = aws_sqs_queue.dead_letter
  override_during = plan
  values          = { arn = "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events-dead-letter.fifo" }
}

variables {
  name                     = "edge-analytics-dev-events"
  consumer_timeout_seconds = 30
  alert_topic_arn          = "arn:aws:sns:eu-west-2:111122223333:alerts"
}

run "the_queues_are_ordered_safe_and_keep_what_fails" {
  command = plan

  assert {
    condition     = aws_sqs_queue.events.name == "edge-analytics-dev-events.fifo" && aws_sqs_queue.dead_letter.name == "edge-analytics-dev-events-dead-letter.fifo"
    error_message = "The queues must be named after the module's name."
  }

  assert {
    condition = alltrue([
      for queue in [aws_sqs_queue.events, aws_sqs_queue.dead_letter] :
      queue.fifo_queue && queue.sqs_managed_sse_enabled && queue.message_retention_seconds == 1209600
    ])
    error_message = "Both queues must be FIFO, encrypted by SQS, and keep messages for 14 days."
  }

  assert {
    condition     = aws_sqs_queue.events.deduplication_scope == "messageGroup" && aws_sqs_queue.events.fifo_throughput_limit == "perMessageGroupId"
    error_message = "Limits must be counted for each message group."
  }

  assert {
    condition     = aws_sqs_queue.events.visibility_timeout_seconds == 180
    error_message = "30 seconds of timeout make 180 of visibility timeout."
  }

  assert {
    condition = jsondecode(aws_sqs_queue.events.redrive_policy) == {
      deadLetterTargetArn = "arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events-dead-letter.fifo"
      maxReceiveCount     = 5
    }
    error_message = "The redrive policy must name the dead-letter queue and five receives."
  }

  assert {
    condition = jsondecode(aws_sqs_queue.dead_letter.redrive_allow_policy) == {
      redrivePermission = "byQueue"
      sourceQueueArns   = ["arn:aws:sqs:eu-west-2:111122223333:edge-analytics-dev-events.fifo"]
    }
    error_message = "The redrive-allow policy must name the event queue alone."
  }

  assert {
    condition = alltrue([
      for queue in [aws_sqs_queue.events, aws_sqs_queue.dead_letter] :
      jsondecode(queue.policy).Statement[0] == {
        Sid       = "RefusePlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = "arn:aws:sqs:eu-west-2:111122223333:${queue.name}"
        Condition = {
          Bool         = { "aws:SecureTransport" = "false" }
          NotIpAddress = { "aws:SourceIp" = "127.0.0.0/8" }
        }
      }
    ])
    error_message = "Each queue's policy must deny everything that comes without TLS."
  }
}
