import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from edge_worker.access_key import AccessKey, TableAccess
from edge_worker.application import Application
from edge_worker.conversations import Conversations
from edge_worker.origin import Isolate
from edge_worker.settings import Settings, SettingsError
from scene import KNOWLEDGE, VARIABLES, Recorded
from test_act import QUERIES, VECTORS, AtTime

CONTRACT = Path(__file__).parents[1] / "contract"
LISTED = json.loads((CONTRACT / "conversation-list" / "v1.vectors.json").read_text("utf-8"))
SECRET = "a-secret-that-is-in-no-mail-of-ours"
ACCESS = TableAccess("events", "eu-west-2", AccessKey("AKIDREADER", "secret"))
READING = {
    "CONVERSATIONS_SECRET": SECRET,
    "CONVERSATIONS_TABLE": "events",
    "CONVERSATIONS_ACCESS_KEY_ID": "AKIDREADER",
    "CONVERSATIONS_SECRET_ACCESS_KEY": "secret",
}


def exchange(key: Any, **attributes: str) -> dict[str, Any]:
    expires = {"expires_at": {"N": str(VECTORS["now_seconds"] + 1)}}
    return {**key, **expires, **{name: {"S": value} for name, value in attributes.items()}}


STORED = [
    exchange(LISTED["exchanges"][1], question="Reset?", answer="Sorry.", outcome="unanswered", rating="down"),
    exchange(LISTED["exchanges"][0], question="<script>alert(1)</script>", comment="\u202eevil <b>", outcome="error"),
]


class Table:
    """An owner, and a table that replies so."""

    def __init__(self, *replies: Any, **settings: Any) -> None:
        self.asked: list[Any] = []
        self.lines: list[Any] = []
        self.replies = list(replies) or [
            (200, json.dumps({"Item": LISTED["item"]})),
            (200, json.dumps({"Responses": {"events": STORED}, "UnprocessedKeys": {}})),
        ]
        wanted = {"act_key": VECTORS["key"], "conversations_secret": SECRET, "table": ACCESS} | settings
        self.application = Application(
            replace(Settings.read(VARIABLES.get), **wanted),
            KNOWLEDGE,
            Isolate("k3x9q2ab"),
            Recorded(),
            self.lines.append,
            conversations=Conversations(ACCESS, LISTED["site"], self.post) if wanted["table"] else None,
        )

    async def post(self, request: Any, _seconds: float) -> Any:
        self.asked.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def open(self, method: str = "GET", secret: str | None = None, body: bytes | None = None) -> Any:
        form = urlencode({"secret": secret}).encode() if secret is not None else b""
        url = f"https://chat.example.com/edge-analytics/act?{QUERIES['conversations']}"
        return asyncio.run(self.application.respond(AtTime(method, url, {}, form if body is None else body)))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_link_asks_for_the_secret_and_reads_nothing(method: str) -> None:
    table = Table()

    page = table.open(method)

    assert page.status == 200
    assert '<input type="password" name="secret"' in page.text
    assert table.asked == []


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "\u00fc" * 40, "\x00"])
def test_another_secret_reads_nothing(secret: str) -> None:
    table = Table()

    page = table.open("POST", secret)

    assert (page.status, table.asked) == (403, [])
    assert "That is not the secret" in page.text
    assert SECRET not in page.text


@pytest.mark.parametrize("body", [b"", b"secret", b"\xff\xfe", b"secret=" + b"x" * 1_900, b"&" * 1_900])
def test_a_form_of_any_kind_reads_nothing(body: bytes) -> None:
    table = Table()

    assert table.open("POST", body=body).status == 403
    assert table.asked == []


def test_a_form_that_is_too_long_is_refused() -> None:
    assert Table().open("POST", body=b"secret=" + b"x" * 5_000).status == 413


def test_the_secret_shows_the_newest_conversations_as_text() -> None:
    table = Table()

    page = table.open("POST", SECRET)

    assert page.status == 200
    assert page.text.count("<article>") == 2
    assert page.text.index("&lt;script&gt;") < page.text.index("Reset?")
    assert "<script" not in page.text
    assert "<b>e" not in page.text
    assert "\u202e" not in page.text
    assert "2025-11-28 05:08 UTC · unanswered · rated down" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex"
    assert page.headers["content-security-policy"].startswith("default-src 'none'; ")
    assert SECRET not in page.text


def test_the_requests_name_the_items_of_the_contract_and_no_others() -> None:
    table = Table()

    table.open("POST", SECRET)

    first, second = (json.loads(request.body) for request in table.asked)
    assert first == {"TableName": "events", "Key": {name: LISTED["item"][name] for name in ("pk", "sk")}}
    assert second == {"RequestItems": {"events": {"Keys": LISTED["exchanges"]}}}
    assert [request.headers["x-amz-target"] for request in table.asked] == [
        "DynamoDB_20120810.GetItem",
        "DynamoDB_20120810.BatchGetItem",
    ]
    assert {request.url for request in table.asked} == {"https://dynamodb.eu-west-2.amazonaws.com/"}
    assert "/eu-west-2/dynamodb/aws4_request" in table.asked[0].headers["authorization"]


def test_what_has_expired_is_not_shown() -> None:
    old = {**STORED[0], "expires_at": {"N": str(VECTORS["now_seconds"])}}
    table = Table((200, json.dumps({"Item": LISTED["item"]})), (200, json.dumps({"Responses": {"events": [old]}})))

    assert "None are stored" in table.open("POST", SECRET).text


@pytest.mark.parametrize(
    "listed",
    [
        None,
        [],
        {"ids": None},
        {"ids": {"L": None}},
        {"ids": {"L": [None, {"S": 1}, {"S": "x"}, {"N": "1"}, []]}},
        {"ids": {"S": "019acdc1-4280-7abc-8def-0123456789ab"}},
    ],
)
def test_a_damaged_list_lists_nothing(listed: Any) -> None:
    assert "None are stored" in Table((200, json.dumps({"Item": listed}))).open("POST", SECRET).text


@pytest.mark.parametrize(
    "damaged",
    [
        {"Responses": {"events": [None, 1, {}, {"sk": {"S": "x"}}, {"sk": None, "expires_at": {"N": "NaN"}}]}},
        {"Responses": {}},
    ],
)
def test_damaged_items_are_left_out(damaged: Any) -> None:
    table = Table((200, json.dumps({"Item": LISTED["item"]})), (200, json.dumps(damaged)))

    assert table.open("POST", SECRET).status == 200


@pytest.mark.parametrize(
    "reply",
    [
        OSError("gone"),
        (400, '{"__type": "AccessDeniedException"}'),
        (500, ""),
        (200, "not JSON"),
        (200, "[]"),
        (200, '{"Item": ' + "[" * 100 + "]" * 100 + "}"),
    ],
)
def test_a_table_that_does_not_answer_is_said_and_logged(reply: Any) -> None:
    table = Table(reply)

    page = table.open("POST", SECRET)

    assert page.status == 503
    assert "Not read" in page.text
    assert table.lines[0]["message"] == "conversations not read"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_secret_the_page_names_the_command(method: str) -> None:
    page = Table(conversations_secret="", table=None).open(method, SECRET)

    assert "make conversations TOPIC=reset-password-3f2a" in page.text
    assert "<form" not in page.text


def test_the_page_is_switched_on_by_all_of_its_variables() -> None:
    settings = Settings.read({**VARIABLES, **READING}.get)

    assert (settings.table, settings.conversations_secret) == (ACCESS, SECRET)
    assert Settings.read(VARIABLES.get).table is None


@pytest.mark.parametrize("missing", READING)
def test_some_of_its_variables_are_a_wrong_configuration(missing: str) -> None:
    some = {name: value for name, value in READING.items() if name != missing}

    with pytest.raises(SettingsError, match="set all of them, or none"):
        Settings.read({**VARIABLES, **some}.get)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match="CONVERSATIONS_SECRET is not a secret of at least 32 characters"):
        Settings.read({**VARIABLES, **READING, "CONVERSATIONS_SECRET": "short"}.get)


def test_the_other_decisions_are_a_click_away() -> None:
    table = Table()

    def page(query: str) -> str:
        url = f"https://chat.example.com/edge-analytics/act?{query}"
        return str(asyncio.run(table.application.respond(AtTime("GET", url, {}))).text)

    found = re.findall(r'<a href="\?([^"]+)">', page(QUERIES["fixed"]))
    others = [query.replace("&amp;", "&") for query in found]

    assert others == [QUERIES["not_ours"], QUERIES["conversations"]]
    assert all("not valid" not in page(query) for query in others)
