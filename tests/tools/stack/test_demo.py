"""The demo's shop: what its visitors ask, what its chatbot answers, and which links its owner follows."""

import datetime
import json
import zoneinfo
from collections import Counter
from typing import Any
from urllib.parse import urlencode

import openai
import pytest
import urllib3

from stack.demo.chatbot import chatbot
from stack.demo.history import TROUBLED_DAY, WEEKS, history
from stack.demo.live import questions
from stack.demo.owner import PUBLIC_URL, fixed_link
from stack.demo.topics import LANGUAGES, topic_of, topics

ZONE = zoneinfo.ZoneInfo("Europe/London")
FIRST = datetime.datetime(2026, 10, 19, tzinfo=ZONE)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return history(FIRST, seed=1)


def moment(row: dict[str, Any]) -> datetime.datetime:
    return datetime.datetime.fromisoformat(row["asked_at"])


def test_topics_have_wordings_of_their_own() -> None:
    everything = [(wording, topic.name) for topic in topics() for each in topic.wordings.values() for wording in each]

    assert [wording for wording, count in Counter(wording for wording, _ in everything).items() if count > 1] == []
    assert {language for topic in topics() for language in topic.wordings} == set(LANGUAGES)
    assert {topic.fate for topic in topics()} == {"", "fixed", "back"}


def test_the_history_is_of_whole_weeks_and_has_something_of_everything(rows: list[dict[str, Any]]) -> None:
    assert rows == history(FIRST, seed=1)
    assert {moment(row).date() for row in rows} == {FIRST.date() + datetime.timedelta(day) for day in range(7 * WEEKS)}
    assert len({moment(row).hour for row in rows}) == 24
    assert {row["outcome"] for row in rows} == {
        "answered", "partial", "unanswered", "refused", "error", "abandoned",
    }  # fmt: skip
    assert {row["language"][:2] for row in rows} == set(LANGUAGES)
    assert any("comment" in row for row in rows)
    assert any("GPTBot" in row["user_agent"] for row in rows)


def test_the_model_is_in_trouble_on_one_afternoon(rows: list[dict[str, Any]]) -> None:
    last_monday = FIRST.date() + datetime.timedelta(7 * (WEEKS - 1))
    errors = Counter(moment(row).date() for row in rows if row["outcome"] == "error")

    assert errors.most_common(1)[0][0] == last_monday + datetime.timedelta(TROUBLED_DAY)


def test_one_gap_is_fixed_and_another_is_back(rows: list[dict[str, Any]]) -> None:
    last_monday = FIRST.date() + datetime.timedelta(7 * (WEEKS - 1))

    def share(fate: str, *, since: bool) -> float:
        outcomes = [
            row["outcome"]
            for row in rows
            if (topic := topic_of(row["question"])) and topic.fate == fate
            if (moment(row).date() > last_monday) == since and row["outcome"] != "error"
        ]
        return outcomes.count("answered") / len(outcomes)

    assert share("fixed", since=False) < 0.4
    assert share("fixed", since=True) > 0.7
    assert share("back", since=True) < 0.5


def test_the_chatbot_streams_with_tokens_and_cost() -> None:
    direct = openai.DefaultHttpxClient(trust_env=False)
    with (
        chatbot() as address,
        openai.OpenAI(base_url=f"http://{address}/v1", api_key="none", http_client=direct) as client,
    ):
        chunks = list(
            client.chat.completions.create(
                model="m",
                messages=[{"role": "user", "content": "Where is my parcel?"}],
                stream=True,
                stream_options={"include_usage": True},
            )
        )

    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text.startswith("Follow your parcel on the page Orders;")
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0
    assert chunks[-1].usage.model_extra is not None
    assert chunks[-1].usage.model_extra["cost"] > 0


@pytest.mark.parametrize(
    ("question", "more", "finish"),
    [
        ("Write an insult for my neighbour", {}, "content_filter"),
        ("Where is my parcel?", {"max_tokens": 8}, "length"),
        ("Something that nobody has written down", {}, "stop"),
    ],
)
def test_streams_end_in_different_ways(question: str, more: dict[str, int], finish: str) -> None:
    body = json.dumps({"messages": [{"role": "user", "content": question}], **more}).encode()
    with chatbot() as address:
        reply = urllib3.request("POST", f"http://{address}/v1/chat/completions", body=body)
    lines = [json.loads(line[6:]) for line in reply.data.decode().splitlines() if line.startswith("data: {")]

    assert [choice["finish_reason"] for line in lines for choice in line["choices"]][-1] == finish


def test_today_s_visitors_are_the_same_for_the_same_seed() -> None:
    assert questions(30, seed=1) == questions(30, seed=1) != questions(30, seed=2)


def test_the_owner_follows_the_link_of_the_gap_that_is_meant() -> None:
    refund, invoice = (topic for topic in topics() if topic.fate)

    def item(wording: str, number: int) -> str:
        links = "".join(
            f'<a href="{PUBLIC_URL}/edge-analytics/act?{urlencode({"action": action, "topic": number})}">{action}</a>'
            for action in ("fixed", "not_ours", "conversations")
        )
        return f"<td>“{wording}” <span>also: …</span>{links}</td>".replace("&", "&amp;")

    page = item(invoice.wordings["en"][2], 1) + item("A gap of no interest", 2) + item(refund.wordings["en"][0], 3)

    address = f"{PUBLIC_URL}/edge-analytics/act?action=fixed"
    assert fixed_link({"BodyHtml": page}, invoice) == f"{address}&topic=1"
    assert fixed_link({"BodyHtml": page}, refund) == f"{address}&topic=3"
    assert fixed_link({"BodyHtml": item("A gap of no interest", 2)}, invoice) is None
