"""From a visitor's question to the owner's mail, with nothing on the way replaced."""

import base64
import datetime
import hmac
import json
import random
import zoneinfo
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import boto3
import botocore.exceptions
import pytest
import urllib3
from boto3.dynamodb.types import TypeDeserializer

from stack.sample_traffic.ask import ask_all
from stack.sample_traffic.replay import entries_of_events
from stack.sample_traffic.visits import milliseconds, monday, visits
from stack.stack import RECIPIENT, TIME_ZONE, Stack
from stack.worker import SITE, stored_id
from tests.pipeline.events import entry, exchange, feedback, new_id, raw_entry

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.stack

PATIENCE_SECONDS = 60


def stored(running: Stack, identifier: str) -> list[dict[str, Any]]:
    return [item for item in plain_items(running) if item["sk"] == identifier]


def plain_items(running: Stack) -> list[dict[str, Any]]:
    read = TypeDeserializer().deserialize
    return [{name: read(value) for name, value in item.items()} for item in running.items()]


def ask(running: Stack, question: str) -> dict[str, Any]:
    response = urllib3.request("POST", f"{running.worker_url}/query", json={"question": question, "session": "s1"})
    assert response.status == 200
    answer: dict[str, Any] = response.json()
    return {**answer, "id": stored_id(answer["id"])}


def dead_letters(running: Stack) -> list[dict[str, Any]]:
    """Empty the dead-letter queue."""
    taken = []
    queue = running.dead_letter_queue
    while messages := queue.client.receive_message(
        QueueUrl=queue.url, MaxNumberOfMessages=10, AttributeNames=["All"]
    ).get("Messages"):
        for message in messages:
            queue.client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
        taken += messages
    return taken


def test_a_decision_by_a_signed_link_is_one_item_however_often_its_button_is_pressed(running: Stack) -> None:
    expires = str(int(datetime.datetime.now(datetime.UTC).timestamp()) + 86_400)
    link = {"action": "fixed", "topic": "000000042", "site": SITE, "week": "2026-W47", "expires": expires}
    message = "\n".join(["edge-analytics act 1", *link.values(), ""])
    digest = hmac.digest(running.worker_variables["ACT_KEY"].encode(), message.encode(), "sha256")
    link["signature"] = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    address = f"{running.worker_url}/edge-analytics/act"

    opened = urllib3.request("GET", address, fields=link)
    pressed = [urllib3.request("POST", f"{address}?{urlencode(link)}").status for _ in range(3)]

    assert (opened.status, pressed) == (200, [200] * 3)
    running.queue.wait_until_empty(seconds=PATIENCE_SECONDS)
    [decision] = decisions(running)
    assert (decision["topic"], decision["action"], decision["week"]) == ("000000042", "fixed", "2026-W47")


def decisions(running: Stack) -> list[dict[str, Any]]:
    return [item for item in plain_items(running) if item["pk"] == f"site#{SITE}#decisions"]


def test_a_question_put_to_the_worker_leaves_in_the_weekly_report(running: Stack) -> None:
    question = "Is there a <b>zebra</b> in the server room?"
    week = f"{datetime.datetime.now(zoneinfo.ZoneInfo(TIME_ZONE)):%G-W%V}"

    answer = ask(running, question)
    # A question that is asked often is sure of its place in the report.
    again = [ask(running, question)["id"] for _ in range(20)]
    running.wait_until_stored([answer["id"], *again], seconds=PATIENCE_SECONDS)
    mail = running.send_weekly_report(week=week)

    assert [item["question"] for item in stored(running, answer["id"])] == [question]
    assert "zebra" in mail["BodyText"]
    assert "&lt;b&gt;zebra&lt;/b&gt;" in mail["BodyHtml"]
    assert "<b>zebra" not in mail["BodyHtml"]
    assert mail["To"] == [RECIPIENT]
    assert "zebra" not in mail["Subject"]


def test_a_known_question_is_answered_and_a_foreign_one_is_not(running: Stack) -> None:
    known = ask(running, "What is a computer?")
    foreign = ask(running, "Wie wird das Wetter morgen in Graz?")

    assert (known["outcome"], foreign["outcome"]) == ("answered", "unanswered")
    assert known["score"] > foreign["score"]
    assert known["sources"]


def test_duplicates_in_any_order_make_one_item(running: Stack) -> None:
    identifier = new_id()
    first, later = feedback(identifier, rating="down"), feedback(identifier, rating="up", comment="now it works")
    later["sent_at"] += 60_000
    deliveries = [exchange(identifier), first, later] * 4
    random.Random(7).shuffle(deliveries)

    running.queue.send([entry(event) for event in deliveries])
    running.queue.wait_until_empty(seconds=PATIENCE_SECONDS)

    [item] = stored(running, identifier)
    assert (item["outcome"], item["rating"], item["comment"]) == ("answered", "up", "now it works")
    assert dead_letters(running) == []


def test_a_rating_may_come_before_its_exchange(running: Stack) -> None:
    identifier = new_id()

    running.queue.send([entry(feedback(identifier))])
    running.queue.wait_until_empty(seconds=PATIENCE_SECONDS)
    before = stored(running, identifier)
    running.queue.send([entry(exchange(identifier))])
    running.queue.wait_until_empty(seconds=PATIENCE_SECONDS)
    after = stored(running, identifier)

    assert [("question" in item, item["rating"]) for item in before] == [(False, "up")]
    assert [(item["question"], item["rating"]) for item in after] == [("Where is the manual?", "up")]


@pytest.mark.parametrize(
    "body",
    [
        "not JSON",
        "[]",
        '{"version": 1, "events": []}',
        '{"version": 2, "events": [{"type": "exchange"}]}',
        '{"version": 1, "events": [{"type": "exchange", "id": "42"}]}',
        "[" * 50_000,
    ],
    ids=["text", "array", "empty", "later-version", "incomplete", "deep"],
)
def test_a_malformed_message_fails_alone_and_becomes_a_dead_letter(running: Stack, body: str) -> None:
    good = [new_id() for _ in range(9)]
    entries = [entry(exchange(identifier)) for identifier in good]
    entries.insert(4, raw_entry(body, "malformed"))

    running.queue.send(entries)
    running.queue.wait_until_empty(seconds=PATIENCE_SECONDS)

    assert all(len(stored(running, identifier)) == 1 for identifier in good)
    assert [letter["Body"] for letter in dead_letters(running)] == [body]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/query", b"not json", 400, "invalid_json"),
        ("POST", "/query", b"{}", 400, None),
        ("POST", "/query", b'{"question": 42}', 400, None),
        ("POST", "/query", json.dumps({"question": "a" * 2001}).encode(), 400, None),
        ("DELETE", "/query", b"", 405, "method_not_allowed"),
        ("GET", "/nowhere", None, 404, "not_found"),
    ],
    ids=["not-json", "no-question", "wrong-type", "too-long", "wrong-method", "unknown-path"],
)
def test_a_bad_request_is_told_what_is_wrong(
    running: Stack, method: str, path: str, body: bytes | None, status: int, code: str | None
) -> None:
    response = urllib3.request(method, running.worker_url + path, body=body)

    error = response.json()["error"]
    assert response.status == status
    assert code in (None, error["code"])
    assert error["message"]
    assert b"Traceback" not in response.data


def test_the_worker_may_send_to_its_queue_and_do_nothing_else(running: Stack) -> None:
    iam = running.emulator.client("iam")
    key = iam.create_access_key(UserName=running.parameters["sender-user-name"])["AccessKey"]
    sender = boto3.session.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="eu-west-2")
    sqs = sender.client("sqs", endpoint_url=running.emulator.url)
    queue, letters = running.queue.url, running.dead_letter_queue.url
    identifier = new_id()
    forbidden: list[Callable[[], object]] = [
        lambda: sqs.receive_message(QueueUrl=queue),
        lambda: sqs.purge_queue(QueueUrl=queue),
        lambda: sqs.get_queue_attributes(QueueUrl=queue),
        lambda: sqs.send_message(QueueUrl=letters, MessageBody="x", MessageGroupId="x", MessageDeduplicationId="x"),
        lambda: sender.client("dynamodb", endpoint_url=running.emulator.url).scan(
            TableName=running.parameters["table-name"]
        ),
    ]

    sqs.send_message(QueueUrl=queue, **entry(exchange(identifier)))

    for attempt in forbidden:
        with pytest.raises(botocore.exceptions.ClientError, match=r"(?i)denied|not authorized"):
            attempt()
    iam.delete_access_key(UserName=running.parameters["sender-user-name"], AccessKeyId=key["AccessKeyId"])


def test_the_report_counts_what_the_table_holds(running: Stack) -> None:
    now = datetime.datetime.now(zoneinfo.ZoneInfo(TIME_ZONE))
    begin, end = monday(now, weeks_before=2), monday(now, weeks_before=1)
    asked = visits(300, begin=milliseconds(begin), end=milliseconds(end), seed=11)
    events = entries_of_events(asked, knowledge=running.knowledge)

    running.queue.send([event.entry for event in events])
    running.queue.wait_until_empty(seconds=PATIENCE_SECONDS)
    mail = running.send_weekly_report(week=f"{begin:%G-W%V}")

    sent = {event.id for event in events}
    people = [item for item in plain_items(running) if item["sk"] in sent and "bot" not in item]
    outcomes = Counter(item["outcome"] for item in people)
    assert sent <= {item["sk"] for item in plain_items(running)}
    for number in (len(people), outcomes["answered"], outcomes["unanswered"]):
        assert f" {number}" in mail["BodyText"]
    most_asked, _ = Counter(item["question"] for item in people).most_common(1)[0]
    assert most_asked.rstrip(".?") in mail["BodyText"]


def test_every_answer_of_the_worker_is_stored_once(running: Stack) -> None:
    now = milliseconds(datetime.datetime.now(datetime.UTC))

    sent = ask_all(running.worker_url, visits(200, begin=now, end=now + 1000, seed=3))
    running.wait_until_stored(sent.exchanges, sent.rated, seconds=PATIENCE_SECONDS)

    found = [item for item in plain_items(running) if item["sk"] in sent.exchanges]
    assert Counter(item["sk"] for item in found) == Counter(sent.exchanges)
    assert {item["sk"] for item in found if "rating" in item} == sent.rated
    assert all(item["pk"].startswith(f"site#{SITE}#day#") for item in found)
