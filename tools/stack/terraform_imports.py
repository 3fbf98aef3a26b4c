"""How `terraform import` names what a killed run has made without noting it in the state."""

from collections.abc import Callable, Mapping
from typing import Any

IMPORT_IDS: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {
    "aws_budgets_budget": lambda values, account: f"{account}:{values['name']}",
    "aws_cloudwatch_dashboard": lambda values, _: str(values["dashboard_name"]),
    "aws_cloudwatch_log_group": lambda values, _: str(values["name"]),
    "aws_cloudwatch_metric_alarm": lambda values, _: str(values["alarm_name"]),
    "aws_dynamodb_table": lambda values, _: str(values["name"]),
    "aws_iam_openid_connect_provider": lambda values, account: (
        f"arn:aws:iam::{account}:oidc-provider/{str(values['url']).removeprefix('https://')}"
    ),
    "aws_iam_policy": lambda values, account: (
        f"arn:aws:iam::{account}:policy{values.get('path') or '/'}{values['name']}"
    ),
    "aws_iam_role": lambda values, _: str(values["name"]),
    "aws_iam_role_policy": lambda values, _: f"{values['role']}:{values['name']}",
    "aws_iam_user": lambda values, _: str(values["name"]),
    "aws_iam_user_policy": lambda values, _: f"{values['user']}:{values['name']}",
    "aws_scheduler_schedule": lambda values, _: f"{values.get('group_name') or 'default'}/{values['name']}",
    "aws_scheduler_schedule_group": lambda values, _: str(values["name"]),
    "aws_sesv2_email_identity": lambda values, _: str(values["email_identity"]),
    "aws_ssm_parameter": lambda values, _: str(values["name"]),
}
"""By type: from a resource's planned values and the account's number. What is made again without an error, such as a
queue or a topic, needs none."""
