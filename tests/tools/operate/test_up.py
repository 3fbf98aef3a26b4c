"""`make up` continues wherever it was interrupted, and does nothing twice."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from operate import up
from operate.answers import Answers
from operate.environment import OperationError
from operate.progress import Progress
from operate.up import Up
from operate.workspaces import Change

ANSWERS = Answers("docs.mysite.org", "me@mysite.org", "Europe/London", "eu-west-2", "here")
STEPS = [
    "state", "account", "worker", "processor", "reporter", "release processor", "release reporter", "Worker",
    "question", "report",
]  # fmt: skip


class World:
    """An account with nothing in it, in which any action may be the last before the power fails."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.fails_at = ""
        self.fails_before = False
        self.unverified: list[str] = []
        self.worker_is_made_from = "this code"

    def do(self, name: str) -> None:
        if self.fails_at == name and self.fails_before:
            raise KeyboardInterrupt
        self.made.append(name)
        if self.fails_at == name:
            raise KeyboardInterrupt


class FakeWorkspaces:
    def __init__(self, world: World) -> None:
        self._world = world

    def write_backend(self) -> None:
        self._world.do("state")

    def plan(self, workspace: str, _variables: Mapping[str, object]) -> list[Change]:
        return [] if workspace in self._world.made else [Change("a.b", "a", ("create",))]

    def apply(self, workspace: str, _variables: Mapping[str, object]) -> None:
        self._world.do(workspace)


class FakeWorker:
    def __init__(self, world: World, missing: str | None = None) -> None:
        self._world = world
        self._missing = missing

    def missing(self) -> str | None:
        return self._missing

    def fingerprint(self) -> str:
        return self._world.worker_is_made_from

    @contextmanager
    def running(self) -> Iterator[str]:
        self._world.do("Worker")
        yield "http://127.0.0.1:1"


class FakeEnvironment:
    name = "dev"
    published: Mapping[str, str] = {"report-channels": "email", "report-recipients": "me@mysite.org"}

    def __getitem__(self, name: str) -> str:
        return self.published[name]


class FakeFunction:
    def __init__(self, _environment: Any, service: str) -> None:
        self.service = service
        self.name = service
        self.stack = service
        self.version = "1"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()

    def release(function: Any, _deploy: Any) -> Iterator[str]:
        world.do(f"release {function.service}")
        yield "released"

    def ask(_url: str) -> str:
        world.do("question")
        return "session"

    def send(_environment: Any, _site: str) -> str:
        world.do("report")
        return "2026-W48"

    monkeypatch.setattr(up, "release", release)
    monkeypatch.setattr(up, "Function", FakeFunction)
    monkeypatch.setattr(up, "settle", lambda *_: iter(()))
    monkeypatch.setattr(up, "missing_part", lambda _function: None)
    monkeypatch.setattr(up, "start_reading", lambda _function: iter(()))
    monkeypatch.setattr(up, "ask", ask)
    monkeypatch.setattr(up, "send", send)
    monkeypatch.setattr(up, "wait_until_stored", lambda *_: 1.0)
    monkeypatch.setattr(up, "unverified_addresses", lambda _: world.unverified)
    return world


def run(world: World, directory: Path, missing: str | None = None) -> Up:
    environment: Any = FakeEnvironment()
    workspaces: Any = FakeWorkspaces(world)
    worker, progress = FakeWorker(world, missing), Progress.load(directory / "progress.json")
    one = Up(environment, ANSWERS, workspaces, worker, progress, directory)
    for _line in one.run():
        pass
    return one


def test_from_nothing_everything_is_made_in_order_and_again_nothing_is(world: World, tmp_path: Path) -> None:
    first = run(world, tmp_path)
    made = list(world.made)
    again = run(world, tmp_path)

    assert made == STEPS
    assert (bool(first.changed), first.left) == (True, [])
    assert (again.changed, again.left) == (0, [])
    assert world.made == [*STEPS, "state"]


@pytest.mark.parametrize("before", [True, False], ids=["before it is done", "when it is done"])
@pytest.mark.parametrize("step", STEPS)
def test_interrupted_at_any_step_it_continues(world: World, tmp_path: Path, step: str, before: bool) -> None:
    world.fails_at, world.fails_before = step, before
    with pytest.raises(KeyboardInterrupt):
        run(world, tmp_path)
    world.fails_at = ""

    run(world, tmp_path)
    last = run(world, tmp_path)

    assert set(world.made) == set(STEPS)
    assert not last.changed
    terraform = [name for name in world.made if name in {"account", "worker", "processor", "reporter"}]
    assert terraform == ["account", "worker", "processor", "reporter"], "no workspace is applied twice"


def test_a_worker_whose_code_has_changed_is_deployed_again(world: World, tmp_path: Path) -> None:
    run(world, tmp_path)
    world.worker_is_made_from = "other code"
    again = run(world, tmp_path)
    last = run(world, tmp_path)

    assert [world.made.count(name) for name in ("Worker", "question", "report")] == [2, 2, 1]
    assert (bool(again.changed), last.changed) == (True, 0)


def test_what_only_a_person_can_do_is_left_and_the_rest_is_done(world: World, tmp_path: Path) -> None:
    world.unverified = ["me@mysite.org"]

    first = run(world, tmp_path)
    world.unverified = []
    second = run(world, tmp_path)

    assert [sentence.split(",")[0] for sentence in first.left] == [
        "follow the link in the mail that AWS has sent to me@mysite.org"
    ]
    assert world.made.count("report") == 1
    assert not second.left


def test_without_cloudflare_everything_else_is_made(world: World, tmp_path: Path) -> None:
    found = run(world, tmp_path, missing="sign in to Cloudflare")

    assert found.left == ["sign in to Cloudflare"]
    assert world.made == STEPS[:7]


def test_nothing_is_deleted_or_replaced(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Change("module.table.aws_dynamodb_table.this", "aws_dynamodb_table", ("delete", "create"))
    monkeypatch.setattr(FakeWorkspaces, "plan", lambda *_: [table])

    with pytest.raises(OperationError, match="would delete or replace"):
        run(world, tmp_path)

    assert world.made == ["state"]


def test_a_progress_file_cut_short_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_text('{"question": "se', encoding="utf-8")

    assert Progress.load(tmp_path / "progress.json").done == {}
