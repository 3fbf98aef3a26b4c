"""HTTP and the runtime as the rest of the package sees them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit


class HttpError(Exception):
    """The request cannot be served, and the visitor is told why."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def response(self, headers: Mapping[str, str] | None = None) -> "Response":
        """The contract of every error, `{"error": {"code", "message"}}`, with further headers."""
        body = {"error": {"code": self.code, "message": self.message}}
        return Response(self.status, body, {**self.headers, **(headers or {})})


class VisitorLeftError(OSError):
    """The visitor closed the connection before there was an answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request, its body still unread. Header names are lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    country: str | None = None

    @property
    def path(self) -> str:
        """The path, without the query."""
        return urlsplit(self.url).path

    @property
    def origin(self) -> str:
        """Scheme, host and port, as a browser has them in its Origin header."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


class UpstreamReply(Protocol):
    """An upstream's answer, its body still unread."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def content_type(self) -> str:
        """The Content-Type header; empty where there is none."""

    async def relay(self, limit: int) -> tuple[bytes, bool]:
        """Passes the body on to the visitor as it comes, and waits for its end.

        Gives the first `limit` bytes, and whether the visitor stayed to the end. Called once, after the response has
        been handed to the runtime. Raises OSError where the upstream breaks off.
        """


class Runtime(Protocol):
    """What the runtime does while one request is served."""

    def now_ms(self) -> float:
        """Milliseconds since 1970 UTC. A deployed Worker's clock moves only with input and output."""

    def defer(self, work: Awaitable[Any]) -> None:
        """Has work done after the response, or also if the visitor leaves."""

    def body(self, limit: int) -> Awaitable[bytes]:
        """The request's body. Raises HttpError 408, 413 or 400 where it is slow, larger than `limit`, or cut off."""

    def allows(self, key: Callable[[], str]) -> Awaitable[bool]:
        """Whether the rate limiter lets this key pass; without a limiter everything passes, and no key is asked for."""

    def forward(self, body: bytes | None) -> Awaitable[UpstreamReply]:
        """The upstream's answer to the request. `body` takes the place of a body that was read.

        Raises VisitorLeftError, or another OSError where the upstream does not answer.
        """


@dataclass(frozen=True, slots=True)
class Response:
    """A response with a JSON body, with an upstream's body, or with none.

    An upstream's body is passed on by its `relay` where `relayed`, by the runtime itself where not.
    """

    status: int
    body: dict[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    upstream: UpstreamReply | None = None
    relayed: bool = False
