output "dashboard_name" {
  description = "Name of the dashboard, for whoever opens it."
  value       = aws_cloudwatch_dashboard.pipeline.dashboard_name
}
