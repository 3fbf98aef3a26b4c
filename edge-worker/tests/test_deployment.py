import itertools
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.stub import Stubber

from configuration import COMPATIBILITY_DATE, COMPATIBILITY_FLAGS, module_files
from deployment import __main__ as command_line
from deployment import keys as deployment_keys
from deployment import wrangler
from deployment.published import read_published
from edge_worker.settings import Settings

FOLDER = Path(__file__).parent.parent
USER = "edge-analytics-dev-sender"
SENDER = ("sender-user-name", USER, False)
ACT_KEY = ("act-key", "a-key-of-the-links-with-32-letters", True)


@pytest.fixture
def client() -> Iterator[Any]:
    stubbers = []

    def make(service: Any) -> Any:
        session = botocore.session.get_session()
        made = session.create_client(service, "eu-west-2", aws_access_key_id="AK", aws_secret_access_key="S")
        stubber = Stubber(made)
        stubber.activate()
        stubbers.append(stubber)
        return made, stubber

    yield make
    for stubber in stubbers:
        stubber.assert_no_pending_responses()


def published(client: Any, *parameters: tuple[str, str, bool]) -> Any:
    ssm, stubber = client("ssm")
    for name, value, is_secret in parameters:
        answer = {"Parameter": {"Name": name, "Value": value}}
        expected = {"Name": f"/edge-analytics/dev/{name}", "WithDecryption": is_secret}
        stubber.add_response("get_parameter", answer, expected)
    return ssm


def keys(client: Any, before: Any, made: Any = "NEWKEY0000000000") -> Any:
    iam, stubber = client("iam")
    metadata = [{"UserName": USER, "AccessKeyId": key} for key in before]
    stubber.add_response("list_access_keys", {"AccessKeyMetadata": metadata}, {"UserName": USER})
    if len(before) < 2:
        key = {"UserName": USER, "AccessKeyId": made, "SecretAccessKey": "new-secret", "Status": "Active"}
        stubber.add_response("create_access_key", {"AccessKey": key}, {"UserName": USER})
    return iam, stubber


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_what_would_be_uploaded_is_what_is_tested(
    environment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    home, uploaded = tmp_path / "home", tmp_path / "uploaded"
    home.mkdir()
    for name in [name for name in os.environ if name not in ("PATH", "LANG")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))

    command = wrangler.deploy_command(environment, wrangler.UNKNOWN_QUEUE)
    wrangler.run_with_node([*command, "--dry-run", "--outdir", str(uploaded)], None)

    output = capfd.readouterr()
    assert not re.search(r"WARNING|ERROR", output.out + output.err)
    assert all(f"env.{binding}" in output.out for binding in ("RATE_LIMITER", "OUTBOX", "QUEUE_URL"))
    expected = {**module_files(), "knowledge.json": FOLDER / "src" / "knowledge.json"}
    found = {path.relative_to(uploaded).as_posix(): path for path in uploaded.rglob("*") if path.is_file()}
    assert {name for name in found if name.endswith((".py", ".json"))} == set(expected)
    assert all(found[name].read_bytes() == path.read_bytes() for name, path in expected.items())
    assert sum(path.stat().st_size for path in expected.values()) < 1_000_000, "the Worker must stay small"


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_committed_variables_with_queue_and_secrets_are_settings(environment: str) -> None:
    text = re.sub(r"^\s*//.*$", "", (FOLDER / "wrangler.jsonc").read_text(encoding="utf-8"), flags=re.MULTILINE)
    document = json.loads(text)
    section = document if environment == "dev" else document["env"][environment]
    given = dict.fromkeys(section["secrets"]["required"], "a-secret-of-some-length")

    settings = Settings.read({"QUEUE_URL": wrangler.UNKNOWN_QUEUE, **given, **section["vars"]}.get)

    assert settings.site


def test_the_flag_of_the_local_runtime_is_not_deployed() -> None:
    configured = (FOLDER / "wrangler.jsonc").read_text(encoding="utf-8")

    for flag in COMPATIBILITY_FLAGS:
        assert (flag in configured) == ("development" not in flag)
    assert COMPATIBILITY_DATE in configured


def test_a_deployment_takes_the_published_queue(client: Any) -> None:
    commands = []
    queue_url = read_published(
        published(client, ("queue-url", "https://sqs.eu-west-2.amazonaws.com/1/e.fifo", False)), "dev", "queue-url"
    )

    wrangler.deploy("dev", queue_url, lambda command, text: commands.append((command, text)))

    ((command, text),) = commands
    assert command == [
        *wrangler.WRANGLER,
        "deploy",
        "--var",
        "QUEUE_URL:https://sqs.eu-west-2.amazonaws.com/1/e.fifo",
        "--env",
        "",
    ]
    assert text is None


def test_a_deployment_that_is_given_the_queue_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = []
    monkeypatch.setenv("QUEUE_URL", "https://sqs.example/1/e.fifo")
    monkeypatch.setattr("sys.argv", ["deployment", "deploy"])
    monkeypatch.setattr(command_line, "run_with_node", lambda command, text: commands.append((command, text)))

    command_line.main()

    ((command, _),) = commands
    assert "QUEUE_URL:https://sqs.example/1/e.fifo" in command


def test_a_missing_parameter_names_the_workspace_to_apply(client: Any) -> None:
    ssm, stubber = client("ssm")
    stubber.add_client_error("get_parameter", "ParameterNotFound")

    with pytest.raises(wrangler.DeploymentError, match="apply the workspace `worker`"):
        read_published(ssm, "dev", "queue-url")


def test_a_new_visitor_key_is_another_each_time_and_in_no_command_line() -> None:
    ran: list[tuple[Any, str]] = []

    for _ in range(2):
        deployment_keys.renew_visitor_key("dev", lambda command, text: ran.append((command, str(text))))

    keys = [json.loads(text)["VISITOR_KEY"] for _, text in ran]
    assert all(
        list(json.loads(text)) == ["VISITOR_KEY"] and len(key) == 64 for (_, text), key in zip(ran, keys, strict=True)
    )
    assert keys[0] != keys[1]
    assert not any(key in " ".join(map(str, command)) for (command, _), key in zip(ran, keys, strict=True))


def test_new_secrets_replace_the_old_key_and_are_in_no_command_line(client: Any) -> None:
    commands: list[Any] = []
    ssm = published(client, SENDER, ACT_KEY)
    iam, stubber = keys(client, ["OLDKEY0000000000"])
    stubber.add_response("delete_access_key", {}, {"UserName": USER, "AccessKeyId": "OLDKEY0000000000"})

    deployment_keys.renew_secrets(
        "dev", ssm, iam, lambda *given: commands.append(given), lambda seconds, _: commands.append(seconds)
    )

    (key_spreads, (command, text), old_version_ends) = commands
    assert 0 < key_spreads < old_version_ends
    values = json.loads(text)
    assert (values["AWS_ACCESS_KEY_ID"], values["AWS_SECRET_ACCESS_KEY"]) == ("NEWKEY0000000000", "new-secret")
    assert len(values["VISITOR_KEY"]) == 64
    assert values["ACT_KEY"] == ACT_KEY[1]
    assert not any(value in " ".join(command) for value in values.values())


def test_the_page_of_conversations_gets_a_key_that_reads_and_a_secret_that_is_shown_once(client: Any) -> None:
    ran: list[Any] = []
    reader = "edge-analytics-dev-conversations"
    ssm = published(client, ("conversations-user-name", reader, False), ("table-name", "events", False))
    iam, stubber = client("iam")
    stubber.add_response("list_access_keys", {"AccessKeyMetadata": []}, {"UserName": reader})
    key = {"UserName": reader, "AccessKeyId": "NEWKEY0000000000", "SecretAccessKey": "new-secret", "Status": "Active"}
    stubber.add_response("create_access_key", {"AccessKey": key}, {"UserName": reader})

    secret = deployment_keys.renew_conversations_page(
        "dev", ssm, iam, lambda *given: ran.append(given), lambda *_: None
    )

    ((command, text),) = ran
    values = json.loads(text)
    assert values == {
        "CONVERSATIONS_ACCESS_KEY_ID": "NEWKEY0000000000",
        "CONVERSATIONS_SECRET_ACCESS_KEY": "new-secret",
        "CONVERSATIONS_TABLE": "events",
        "CONVERSATIONS_SECRET": secret,
    }
    assert len(secret) >= 32
    assert secret not in " ".join(command)


def test_a_key_that_did_not_reach_the_worker_is_deleted_again(client: Any) -> None:
    ssm = published(client, SENDER, ACT_KEY)
    iam, stubber = keys(client, ["OLDKEY0000000000"])
    stubber.add_response("delete_access_key", {}, {"UserName": USER, "AccessKeyId": "NEWKEY0000000000"})

    def fail(_command: Any, _text: Any) -> None:
        raise wrangler.DeploymentError("not logged in")

    with pytest.raises(wrangler.DeploymentError, match="not logged in"):
        deployment_keys.renew_secrets("dev", ssm, iam, fail, lambda *_: None)


def test_a_sender_with_two_keys_is_left_alone(client: Any) -> None:
    ssm = published(client, SENDER, ACT_KEY)
    iam, _ = keys(client, ["KEY1000000000000", "KEY2000000000000"])

    with pytest.raises(wrangler.DeploymentError, match="two keys"):
        deployment_keys.renew_secrets("dev", ssm, iam, lambda *_: None, lambda *_: None)


def test_the_first_key_waits_for_nobody_to_stop_using_another(client: Any) -> None:
    waited = []
    ssm = published(client, SENDER, ACT_KEY)
    iam, _ = keys(client, [])

    deployment_keys.renew_secrets("dev", ssm, iam, lambda *_: None, lambda seconds, _: waited.append(seconds))

    assert waited == [deployment_keys.KEY_SPREADS_SECONDS]


@pytest.mark.parametrize(
    ("command", "environment", "expected"),
    [
        ("login", "prod", ["login"]),
        ("rollback", "dev", ["rollback", "--env", ""]),
        ("tail", "prod", ["tail", "--env", "prod"]),
        ("delete", "prod", ["delete", "--env", "prod"]),
    ],
)
def test_what_is_wranglers_own_is_done_to_the_worker_of_the_environment(
    command: str, environment: str, expected: list[Any]
) -> None:
    commands = []

    wrangler.pass_on(command, environment, lambda given, _: commands.append(given))

    assert commands == [[*wrangler.WRANGLER, *expected]]


def test_variables_that_are_given_take_the_place_of_the_files() -> None:
    command = wrangler.deploy_command("prod", "https://queue", {"SITE": "docs.mysite.org", "AWS_REGION": "eu-west-1"})

    options = [word for flag, word in itertools.pairwise(command) if flag == "--var"]
    assert options == ["QUEUE_URL:https://queue", "SITE:docs.mysite.org", "AWS_REGION:eu-west-1"]
