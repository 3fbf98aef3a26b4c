output "budget_names" {
  description = "Names of the budgets, for whoever looks them up."
  value       = [for budget in aws_budgets_budget.cost : budget.name]
}
