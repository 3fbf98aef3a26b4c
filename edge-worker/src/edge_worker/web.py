"""HTTP as the rest of the package sees it, whatever runtime it comes from."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Header names are lower case. `body(limit)` gives the body, or raises HttpError where it is larger."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Callable[[int], Awaitable[bytes]]
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """A response with a JSON body, or none."""

    status: int
    body: dict[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpError(Exception):
    """The request cannot be served, and the visitor is told why."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def response(self) -> Response:
        """The contract of every error: `{"error": {"code", "message"}}`."""
        return Response(self.status, {"error": {"code": self.code, "message": self.message}}, self.headers)
