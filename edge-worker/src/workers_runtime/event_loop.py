"""Calls what the event loop is to call soon before the runtime's current turn ends.

Pyodide's loop gives each callback a timer and a stack of its own. There are some twenty callbacks to a recorded
question, so that they took a quarter of its processor time.
"""

import asyncio
import contextvars
from collections import deque
from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import create_proxy


def call_soon_in_this_turn() -> None:
    """Change the running loop. What is called belongs to the request whose turn it is, as what asks for it does."""
    loop = asyncio.get_running_loop()
    ready: deque[asyncio.Handle] = deque()

    def call_soon(
        callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, loop, context=context)
        if not ready:
            js.queueMicrotask(call_ready)
        ready.append(handle)
        return handle

    def call_all() -> None:
        while ready:
            handle = ready[0]
            try:
                if not handle.cancelled():
                    handle._run()  # noqa: SLF001 - how a loop of asyncio's own calls it: an exception is logged
            finally:
                ready.popleft()

    call_ready = create_proxy(call_all)
    vars(loop).setdefault("call_soon", call_soon)
