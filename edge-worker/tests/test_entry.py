"""What other Workers call by RPC. The pinned local runtime has no RPC for Python, so its modules are stood in for."""

import asyncio
import importlib
import json
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from edge_worker.identifier import new_id, time_of
from scene import VARIABLES

NOW = 1_795_000_000_000


class FakeEntrypoint:
    def __init__(self, ctx: Any, env: Any) -> None:
        self.ctx = ctx
        self.env = env


class FakeProxy:
    """A JavaScript object in Python."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def to_py(self) -> Any:
        return self.value


def module(name: Any, **members: Any) -> Any:
    made = ModuleType(name)
    made.__dict__.update(members)
    return made


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    javascript = module(
        "js",
        JSON=SimpleNamespace(stringify=lambda proxy: json.dumps(proxy.value)),
        Date=SimpleNamespace(now=lambda: NOW),
        Object=SimpleNamespace(fromEntries=FakeProxy),
        Promise=SimpleNamespace(withResolvers=lambda: SimpleNamespace(promise=object(), resolve=lambda: None)),
    )
    ffi = module(
        "pyodide.ffi", JsException=type("JsException", (Exception,), {}), JsProxy=FakeProxy, jsnull=object(), to_js=None
    )
    stand_ins = {
        "js": javascript,
        "pyodide": module("pyodide", ffi=ffi),
        "pyodide.ffi": ffi,
        "workers": module(
            "workers",
            DurableObject=object,
            WorkerEntrypoint=FakeEntrypoint,
            Request=object,
            Response=object,
            fetch=None,
        ),
    }
    for name, stand_in in stand_ins.items():
        monkeypatch.setitem(sys.modules, name, stand_in)
    own = ("entry", "workers_runtime")
    for name in [name for name in sys.modules if name.partition(".")[0] in own]:
        monkeypatch.delitem(sys.modules, name)
    # Here, Python's own loop runs.
    sys.modules["workers_runtime.event_loop"] = module("event_loop", call_soon_in_this_turn=lambda: None)
    entry = importlib.import_module("entry")
    deferred: list[Any] = []
    yield entry.Default(SimpleNamespace(waitUntil=deferred.append), SimpleNamespace(**VARIABLES)), deferred
    for name in [name for name in sys.modules if name.partition(".")[0] in own]:
        del sys.modules[name]


def call(coroutine: Any) -> Any:
    async def awaited() -> Any:
        return await coroutine

    return asyncio.run(awaited())


def test_another_worker_records_an_exchange_and_gets_its_id(worker: Any) -> None:
    entrypoint, deferred = worker

    exchange_id = call(entrypoint.track({"question": "Why?", "answer": "Because."}))

    assert time_of(exchange_id) == NOW
    assert len(deferred) == 1


def test_another_worker_records_a_rating(worker: Any) -> None:
    entrypoint, deferred = worker
    exchange_id = new_id(NOW, bytes(10))

    assert call(entrypoint.feedback({"id": exchange_id, "rating": "up"})) == exchange_id
    assert len(deferred) == 1


def test_another_worker_hears_what_is_wrong(worker: Any) -> None:
    entrypoint, deferred = worker

    with pytest.raises(ValueError, match="no_question: question is missing"):
        entrypoint.track({"question": ""}).send(None)

    assert deferred == []


def test_a_worker_without_its_secrets_says_so_to_its_callers(worker: Any) -> None:
    entrypoint, _ = worker
    del entrypoint.env.VISITOR_KEY

    with pytest.raises(ValueError, match="VISITOR_KEY is not set"):
        entrypoint.track({"question": "Why?"}).send(None)


def test_a_mapping_may_be_json_in_the_configuration(worker: Any) -> None:
    entrypoint, _ = worker
    entrypoint.env.PROXY_MAPPING = FakeProxy({"question": "q", "anser": "a"})
    entrypoint.env.SAMPLE_RATE = 2

    with pytest.raises(ValueError, match=r"SAMPLE_RATE is not a number.*did you mean answer"):
        entrypoint.track({"question": "Why?"}).send(None)


def test_a_rate_limiter_that_fails_lets_everybody_through(worker: Any, capsys: pytest.CaptureFixture[str]) -> None:
    entrypoint, _ = worker
    runtime = sys.modules["workers_runtime.request"]

    class Broken:
        async def limit(self, _options: Any) -> None:
            raise runtime.JsException("out of order")

    entrypoint.env.RATE_LIMITER = Broken()

    js_request = SimpleNamespace(method="GET", url="https://chat.example.com/", headers={})
    request = runtime.Request(entrypoint, js_request)  # what the entry gives to the application

    assert call(request.allows(lambda: "key")) is True
    line = json.loads(capsys.readouterr().out)
    assert (line["message"], line["reason"]) == ("rate limiter failed", "out of order")
