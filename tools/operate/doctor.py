"""Looks at a machine and an environment and says what is missing and which command fixes it. Changes nothing."""

import os
from collections.abc import Iterator, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from operate.checks.account import budgets, credentials, delivery, identities, plan, sender_key
from operate.checks.edge import worker_secrets
from operate.checks.functions import alarms, functions, published, schedules
from operate.checks.github import deployments
from operate.checks.machine import programs
from operate.checks.permissions import permissions
from operate.checks.queues import queues, reading, reporting, table, topic
from operate.environment import Environment, OperationError
from operate.finding import MISSING, UNKNOWN, Check, Finding

_CHECKS: Mapping[str, Check] = {
    "account plan": plan,
    "budgets": budgets,
    "published parameters": published,
    "queues": queues,
    "table": table,
    "functions": functions,
    "roles and users": permissions,
    "queue to processor": reading,
    "reporting": reporting,
    "schedules": schedules,
    "mail identities": identities,
    "sending mail": delivery,
    "alert subscription": topic,
    "the Worker's access key": sender_key,
    "the Worker's secrets": worker_secrets,
    "alarms": alarms,
    "deployments by GitHub": deployments,
}


def examine(environment: Environment) -> Iterator[Finding]:
    """Yield a finding for everything that docs/deploy.md makes. An error in one check hides none of the others."""
    yield from programs(os.environ)
    account = list(credentials(environment))
    yield from account
    if any(finding.status == MISSING for finding in account):
        return
    for what, check in _CHECKS.items():
        yield from _examined(what, check, environment)


def _examined(what: str, check: Check, environment: Environment) -> Iterator[Finding]:
    try:
        yield from check(environment)
    except OperationError as error:
        yield Finding(what, MISSING, str(error))
    except ClientError as error:
        yield Finding(what, UNKNOWN, f"AWS refuses to say: {error.response['Error']['Code']}")
    except BotoCoreError as error:
        yield Finding(what, UNKNOWN, f"{error}")
    except Exception as error:  # noqa: BLE001 - whatever one check trips over, the others are to be seen
        yield Finding(what, UNKNOWN, f"{type(error).__name__}: {error}")
