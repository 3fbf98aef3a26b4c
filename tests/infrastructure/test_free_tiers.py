"""What counts against a free tier, in all workspaces and templates together."""

import re
from collections import Counter

from stack.paths import INFRASTRUCTURE, ROOT

ENVIRONMENTS = 2
"""Environments that one account's free tiers must carry."""


def declared() -> Counter[str]:
    """Return how often each type of resource is declared in the modules and workspaces."""
    files = [path for folder in ("modules", "workspaces") for path in (INFRASTRUCTURE / folder).glob("*/*.tf")]
    resource = re.compile(r'^resource "(\w+)" "\w+" \{', re.MULTILINE)
    return Counter(kind for path in files for kind in resource.findall(path.read_text()))


def templates() -> list[str]:
    return [(ROOT / service / "template.yaml").read_text() for service in ("processor", "reporter")]


def test_two_environments_share_ten_alarms() -> None:
    in_templates = sum(template.count("AWS::CloudWatch::Alarm") for template in templates())

    assert ENVIRONMENTS * (declared()["aws_cloudwatch_metric_alarm"] + in_templates) <= 10


def test_no_alarm_is_declared_more_than_once_by_a_loop_or_by_a_second_call_of_its_module() -> None:
    """Otherwise the count of declarations would say nothing."""
    with_alarms = [
        path
        for folder in ("modules", "workspaces")
        for path in (INFRASTRUCTURE / folder).glob("*/*.tf")
        if "aws_cloudwatch_metric_alarm" in path.read_text()
    ]
    alarm = re.compile(r'^resource "aws_cloudwatch_metric_alarm".*?^}', re.MULTILINE | re.DOTALL)
    blocks = [block for path in with_alarms for block in alarm.findall(path.read_text())]
    calls = Counter(
        module
        for path in (INFRASTRUCTURE / "workspaces").glob("*/*.tf")
        for module in re.findall(r'source\s+= "../../modules/([a-z-]+)"', path.read_text())
    )

    assert blocks
    assert not [block for block in blocks if re.search(r"^  (count|for_each)\s", block, re.MULTILINE)]
    assert all(calls[path.parent.name] == 1 for path in with_alarms if path.parent.parent.name == "modules")


def test_two_environments_share_three_dashboards() -> None:
    in_templates = sum(template.count("AWS::CloudWatch::Dashboard") for template in templates())

    assert ENVIRONMENTS * (declared()["aws_cloudwatch_dashboard"] + in_templates) <= 3


def test_two_environments_share_ten_custom_metrics() -> None:
    from_logs = declared()["aws_cloudwatch_log_metric_filter"]
    embedded = [
        path
        for service in ("processor", "reporter")
        for path in (ROOT / service / "src").rglob("*.py")
        if "CloudWatchMetrics" in path.read_text()
    ]
    names = {name for path in embedded for name in re.findall(r'"(\w+)"\]? ?[:=] ?\("', path.read_text())}
    names |= {name for path in embedded for name in re.findall(r'values\["(\w+)"\] =', path.read_text())}

    assert from_logs == 0
    assert {path.name for path in embedded} == {"metrics.py"}, "count the metrics of the new file as well"
    assert 1 <= ENVIRONMENTS * len(names) <= 10


def test_the_dashboard_shows_metrics_that_exist() -> None:
    dashboard = (INFRASTRUCTURE / "modules" / "dashboard" / "main.tf").read_text()
    metrics = (ROOT / "processor" / "src" / "processor" / "metrics.py").read_text()

    shown = re.findall(r'\["EdgeAnalytics", "(\w+)", "(\w+)"', dashboard)

    assert shown
    assert 'NAMESPACE = "EdgeAnalytics"' in metrics
    assert all(f'"{name}": (' in metrics and f'[["{dimension}"]]' in metrics for name, dimension in shown)


def test_nothing_is_made_that_is_never_free() -> None:
    """Each of these is billed from its first hour or request."""
    never_free = {
        "aws_kms_key",
        "aws_cloudwatch_composite_alarm",
        "aws_dynamodb_global_secondary_index",
        "aws_nat_gateway",
        "aws_s3_bucket",
        "aws_secretsmanager_secret",
        "aws_xray_sampling_rule",
    }

    assert not never_free & declared().keys()
    assert "point_in_time_recovery" not in (INFRASTRUCTURE / "modules" / "event-table" / "main.tf").read_text()
