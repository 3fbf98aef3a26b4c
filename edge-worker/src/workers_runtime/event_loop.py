"""Calls what the event loop is to call soon before the runtime's current turn ends, and begins tasks at once.

Pyodide's loop gives each callback a timer and a stack of its own. There are some twenty callbacks to a recorded
question, so that they took a quarter of its processor time.
"""

import asyncio
import contextvars
import sys
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import js
from pyodide.ffi import create_proxy
from pyodide.webloop import PyodideFuture

# Tests run in older versions of Python, too.
_AT_ONCE: dict[str, Any] = {"eager_start": True} if sys.version_info >= (3, 12) else {}


def call_soon_in_this_turn() -> None:
    """Change the running loop. What is called belongs to the request whose turn it is, as what asks for it does."""
    loop = asyncio.get_running_loop()
    ready = _Ready(loop)

    def create_task(coroutine: Coroutine[Any, Any, Any], **options: Any) -> asyncio.Task[Any]:
        return asyncio.Task(coroutine, loop=loop, **_AT_ONCE, **options)

    vars(loop).setdefault("call_soon", ready.call_soon)
    vars(loop).setdefault("create_task", create_task)
    vars(loop).setdefault("create_future", lambda: _Future(ready))


class _Ready:
    """The callbacks that are to be called soon."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._handles: deque[asyncio.Handle] = deque()
        self._is_calling = False
        self._queue_microtask = js.queueMicrotask
        self._microtask = create_proxy(self._call_all)

    def call_soon(
        self, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        """See AbstractEventLoop."""
        handle = asyncio.Handle(callback, args, self.loop, context=context)
        if not self._handles and not self._is_calling:
            self._queue_microtask(self._microtask)
        self._handles.append(handle)
        return handle

    def call_after(self, action: Callable[[Any], None], argument: Any) -> None:
        """Take an action, and call at once what it made ready, where no callback runs now."""
        if self._is_calling or asyncio.current_task(self.loop):
            action(argument)
            return
        self._is_calling = True
        try:
            action(argument)
        finally:
            self._is_calling = False
        self._call_all()

    def _call_all(self) -> None:
        if self._is_calling:
            return
        self._is_calling = True
        try:
            while self._handles:
                handle = self._handles.popleft()
                if not handle.cancelled():
                    handle._run()  # noqa: SLF001 - how a loop of asyncio's own calls it: an exception is logged
        finally:
            self._is_calling = False
            if self._handles:
                self._queue_microtask(self._microtask)


class _Future(PyodideFuture):  # type: ignore[misc]
    """A future that the runtime settles with a promise: who waits for it goes on at once, without a microtask.

    It is one of Pyodide's, since the SDK asks for its `then` to see whether a call gave a promise.
    """

    def __init__(self, ready: _Ready) -> None:
        super().__init__(loop=ready.loop)
        self._ready = ready

    def set_result(self, result: Any) -> None:
        """See Future."""
        self._ready.call_after(super().set_result, result)
