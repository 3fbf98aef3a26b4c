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
    javascript, pyodide = ModuleType("js"), ModuleType("pyodide")
    ffi, webloop = ModuleType("pyodide.ffi"), ModuleType("pyodide.webloop")

    def queue_microtask(callback: Any) -> None:
        queued.append(callback)
        asyncio.get_running_loop().call_later(0, callback)

    vars(javascript)["queueMicrotask"] = queue_microtask
    vars(ffi)["create_proxy"] = lambda function: function
    vars(webloop)["PyodideFuture"] = asyncio.Future
    for module in (javascript, pyodide, ffi, webloop):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.delitem(sys.modules, "workers_runtime.event_loop", raising=False)
    return queued


def run(scenario: Any) -> None:
    async def main() -> None:
        importlib.import_module("workers_runtime.event_loop").call_soon_in_this_turn()
        try:
            await scenario()
        finally:
            for changed in ("call_soon", "create_task", "create_future"):
                del vars(asyncio.get_running_loop())[changed]

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
    assert microtasks


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


def test_who_waits_for_a_promise_goes_on_in_the_same_turn(microtasks: list[Any]) -> None:
    called: list[Any] = []

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        first, second = loop.create_future(), loop.create_future()

        async def wait() -> None:
            called.append(await first)
            called.append(await second)
            called.append("end")

        task = loop.create_task(wait())
        await asyncio.sleep(0.01)

        def settle_both() -> None:
            first.set_result(1)
            called.append("between")
            second.set_result(2)

        # As the runtime calls: outside of any task, and of any callback of the loop's.
        asyncio.BaseEventLoop.call_later(loop, 0, settle_both)  # type: ignore[arg-type]
        await asyncio.sleep(0.01)
        assert task.done()

    run(scenario)

    assert called == [1, "between", 2, "end"]


def test_what_a_callback_settles_goes_on_after_it(microtasks: list[Any]) -> None:
    called: list[Any] = []

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        future.add_done_callback(lambda done: called.append(done.result()))

        def settle() -> None:
            future.set_result("settled")
            called.append("callback")

        loop.call_soon(settle)
        await asyncio.sleep(0.01)

    run(scenario)

    assert called == ["callback", "settled"]
    assert microtasks
