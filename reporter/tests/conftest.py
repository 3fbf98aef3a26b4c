"""What every test has: no real AWS, and a table made from the keys contract."""

from __future__ import annotations

import json
import os
import sys
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import boto3
import botocore.session
import botocore.useragent
import hypothesis
import moto.core.responses
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.session import Session
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.utils import method_names_from_class
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.ses.models import ses_backends

from reporter.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

P = ParamSpec("P")
T = TypeVar("T")

CONTRACT = Path(__file__).parents[1] / "contract"
REGION = "eu-west-2"

# How long an example takes says more about the machine than about the code. Each run has the same examples, so that a
# test fails for a change and never by chance; `--hypothesis-profile=search` looks for others.
hypothesis.settings.register_profile(
    "any machine", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("search", hypothesis.settings.get_profile("any machine"), derandomize=False)
hypothesis.settings.load_profile("any machine")


def _untraced(function: Callable[P, T]) -> Callable[P, T]:
    """Let coverage measure nothing of a library's function, which takes twice as long with it."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        tracer = sys.gettrace()
        sys.settrace(None)
        try:
            return function(*args, **kwargs)
        finally:
            sys.settrace(tracer)

    return run


def _kept(create: Callable[..., Any]) -> Callable[..., Any]:
    """Make each client once for all tests: moto answers it in each, and to make it takes longer than to ask it."""
    made: dict[str, Any] = {}

    def create_client(session: Session, service: str, config: Config | None = None, **options: Any) -> Any:
        settings = sorted(item for item in os.environ.items() if item[0].startswith("AWS_"))
        key = repr((service, sorted(vars(config or Config()).items()), sorted(options.items()), settings))
        if key not in made:
            made[key] = create(session, service, config=config, **options)
        return made[key]

    return create_client


_of_any_type = DynamoType.cast_value.fget


def _value(stored: DynamoType) -> Any:
    """Return the value of what moto compares most often, the text of a key, without asking for each other type."""
    return stored.value if stored.type == "S" else _of_any_type(stored)


@pytest.fixture(scope="session", autouse=True)
def _quick_libraries() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        # Every test has sessions of its own: they read the descriptions of the services once for all.
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        # What moto and botocore work out again at every call, though it is the same each time.
        patch.setattr(moto.core.responses, "method_names_from_class", cache(method_names_from_class))
        patch.setattr(DynamoType, "cast_value", property(_value))
        patch.setattr(botocore.useragent.UserAgentString, "to_string", lambda _agent: "tests")
        patch.setattr(Session, "create_client", _kept(_untraced(Session.create_client)))
        patch.setattr(BaseClient, "_make_api_call", _untraced(BaseClient._make_api_call))
        yield


@pytest.fixture(autouse=True)
def _fake_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture
def table(aws: None) -> Any:
    keys = json.loads((CONTRACT / "table-keys.json").read_text())
    names = {"HASH": keys["partition_key"], "RANGE": keys["sort_key"]}
    return boto3.resource("dynamodb").create_table(
        TableName="events",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for kind, name in names.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names.values()],
        BillingMode="PAY_PER_REQUEST",
    )


ENVIRONMENT = {
    "TABLE_NAME": "events",
    "REPORT_SENDER": "report@example.com",
    "REPORT_RECIPIENTS": "owner@example.com",
    "REPORT_SITES": "demo.example.com",
    "REPORT_TIME_ZONE": "Europe/Madrid",
    "REPORT_CHANNELS": "email",
}


@pytest.fixture
def environment(table: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    assert table.name == ENVIRONMENT["TABLE_NAME"]
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    # Of CloudFormation, moto would need packages that nothing else here does: test_operations.py has its answers.
    monkeypatch.setattr(Settings, "stacks", ())
    boto3.client("sesv2").create_email_identity(EmailIdentity=ENVIRONMENT["REPORT_SENDER"])
    return dict(ENVIRONMENT)


@pytest.fixture
def mails(environment: dict[str, str]) -> list[Any]:
    """What SES has sent."""
    messages: list[Any] = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    return messages


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage of property tests: it is another at every run, and takes twice as long."""
    for each in items:
        if getattr(getattr(each, "obj", None), "is_hypothesis_test", False):
            each.add_marker("no_cover")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="rewrite tests/expected")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - takes a second, and few tests need it

    from test_pictures import CHROMIUM  # noqa: PLC0415 - imports this file

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()
