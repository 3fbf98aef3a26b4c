"""The Worker's event loop, in a loop of asyncio's own whose next iteration is the runtime's microtask."""

import asyncio
import importlib
import sys
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture
def microtasks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Give the microtasks that were queued."""
    queued: list[Any] = []
    javascript, pyodide, ffi = ModuleType("js"), ModuleType("pyodide"), ModuleType("pyodide.ffi")

    def queue_microtask(callback: Any) -> None:
        queued.append(callback)
        asyncio.get_running_loop().call_later(0, callback)

    vars(javascript)["queueMicrotask"] = queue_microtask
    vars(ffi)["create_proxy"] = lambda function: function
    for module in (javascript, pyodide, ffi):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.delitem(sys.modules, "workers_runtime.event_loop", raising=False)
    return queued


def run(scenario: Any) -> None:
    async def main() -> None:
        importlib.import_module("workers_runtime.event_loop").call_soon_in_this_turn()
        try:
            await scenario()
        finally:
            del vars(asyncio.get_running_loop())["call_soon"]

    asyncio.run(main())


def test_callbacks_are_called_in_their_order_in_one_microtask(microtasks: list[Any]) -> None:
    called: list[Any] = []

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(called.append, 1)
        loop.call_soon(lambda: loop.call_soon(lambda: called.append(len(microtasks))))
        loop.call_soon(called.append, 2).cancel()
        loop.call_soon(called.append, 3)
        await asyncio.sleep(0.01)

    run(scenario)

    assert called == [1, 3, 1]


def test_a_callback_that_fails_is_reported_and_stops_no_other(microtasks: list[Any]) -> None:
    called: list[Any] = []
    reported: list[Any] = []

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))
        loop.call_soon(int, "no number")
        loop.call_soon(called.append, 1)
        await asyncio.sleep(0.01)
        loop.call_soon(called.append, 2)
        await asyncio.sleep(0.01)

    run(scenario)

    assert called == [1, 2]
    assert [type(each) for each in reported] == [ValueError]
    assert len(microtasks) > 1


def test_tasks_wait_for_one_another_as_in_any_loop(microtasks: list[Any]) -> None:
    async def doubled(number: int) -> int:
        await asyncio.sleep(0)
        return 2 * number

    async def scenario() -> None:
        assert await asyncio.gather(*map(doubled, range(50))) == [2 * number for number in range(50)]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.01)

    run(scenario)

    assert microtasks
