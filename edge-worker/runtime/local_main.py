"""Runs the WorkerEntrypoint of `entry.py` in the pinned workerd, which only knows the older `on_fetch`.

It does what the production runtime does in the same place: python_modules on the path, one instance for each request,
arguments and result converted, background work kept alive until it is done, and the files of `public/` served before
the Worker is asked.
"""

import mimetypes
import sys
from asyncio import ensure_future
from collections.abc import Awaitable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, "/session/metadata/python_modules")

import js
from pyodide.ffi import create_proxy, to_js
from workers import python_from_rpc, python_to_rpc

import entry

_ASSETS = Path("/session/metadata/public")


class _Context:
    def __init__(self, js_context: Any) -> None:
        self._js_context = js_context

    def waitUntil(self, awaitable: Awaitable[Any]) -> None:  # noqa: N802 - the name that the runtime has
        task = ensure_future(awaitable)
        proxy = create_proxy(task)  # without it the argument is destroyed when waitUntil returns
        self._js_context.waitUntil(proxy)
        task.add_done_callback(lambda _: proxy.destroy())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._js_context, name)


def _asset(request: Any) -> Any:
    """Find the file of `public/` that a request is for, as Workers' static assets have it; else None."""
    path = urlsplit(request.url).path
    file = _ASSETS / ("index.html" if path == "/" else path.lstrip("/"))
    if request.method not in ("GET", "HEAD") or ".." in file.parts or not file.is_file():
        return None
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return js.Response.new(to_js(file.read_bytes()), headers=to_js([["content-type", f"{kind}; charset=utf-8"]]))


async def on_fetch(request: Any, env: Any, ctx: Any) -> Any:
    """Serve one request: workerd calls this."""
    if asset := _asset(request):
        return asset
    return python_to_rpc(await entry.Default(_Context(ctx), env).fetch(python_from_rpc(request)))
