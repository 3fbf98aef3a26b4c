"""What is read of a request and of its reply, whatever their format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

from edge_worker.event import Exchange, Model, Outcome


class Why(Enum):
    """The kinds of reasons for which nothing is recorded, as they are counted."""

    NOT_CHAT = "not_chat"
    """Another kind of request: embeddings, model lists, health, files."""
    NO_QUESTION = "no_question"
    """A chat, but no words of a person in it."""
    TOOL_CALLS = "tool_calls"
    """The reply only calls tools: the exchange is recorded when the text comes."""
    UNMATCHED = "unmatched"
    """Might have been a chat, and neither the format nor the mapping fits it."""


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """Nothing is to be recorded, and why in a person's words. `text` holds nothing that a visitor wrote."""

    why: Why
    text: str


@dataclass(frozen=True, slots=True)
class AskedRequest:
    """A request with its body. Header names are lower case; `url` may be a path alone."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path, without the query."""
        return urlsplit(self.url).path


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, decompressed. Header names are lower case.

    Of a long one, `body` is the beginning and `tail` the end; `is_whole` tells whether nothing is missing.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    tail: bytes = b""
    is_whole: bool = True

    @property
    def media_type(self) -> str:
        """The media type in lower case, without its parameters."""
        return self.headers.get("content-type", "").split(";", maxsplit=1)[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asked last.

    Attributes:
        text: None where the words are in an earlier request, see `continues`.
        session: As the request has it: to be hashed before it is recorded.
        tool_rounds: How often the model called tools since these words.
        continues: The id of the reply that this request goes on from without repeating what was asked.
        loop: Names the conversation up to its last counted tool round; None while there are few.
    """

    text: str | None
    format: str
    session: str | None = None
    model: str | None = None
    tool_rounds: int = 0
    continues: str | None = None
    loop: bytes | None = None
    is_certain: bool = True
    """Whether it must be a chat. Where not, the reply decides."""


@dataclass(slots=True)
class Usage:
    """Tokens and cost as the provider counts them.

    `input_tokens` include those read from and written to a cache, `output_tokens` those of reasoning.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost_usd: float | None = None


@dataclass(slots=True)
class Answer:
    """What became of a question. `is_complete` tells whether the reply said that it was over."""

    outcome: Outcome
    text: str | None = None
    model: str | None = None
    usage: Usage = field(default_factory=Usage)
    score: float | None = None
    sources: Sequence[str] = ()
    calls_tools: bool = False
    is_complete: bool = False
    is_recognised: bool = True
    reply_id: str | None = None

    def give(self, exchange: Exchange) -> None:
        """Add to an exchange what became of it."""
        usage = self.usage
        exchange.outcome, exchange.answer = self.outcome, self.text
        exchange.score, exchange.sources = self.score, self.sources
        if self.calls_tools:
            exchange.tool_rounds += 1
        if self.model:
            exchange.model = Model(
                self.model,
                usage.input_tokens,
                usage.output_tokens,
                usage.cost_usd,
                usage.cached_tokens,
                usage.reasoning_tokens,
            )
