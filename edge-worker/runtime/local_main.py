"""Runs the WorkerEntrypoint of `entry.py` in the pinned workerd, which only knows the older `on_fetch`.

It does what the production runtime does in the same place: python_modules on the path, one instance for each request,
arguments and result converted, and background work kept alive until it is done.
"""

import sys
from asyncio import ensure_future
from collections.abc import Awaitable
from typing import Any

sys.path.insert(0, "/session/metadata/python_modules")

from pyodide.ffi import create_proxy
from workers import python_from_rpc, python_to_rpc

import entry


class _Context:
    def __init__(self, js_context: Any) -> None:
        self._js_context = js_context

    def waitUntil(self, awaitable: Awaitable[Any]) -> None:  # noqa: N802
        task = ensure_future(awaitable)
        proxy = create_proxy(task)  # without it the argument is destroyed when waitUntil returns
        self._js_context.waitUntil(proxy)
        task.add_done_callback(lambda _: proxy.destroy())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._js_context, name)


async def on_fetch(request: Any, env: Any, ctx: Any) -> Any:
    """What workerd calls for each request."""
    return python_to_rpc(await entry.Default(_Context(ctx), env).fetch(python_from_rpc(request)))
