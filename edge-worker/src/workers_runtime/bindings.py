"""The Worker's variables, and its requests to AWS."""

import json
from http import HTTPMethod
from typing import Any

import js
from pyodide.ffi import JsException, JsProxy

from edge_worker.settings import Settings
from edge_worker.signing import SignedRequest
from workers_runtime.javascript import js_global, js_object


def read_settings(env: Any) -> Settings:
    """Read the settings from the runtime's environment. Raises SettingsError."""
    is_upstream_bound = getattr(env, "UPSTREAM", None) is not None
    return Settings.read(lambda name: _variable(env, name), is_upstream_bound=is_upstream_bound)


def _variable(env: Any, name: str) -> str | None:
    """Return a variable as text; one that the configuration has as JSON, as its JSON."""
    value = getattr(env, name, None)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, JsProxy):
        return str(js.JSON.stringify(value))
    return json.dumps(value)


async def post(request: SignedRequest, seconds: float) -> tuple[int, str]:
    """Send a request to AWS; return the reply's status and text. Raises OSError where there is none in time."""
    # Not by the SDK, which makes a Request, a controller and a signal besides: a fifth of the time that sending takes.
    options = js_object(
        method=HTTPMethod.POST.value,
        headers=dict(request.headers),
        body=request.body,
        signal=js_global("AbortSignal").timeout(round(seconds * 1000)),
    )
    try:
        reply = await js.fetch(request.url, options)
        return reply.status, await reply.text()
    except JsException as error:
        raise OSError(error.message) from error
