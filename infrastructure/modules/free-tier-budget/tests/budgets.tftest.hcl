provider "aws" {
  region                      = "eu-west-2"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name            = "edge-analytics"
  email_addresses = ["owner@example.com"]
}

run "the_owner_hears_of_the_first_cent_and_the_first_dollar" {
  command = plan

  assert {
    condition     = { for budget in aws_budgets_budget.cost : budget.name => "${budget.limit_amount} ${budget.limit_unit} ${budget.time_unit}" } == { "edge-analytics-first-cent" = "0.01 USD MONTHLY", "edge-analytics-one-dollar" = "1 USD MONTHLY" }
    error_message = "There must be one monthly budget of a cent and one of a dollar."
  }

  assert {
    condition     = alltrue([for budget in aws_budgets_budget.cost : !budget.cost_types[0].include_credit && !budget.cost_types[0].include_refund])
    error_message = "Budgets must leave credits and refunds out."
  }

  assert {
    condition = alltrue([
      for budget in aws_budgets_budget.cost :
      toset([for notification in budget.notification : notification.notification_type]) == toset(["ACTUAL", "FORECASTED"]) &&
      alltrue([for notification in budget.notification : notification.subscriber_email_addresses == toset(["owner@example.com"])])
    ])
    error_message = "Both kinds of notice must be mailed to the owner."
  }
}
