"""Looks at a machine and an environment and says what is missing and which command fixes it. Changes nothing."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from operate.environment import ROOT, SERVICES, Environment, OperationError, parameters_of_contract
from operate.lambda_function import Function

OK, MISSING, UNKNOWN = "ok", "missing", "unknown"

_PROGRAMS = {
    "git": (["git", "--version"], None, "install git"),
    "uv": (["uv", "--version"], None, "make setup installs it into this folder"),
    "sam": (["sam", "--version"], None, "make setup installs it into this folder"),
    "terraform": (["terraform", "version"], (1, 11), "install Terraform 1.11 or later; make setup installs one"),
    "node": (["node", "--version"], (20,), "install Node 20 or later; make setup installs one"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    status: str
    detail: str = ""
    """What was found, and for what is missing, what to do. Never a secret."""

    def __str__(self) -> str:
        return f"{self.status:>8}  {self.what}{': ' if self.detail else ''}{self.detail}"


Check = Callable[[Environment], Iterator[Finding]]


def examine(environment: Environment) -> Iterator[Finding]:
    """Yield a finding for everything that docs/deploy.md makes, in its order."""
    yield from programs(os.environ)
    account = list(_credentials(environment))
    yield from account
    if any(finding.status == MISSING for finding in account):
        return
    for what, check in _CHECKS.items():
        try:
            yield from check(environment)
        except OperationError as error:
            yield Finding(what, MISSING, str(error))
        except ClientError as error:
            yield Finding(what, UNKNOWN, f"AWS refuses to say: {error.response['Error']['Code']}")
        except BotoCoreError as error:
            yield Finding(what, UNKNOWN, f"{error}")


def programs(variables: Mapping[str, str]) -> Iterator[Finding]:
    """Yield which of the programs that are needed are there, and new enough."""
    path = os.pathsep.join(
        [str(ROOT / ".tools" / "bin"), str(ROOT / ".venv" / "bin"), variables.get("PATH", os.defpath)]
    )
    for name, (command, minimum, advice) in _PROGRAMS.items():
        program = shutil.which(name, path=path)
        if program is None:
            yield Finding(name, MISSING, advice)
            continue
        printed = subprocess.run(
            [program, *command[1:]], capture_output=True, text=True, env={**variables, "PATH": path}, check=False
        ).stdout
        version = re.search(r"\d+(\.\d+)+", printed)
        numbers = tuple(int(number) for number in version[0].split(".")) if version else ()
        if minimum and numbers < minimum:
            yield Finding(name, MISSING, f"{version[0] if version else 'of no known version'}; {advice}")
        else:
            yield Finding(name, OK, version[0] if version else "")


def _credentials(environment: Environment) -> Iterator[Finding]:
    what = "AWS credentials"
    try:
        caller = environment.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        yield Finding(what, MISSING, f"{error}. Sign in (aws sso login, or set AWS_PROFILE); docs/deploy.md says how")
        return
    kind = caller["Arn"].split(":", 5)[5].split("/")[0]
    where = os.environ.get("AWS_ENDPOINT_URL", "AWS")
    yield Finding(what, OK, f"account {caller['Account']}, as {kind}, {environment.region}, {where}")


def _plan(environment: Environment) -> Iterator[Finding]:
    what = "account plan"
    plan = environment.client("freetier").get_account_plan_state()["accountPlanType"]
    if plan == "PAID":
        yield Finding(what, OK, "Paid: it stays open, and the always-free tier stays free")
    else:
        yield Finding(what, MISSING, f"{plan}: AWS closes the account after six months; upgrade to the Paid plan")


def _budgets(environment: Environment) -> Iterator[Finding]:
    account = environment.client("sts").get_caller_identity()["Account"]
    budgets = environment.client("budgets").describe_budgets(AccountId=account).get("Budgets", [])
    ours = [budget["BudgetName"] for budget in budgets if budget["BudgetName"].startswith("edge-analytics")]
    if ours:
        yield Finding("budgets", OK, ", ".join(sorted(ours)))
    else:
        yield Finding("budgets", MISSING, "make -C infrastructure deploy WORKSPACE=account")


def _published(environment: Environment) -> Iterator[Finding]:
    for parameter in parameters_of_contract():
        name = f"/edge-analytics/{environment.name}/{parameter.name}"
        if parameter.name in environment.published:
            yield Finding(name, OK)
        else:
            yield Finding(name, MISSING, environment.how_to_publish(parameter.name))


def _functions(environment: Environment) -> Iterator[Finding]:
    for service in SERVICES:
        function = Function(environment, service)
        version = function.version
        if version:
            yield Finding(f"{service} function", OK, f"{function.name}:live is version {version}")
        else:
            command = f"make release SERVICE={service} ENVIRONMENT={environment.name}"
            yield Finding(f"{service} function", MISSING, command)


def _event_source(environment: Environment) -> Iterator[Finding]:
    what = "queue to processor"
    mappings = environment.client("lambda").list_event_source_mappings(EventSourceArn=environment["queue-arn"])
    states = [mapping["State"] for mapping in mappings["EventSourceMappings"]]
    if states:
        # Disabled is right in drain mode, where a schedule empties the queue.
        yield Finding(what, OK, f"event source mapping {', '.join(states).lower()}")
    else:
        command = f"make release SERVICE=processor ENVIRONMENT={environment.name}"
        yield Finding(what, MISSING, f"nothing reads the queue: {command}")


def _identities(environment: Environment) -> Iterator[Finding]:
    mail = environment.client("sesv2")
    addresses = {environment["report-sender"], *environment["report-recipients"].split(",")}
    for address in sorted(addresses) if "email" in environment["report-channels"] else []:
        what = f"mail identity {address}"
        try:
            verified = mail.get_email_identity(EmailIdentity=address)["VerifiedForSendingStatus"]
        except mail.exceptions.NotFoundException:
            yield Finding(what, MISSING, environment.how_to_publish("report-sender"))
            continue
        if verified:
            yield Finding(what, OK, "verified")
        else:
            yield Finding(what, MISSING, "follow the link in the mail that AWS has sent to it")


def _alerts(environment: Environment) -> Iterator[Finding]:
    what = "alert subscription"
    topic = environment["alert-topic-arn"]
    found = environment.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    if any(subscription["SubscriptionArn"].startswith("arn:") for subscription in found):
        yield Finding(what, OK, "confirmed")
    else:
        yield Finding(what, MISSING, "follow the link in the mail that AWS has sent to the alert address")


def _sender_key(environment: Environment) -> Iterator[Finding]:
    what = "the Worker's access key"
    keys = environment.client("iam").list_access_keys(UserName=environment["sender-user-name"])["AccessKeyMetadata"]
    active = [key for key in keys if key["Status"] == "Active"]
    if len(active) == 1:
        yield Finding(what, OK, f"one, made on {active[0]['CreateDate']:%Y-%m-%d}")
    elif active:
        yield Finding(what, OK, "two: the rotation is not finished; delete the older one (docs/runbook.md)")
    else:
        yield Finding(what, MISSING, "make -C edge-worker secrets")


def _dead_letters(environment: Environment) -> Iterator[Finding]:
    name = "ApproximateNumberOfMessages"
    queue = environment.client("sqs")
    answer = queue.get_queue_attributes(QueueUrl=environment["dead-letter-queue-url"], AttributeNames=[name])
    count = int(answer["Attributes"][name])
    if count:
        yield Finding(
            "dead-letter queue", MISSING, f"{count} messages: make dlq ENVIRONMENT={environment.name} shows why"
        )
    else:
        yield Finding("dead-letter queue", OK, "empty")


def _alarms(environment: Environment) -> Iterator[Finding]:
    alarms: list[dict[str, Any]] = environment.client("cloudwatch").describe_alarms(
        AlarmNamePrefix=f"edge-analytics-{environment.name}-", StateValue="ALARM"
    )["MetricAlarms"]
    for alarm in alarms:
        yield Finding(alarm["AlarmName"], MISSING, "in alarm: docs/runbook.md has an entry for it")
    if not alarms:
        yield Finding("alarms", OK, "none is set off")


_CHECKS: Mapping[str, Check] = {
    "account plan": _plan,
    "budgets": _budgets,
    "published parameters": _published,
    "functions": _functions,
    "queue to processor": _event_source,
    "mail identities": _identities,
    "alert subscription": _alerts,
    "the Worker's access key": _sender_key,
    "dead-letter queue": _dead_letters,
    "alarms": _alarms,
}
