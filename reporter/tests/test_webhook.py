"""The short form in each channel's shape, and a channel that is slow, wrong or gone."""

from __future__ import annotations

import json
import logging
import socket
import time
from contextlib import contextmanager, suppress
from http.client import HTTPException
from threading import Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.request import Request

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.channels import webhook
from reporter.channels.short_form import MAX_HEAD, MAX_LINE, MAX_LINES, ShortForm
from reporter.channels.webhook import ATTEMPTS, MAX_PAUSE_SECONDS, TIMEOUT_SECONDS, Webhook, payload, post_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLACK: Final = "https://hooks.slack.com/services/T0/B0/secret"
DISCORD: Final = "https://discord.com/api/webhooks/1/secret"
TEAMS: Final = "https://prod-07.westeurope.logic.azure.com:443/workflows/secret"
PLAIN: Final = "https://chat.example.com/hooks/secret"
MESSAGE: Final = ShortForm.of(
    "40 % without a good answer", ["Write down: <!channel> how do I pay? *now*", "@everyone [x](https://evil.example)"],
    "https://console.example.com/report",
)  # fmt: skip


def text(kind: str, most: int) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "text"],
        "properties": {"type": {"const": kind}, "text": {"type": "string", "minLength": 1, "maxLength": most}},
    }


# The limits that each documentation publishes: Slack's Block Kit reference, Discord's Execute Webhook, Microsoft's
# incoming webhooks and the Adaptive Card schema, 1.4.
SCHEMAS: Final[dict[str, Any]] = {
    SLACK: {
        "type": "object",
        "required": ["text", "blocks"],
        "properties": {
            "text": {"type": "string", "minLength": 1, "maxLength": 40_000},
            "unfurl_links": {"type": "boolean"},
            "blocks": {
                "type": "array",
                "minItems": 1,
                "maxItems": 50,
                "items": {
                    "oneOf": [
                        {"properties": {"type": {"const": "header"}, "text": text("plain_text", 150)}},
                        {"properties": {"type": {"const": "section"}, "text": text("plain_text", 3_000)}},
                        {"properties": {"type": {"const": "section"}, "text": text("mrkdwn", 3_000)}},
                    ]
                },
            },
        },
        "additionalProperties": False,
    },
    DISCORD: {
        "type": "object",
        "required": ["content", "allowed_mentions"],
        "properties": {
            "content": {"type": "string", "minLength": 1, "maxLength": 2_000},
            "allowed_mentions": {"type": "object", "required": ["parse"], "properties": {"parse": {"maxItems": 0}}},
            "flags": {"const": 4},
        },
        "additionalProperties": False,
    },
    TEAMS: {
        "type": "object",
        "required": ["type", "attachments"],
        "properties": {
            "type": {"const": "message"},
            "attachments": {
                "minItems": 1,
                "maxItems": 1,
                "items": {
                    "required": ["contentType", "content"],
                    "properties": {
                        "contentType": {"const": "application/vnd.microsoft.card.adaptive"},
                        "content": {
                            "required": ["type", "version", "body"],
                            "properties": {
                                "type": {"const": "AdaptiveCard"},
                                "version": {"const": "1.4"},
                                "body": {
                                    "items": {
                                        "required": ["type", "text"],
                                        "properties": {"type": {"const": "TextBlock"}, "wrap": {"type": "boolean"}},
                                    }
                                },
                                "actions": {
                                    "items": {
                                        "required": ["type", "title", "url"],
                                        "properties": {"type": {"const": "Action.OpenUrl"}},
                                    }
                                },
                            },
                        },
                    },
                },
            },
        },
        "additionalProperties": False,
    },
    PLAIN: {
        "type": "object",
        "required": ["head", "lines", "link"],
        "properties": {
            "head": {"type": "string"},
            "lines": {"items": {"type": "string"}},
            "link": {"type": "string"},
            "actions": {"items": {"type": "string"}},
        },
        "additionalProperties": False,
    },
}
every_host = pytest.mark.parametrize("url", SCHEMAS, ids=["slack", "discord", "teams", "plain"])


@every_host
@given(st.text(min_size=1), st.lists(st.text(), max_size=12))
def test_any_message_has_the_shape_of_its_host(url: str, head: str, lines: list[str]) -> None:
    message = ShortForm.of(head if head.strip() else "head", lines, "https://example.com/a?b=c&d")

    jsonschema.validate(payload(url, message if message.head else ShortForm.of("head", lines)), SCHEMAS[url])


ACTION: Final = "https://worker.example.com/edge-analytics/act?action=fixed&topic=1"


@every_host
@given(st.lists(st.text(min_size=1), min_size=1, max_size=12))
def test_a_line_has_its_link_whole_or_not_at_all(url: str, lines: list[str]) -> None:
    message = ShortForm.of("head", lines, "https://example.com/", [ACTION + "x" * 200] * len(lines))

    body = payload(url, message)

    jsonschema.validate(body, SCHEMAS[url])
    written = json.dumps(body).replace("&amp;", "&")
    assert written.count(ACTION) == written.count(ACTION + "x" * 200)
    assert written.count(ACTION) == len(message.lines) or url == DISCORD
    assert url != DISCORD or ACTION in written or not message.lines or len(body["content"]) > 1_500


def test_a_line_without_a_link_has_none() -> None:
    message = ShortForm.of("head", ["\u200b", "first", "second"], actions=[ACTION, "http://example.com", ACTION])

    assert (message.lines, message.actions) == (("first", "second"), ("", ACTION))
    assert json.dumps(payload(SLACK, message)).count("Decide") == 1


def test_visitors_words_are_text_and_mention_nobody() -> None:
    slack = payload(SLACK, MESSAGE)
    markup = [block["text"]["text"] for block in slack["blocks"] if block["text"]["type"] == "mrkdwn"]
    discord, teams = payload(DISCORD, MESSAGE), json.dumps(payload(TEAMS, MESSAGE))

    assert markup == ["<https://console.example.com/report|Open the dashboard>"]
    assert "<!" not in slack["text"]
    assert discord["allowed_mentions"] == {"parse": []}
    assert "@everyone" not in discord["content"].replace("\\@", "")
    assert "[x](" not in discord["content"]
    assert "[x](" not in teams


@given(st.text(), st.lists(st.text(), max_size=20), st.text())
def test_the_short_form_keeps_its_limits(head: str, lines: list[str], link: str) -> None:
    message = ShortForm.of(head, lines, link)

    assert len(message.head) <= MAX_HEAD
    assert len(message.lines) <= MAX_LINES
    assert all(0 < len(line) <= MAX_LINE for line in message.lines)
    assert all(line.replace("\u200c", "").replace("\u200d", "").isprintable() for line in message.lines)
    assert message.link in {"", link}


class Channel:
    """A fake endpoint: what it answers, one after the other, and what it was sent."""

    def __init__(self, *answers: tuple[int, str] | Exception) -> None:
        self.answers = list(answers)
        self.bodies: list[bytes] = []
        self.pauses: list[float] = []

    def post(self, url: str, body: bytes, seconds: float) -> tuple[int, str]:
        assert url.endswith("secret")
        assert seconds == TIMEOUT_SECONDS
        self.bodies.append(body)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def send(self, url: str = SLACK) -> bool:
        return Webhook(url, self.post, self.pauses.append).send(MESSAGE)


@pytest.mark.parametrize(
    ("answers", "is_taken", "attempts"),
    [
        ([(200, "")], True, 1),
        ([(204, "")], True, 1),
        ([TimeoutError("slow"), (200, "")], True, 2),
        ([TimeoutError("slow")] * 3, False, 3),
        ([ConnectionRefusedError("gone")] * 3, False, 3),
        ([(500, ""), (503, ""), (502, "")], False, 3),
        ([(429, "2"), (200, "")], True, 2),
        ([(404, "")], False, 1),
        ([(410, "")], False, 1),
        ([(302, "")], False, 1),
        ([ValueError("not HTTP at all")], False, 1),
    ],
)
def test_a_channel_is_tried_a_bounded_number_of_times(
    answers: list[Any], attempts: int, *, is_taken: bool, caplog: pytest.LogCaptureFixture
) -> None:
    channel = Channel(*answers)

    assert channel.send() == is_taken
    assert len(channel.bodies) == attempts <= ATTEMPTS
    assert all(pause <= MAX_PAUSE_SECONDS for pause in channel.pauses)
    assert len(channel.pauses) == attempts - 1
    assert bool(caplog.records) != is_taken


@pytest.mark.parametrize("retry_after", ["86400", "-1", "nan", "Wed, 21 Oct 2026 07:28:00 GMT", ""])
def test_no_answer_makes_it_wait_long(retry_after: str) -> None:
    channel = Channel((429, retry_after), (200, ""))

    assert channel.send()
    assert 0 <= channel.pauses[0] <= MAX_PAUSE_SECONDS


@pytest.mark.parametrize("url", ["http://hooks.slack.com/secret", "ftp://x/secret", "", "secret", "file:///etc/secret"])
def test_only_https_is_called(url: str) -> None:
    assert not Channel().send(url)


def test_the_address_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    Channel(*[OSError("https://hooks.slack.com/services/T0/B0/secret")] * 3).send()
    Channel(RuntimeError("https://hooks.slack.com/services/T0/B0/secret")).send()

    assert caplog.text
    assert "secret" not in caplog.text


def test_a_redirect_is_not_followed() -> None:
    request = Request(SLACK, b"{}", method="POST")

    follow: Any = webhook._NoRedirects().redirect_request
    assert follow(request, None, 307, "", {}, "http://elsewhere.example") is None


@contextmanager
def endpoint(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A channel on this machine that answers one request, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                request = b""
                while not request.endswith(b"{}"):  # the head and the body may come one after the other
                    request += connection.recv(65_536)
                answer(connection)

        Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/secret"


def drip(connection: socket.socket) -> None:
    for letter in b"HTTP/1.1 200 OK\r\n" + b"x" * 100:
        connection.sendall(bytes([letter]))
        time.sleep(0.05)


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    with suppress(OSError):
        for _ in range(64):
            connection.sendall(b"x" * 1_000_000)


def moved(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 307 T\r\nlocation: http://127.0.0.1:1/elsewhere\r\ncontent-length: 0\r\n\r\n")


def limited(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 429 T\r\nretry-after: 3\r\ncontent-length: 0\r\n\r\n")


@pytest.mark.enable_socket
@pytest.mark.parametrize(("answer", "expected"), [(endless, (200, "")), (moved, (307, "")), (limited, (429, "3"))])
def test_an_endpoint_is_asked_and_its_body_left_unread(answer: Any, expected: tuple[int, str]) -> None:
    with endpoint(answer) as url:
        assert post_json(url, b"{}", 5.0) == expected


@pytest.mark.enable_socket
@pytest.mark.parametrize("answer", [drip, lambda connection: connection.recv(1)], ids=["drips", "is silent"])
def test_an_endpoint_that_takes_its_time_is_left(answer: Any) -> None:
    with endpoint(answer) as url, pytest.raises(OSError, match="time"):
        post_json(url, b"{}", 0.3)


@pytest.mark.enable_socket
@pytest.mark.parametrize("answer", [lambda connection: connection.sendall(b"not HTTP\r\n\r\n"), lambda _: None])
def test_what_is_no_answer_is_an_error_that_the_channel_survives(answer: Any) -> None:
    with endpoint(answer) as url, pytest.raises((OSError, HTTPException)):
        post_json(url, b"{}", 5.0)
