# The first cent is news. Budgets that only watch are free, however many.

locals {
  limits_in_dollars = {
    first-cent = "0.01"
    one-dollar = "1"
  }
}

resource "aws_budgets_budget" "cost" {
  for_each = local.limits_in_dollars

  name         = "${var.name}-${each.key}"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = each.value
  limit_unit   = "USD"

  # What would be paid if there were no credits: with credits counted, nothing is heard until they are used up.
  cost_types {
    include_credit = false
    include_refund = false
  }

  notification {
    notification_type          = "ACTUAL"
    comparison_operator        = "GREATER_THAN"
    threshold                  = 100
    threshold_type             = "PERCENTAGE"
    subscriber_email_addresses = var.email_addresses
  }

  notification {
    notification_type          = "FORECASTED"
    comparison_operator        = "GREATER_THAN"
    threshold                  = 100
    threshold_type             = "PERCENTAGE"
    subscriber_email_addresses = var.email_addresses
  }
}
