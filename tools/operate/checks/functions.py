"""Whether the functions are deployed and may run, and whether the reports' schedules call one of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from operate.environment import SERVICES, Environment, Parameter, parameters_of_contract
from operate.finding import MISSING, OK, Finding
from operate.lambda_function import Function

ALARMS: Mapping[str, str] = {
    "events-dead-letters": "worker",
    "events-waiting": "worker",
    "alerts-silence": "worker",
    "reporter-missed": "reporter",
}
"""The alarms by the end of their names, with the workspace that makes each."""


def published(environment: Environment) -> Iterator[Finding]:
    """Yield whether every name is published by which the parts find each other."""
    for parameter in parameters_of_contract():
        name = f"/edge-analytics/{environment.name}/{parameter.name}"
        kind = environment.kinds.get(parameter.name)
        if kind == parameter.kind:
            yield Finding(name, OK)
        elif kind is not None:
            delete = f"aws ssm delete-parameter --name {name}"
            store = _how_to_store(environment, parameter)
            yield Finding(name, MISSING, f"it is a {kind}, not a {parameter.kind}: {delete}, then {store}")
        elif not parameter.optional:
            yield Finding(name, MISSING, environment.how_to_publish(parameter.name))


def _how_to_store(environment: Environment, parameter: Parameter) -> str:
    if parameter.publisher == "owner":
        return "store it again (docs/deploy.md, section 9)"
    return environment.how_to_publish(parameter.name)


def functions(environment: Environment) -> Iterator[Finding]:
    """Yield whether each function has its alias, its role, and leave to run."""
    for service in SERVICES:
        what = f"{service} function"
        function = Function(environment, service)
        version = function.version
        release = f"make release SERVICE={service} ENVIRONMENT={environment.name}"
        if version is None:
            state = "has no alias `live`" if function.versions() else "does not exist"
            yield Finding(what, MISSING, f"{function.name} {state}: {release}")
            continue
        stopped = _reserved_concurrency(environment, function.name) == 0
        if stopped:
            command = f"aws lambda delete-function-concurrency --function-name {function.name}"
            yield Finding(what, MISSING, f"its reserved concurrency is 0, so it never runs: {command}")
        elif version in function.rejected():
            yield Finding(what, MISSING, f"version {version}, which failed its smoke test, is live: {release}")
        else:
            yield Finding(what, OK, f"{function.name}:{function.alias} is version {version}")


def _reserved_concurrency(environment: Environment, name: str) -> int | None:
    found = environment.client("lambda").get_function_concurrency(FunctionName=name)
    value = found.get("ReservedConcurrentExecutions")
    return None if value is None else int(value)


def schedules(environment: Environment) -> Iterator[Finding]:
    """Yield whether the daily and the weekly report are called for."""
    found = _schedules(environment)
    for report in ("daily", "weekly"):
        what = f"{report} schedule"
        schedule = next((one for one in found if one["Name"].endswith(report)), None)
        if schedule is None:
            yield Finding(what, MISSING, f"it does not exist: {environment.how_to_apply('reporter')}")
        elif schedule.get("State", "ENABLED") != "ENABLED":
            yield Finding(what, MISSING, f"it is disabled: {environment.how_to_apply('reporter')}")
        else:
            yield Finding(what, OK, "enabled")


def _schedules(environment: Environment) -> list[Mapping[str, Any]]:
    """Return the schedules of this environment's groups."""
    scheduler = environment.client("scheduler")
    prefix = f"edge-analytics-{environment.name}-"
    groups = [
        group["Name"]
        for page in scheduler.get_paginator("list_schedule_groups").paginate(NamePrefix=prefix)
        for group in page["ScheduleGroups"]
    ]
    return [
        schedule
        for group in groups
        for page in scheduler.get_paginator("list_schedules").paginate(GroupName=group)
        for schedule in page["Schedules"]
    ]


def alarms(environment: Environment) -> Iterator[Finding]:
    """Yield which alarms are gone or set off."""
    prefix = f"edge-analytics-{environment.name}-"
    pages = environment.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
    found: list[dict[str, Any]] = [alarm for page in pages for alarm in page["MetricAlarms"]]
    for name, workspace in ALARMS.items():
        if not any(alarm["AlarmName"] == prefix + name for alarm in found):
            yield Finding(f"alarm {name}", MISSING, f"it does not exist: {environment.how_to_apply(workspace)}")
    for alarm in found:
        if alarm.get("StateValue") == "ALARM":
            yield Finding(alarm["AlarmName"], MISSING, "in alarm: docs/runbook.md has an entry for it")
    if not any(alarm.get("StateValue") == "ALARM" for alarm in found):
        yield Finding("alarms", OK, "none is set off")
