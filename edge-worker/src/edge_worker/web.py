"""HTTP and the runtime as the rest of the package sees them."""

import hmac
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol
from urllib.parse import urlsplit

ID_HEADER = "edge-analytics-id"


class HttpError(Exception):
    """The request cannot be served, and the visitor is told why."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def response(self, headers: Mapping[str, str] | None = None) -> "Response":
        """Build the response of every error, `{"error": {"code", "message"}}`, with further headers."""
        body = {"error": {"code": self.code, "message": self.message}}
        return Response(self.status, body, {**self.headers, **(headers or {})})


class ClientDisconnectedError(OSError):
    """The visitor closed the connection before there was an answer."""


class Ending(Enum):
    """How the passing of a body ended: as it should, by the visitor who left, or by the upstream that broke off."""

    COMPLETE = "complete"
    ABANDONED = "abandoned"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Recording:
    """What was copied of a body: its beginning; where it is longer, its end as well."""

    head: bytes = b""
    tail: bytes = b""
    ending: Ending = Ending.COMPLETE


class UpstreamReply(Protocol):
    """An upstream's answer, its body still unread."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; their names are lower case."""

    def record(self, limit: int) -> Awaitable[Recording]:
        """Have the body copied while it passes, before `to_runtime` is called.

        What it returns ends with the body, and is to be deferred. `limit` is in bytes.
        """

    def to_runtime(self, headers: Mapping[str, str]) -> Any:
        """Build the runtime's response of it, with further headers."""


class Context(Protocol):
    """What the runtime offers while one call is served."""

    def now_ms(self) -> float:
        """Return the time in Unix epoch milliseconds. A deployed Worker's clock moves only with input and output."""

    def defer(self, work: Awaitable[Any]) -> None:
        """Have work done after the response, or also if the visitor leaves."""


@dataclass(eq=False)
class Request(ABC):
    """A request, its body still unread, and what the runtime offers while it is served: a Context and more.

    Header names are lower case. `country` is what the runtime knows of the visitor's, as two letters.
    """

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

    @abstractmethod
    def now_ms(self) -> float:
        """See Context."""

    @abstractmethod
    def defer(self, work: Awaitable[Any]) -> None:
        """See Context."""

    @abstractmethod
    async def body(self, limit: int) -> bytes:
        """Read the body.

        Raises:
            HttpError: 408, 413 or 400 where it is slow, longer than `limit` bytes, or cut off.
        """

    @abstractmethod
    async def allows(self, key: Callable[[], str]) -> bool:
        """Ask the rate limiter whether this key may pass. Without one everything passes, and no key is asked for."""

    @property
    @abstractmethod
    def has_limiter(self) -> bool:
        """Whether there is a rate limiter."""

    @abstractmethod
    def forward_early(self) -> None:
        """Begin to send the request to the upstream while it is still read here; `forward` gives the answer."""

    @abstractmethod
    async def peek(self, limit: int) -> bytes | None:
        """Read a body that is to be forwarded, however long it takes; None where it has more than `limit` bytes.

        Raises:
            ClientDisconnectedError: the visitor left first.
        """

    @abstractmethod
    async def forward(self) -> UpstreamReply:
        """Send the request to the upstream, unchanged.

        Raises:
            ClientDisconnectedError: the visitor left first.
            OSError: the upstream does not answer.
        """


def has_token(request: Request, token: str) -> bool:
    """Tell whether a request carries this bearer token. The scheme's case does not matter (RFC 9110, section 11.1)."""
    scheme, _, given = request.headers.get("authorization", "").strip().partition(" ")
    is_same = hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())
    return bool(token) and scheme.lower() == "bearer" and is_same


@dataclass(frozen=True, slots=True)
class Response:
    """A response with a JSON body, a text of its own, an upstream's body, or none."""

    status: int
    body: dict[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    upstream: UpstreamReply | None = None
    text: str | None = None
