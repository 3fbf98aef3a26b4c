"""Small conversions between Python and JavaScript, which the rest of this package shares."""

from collections.abc import Awaitable
from functools import cache
from typing import Any

import js
from pyodide.ffi import JsException, jsnull, to_js


@cache
def js_global(name: str) -> Any:
    """Return one of JavaScript's globals, looked up once: that takes as long as calling it."""
    return getattr(js, name)


def js_object(**properties: Any) -> Any:
    """Make a JavaScript object."""
    return to_js(properties, dict_converter=js_global("Object").fromEntries)


def headers_of(message: Any) -> dict[str, str]:
    """Read the headers of a request or a response; the names are lower case."""
    headers: dict[str, str] = js_global("Object").fromEntries(message.headers).to_py()
    return headers


def is_stream(body: Any) -> bool:
    """Tell whether a request or a response has a body."""
    return body is not None and body is not jsnull


def is_aborted(signal: Any) -> bool:
    """Tell whether the visitor has left, as far as the runtime knows."""
    return signal is not None and bool(signal.aborted)


async def is_fulfilled(promise: Awaitable[Any]) -> bool:
    """Wait for a promise; tell whether it was fulfilled."""
    try:
        await promise
    except JsException:
        return False
    return True


async def read_up_to(stream: Any, limit: int, piece_bytes: int) -> tuple[bytes, bool]:
    """Read the first `limit` bytes of a stream, in large pieces, and tell whether that is all of it.

    A stream that is longer is left behind where it is, and cancelled. Raises JsException where it breaks off.
    """
    content = bytearray()
    reader = stream.getReader(js_object(mode="byob"))
    while len(content) <= limit:
        piece = await reader.readAtLeast(piece_bytes, js.Uint8Array.new(piece_bytes))
        if piece.value:
            content += piece.value.to_bytes()
        if piece.done:
            return bytes(content), True
    await is_fulfilled(reader.cancel())
    return bytes(content[:limit]), False
