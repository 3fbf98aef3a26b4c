"""The dead-letter queue is listed with the processor's reasons, and what is sent back is followed into the table."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from operate.dead_letter_queue import DeadLetterQueue
from operate.processor_rules import ProcessorRules, processor_rules
from operate.redrive import listing, redrive
from operate.stored_items import StoredItems
from stack.paths import PROCESSOR
from tests.tools.operate.account import Account

EXAMPLES = PROCESSOR / "contract" / "analytics-event" / "examples"
OTHER = "019aa6c5-1c00-7abc-8def-00000000000b"


@pytest.fixture(scope="module")
def rules() -> Iterator[ProcessorRules]:
    with processor_rules() as running:
        yield running


def exchange(**changes: object) -> dict[str, Any]:
    """Return a complete exchange event."""
    message = json.loads((EXAMPLES / "valid" / "exchange-full.json").read_text(encoding="utf-8"))
    return {**message["events"][0], **changes}


def body(*events: dict[str, Any]) -> str:
    return json.dumps({"version": 1, "events": events})


def bodies(url: str) -> list[str]:
    found = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in found.get("Messages", [])]


def queue_url() -> str:
    return str(boto3.client("sqs").get_queue_url(QueueName="events.fifo")["QueueUrl"])


def store(rules: ProcessorRules, *events: dict[str, Any]) -> None:
    """Store of each event what redriving looks at."""
    for stored in rules.check(body(*events)).items:
        boto3.client("dynamodb").put_item(
            TableName="table",
            Item={"pk": {"S": stored.partition}, "sk": {"S": stored.id}, "origins": {"SS": sorted(stored.origins)}},
        )


def redriven(dead_letters: DeadLetterQueue, rules: ProcessorRules, stored: StoredItems, **options: Any) -> list[str]:
    chosen: dict[str, Any] = {"everything": False, "wait_seconds": 0, "sleep": lambda _seconds: None} | options
    return list(redrive(dead_letters, queue_url(), rules, stored, **chosen))


@pytest.mark.parametrize(
    "example", sorted(EXAMPLES.rglob("*.json")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_the_processors_code_accepts_what_the_contract_calls_valid(rules: ProcessorRules, example: Path) -> None:
    verdict = rules.check(example.read_text(encoding="utf-8"))

    assert (verdict.reason is None) == (example.parent.name == "valid")
    assert bool(verdict.items) == (example.parent.name == "valid")


@pytest.mark.parametrize("text", ["", "[]", "\n", "\u2028", "{" * 5000, '{"version": 9, "events": []}', "\ud83d\ude00"])
def test_any_text_gets_a_verdict_of_one_line(rules: ProcessorRules, text: str) -> None:
    assert "\n" not in (rules.check(text).reason or "\n")


def test_messages_are_listed_with_their_reasons_and_without_their_text(
    account: Account, dead_letters: DeadLetterQueue, rules: ProcessorRules
) -> None:
    account.fail(exchange(question=["SECRET"]))
    account.fail(exchange(question="SECRET"))

    shown = list(listing(dead_letters, rules, bodies=False))

    assert [line.split("  ", 2)[-1] for line in shown] == [
        "message.events[0].question must be string",
        "acceptable now",
        "2 messages in the dead-letter queue",
    ]
    assert "SECRET" not in "".join(shown)
    assert len(bodies(account.dead_letter_queue_url)) == 2


def test_a_messages_text_is_printed_escaped_if_asked_for(
    account: Account, dead_letters: DeadLetterQueue, rules: ProcessorRules
) -> None:
    account.fail(body="\x1b]0;title\x07 text")

    shown = list(listing(dead_letters, rules, bodies=True))

    assert shown[1] == '    "\\u001b]0;title\\u0007 text"'


def test_what_is_acceptable_goes_back_and_what_is_not_stays(
    account: Account, dead_letters: DeadLetterQueue, rules: ProcessorRules, stored: StoredItems
) -> None:
    good, bad = body(exchange()), "[]"
    account.fail(body=good)
    account.fail(body=bad)

    lines = redriven(dead_letters, rules, stored)

    assert (bodies(queue_url()), bodies(account.dead_letter_queue_url)) == ([good], [bad])
    assert lines[0].endswith("kept: message must be object")
    assert lines[1].endswith("sent back, not stored yet")
    assert lines[2] == "1 sent back, 0 of them stored, 1 kept"


def test_everything_goes_back_if_asked_for(
    account: Account, dead_letters: DeadLetterQueue, rules: ProcessorRules, stored: StoredItems
) -> None:
    account.fail(body="{}")

    lines = redriven(dead_letters, rules, stored, everything=True)

    assert (bodies(queue_url()), bodies(account.dead_letter_queue_url)) == (["{}"], [])
    assert "will be refused again" in lines[0]


def test_a_message_sent_back_within_five_minutes_keeps_its_group_and_is_not_swallowed(
    account: Account, dead_letters: DeadLetterQueue, rules: ProcessorRules, stored: StoredItems
) -> None:
    sqs, text = boto3.client("sqs"), body(exchange())
    sent: dict[str, Any] = {"MessageBody": text, "MessageGroupId": "visitor", "MessageDeduplicationId": "id"}
    sqs.send_message(QueueUrl=queue_url(), **sent)
    [first] = sqs.receive_message(QueueUrl=queue_url())["Messages"]
    sqs.delete_message(QueueUrl=queue_url(), ReceiptHandle=first["ReceiptHandle"])
    sqs.send_message(QueueUrl=account.dead_letter_queue_url, **sent)

    redriven(dead_letters, rules, stored)

    received = sqs.receive_message(QueueUrl=queue_url(), MessageSystemAttributeNames=["MessageGroupId"])
    [again] = received["Messages"]
    assert (again["Body"], again["Attributes"]["MessageGroupId"]) == (text, "visitor")


def test_a_message_sent_back_is_followed_into_the_table(
    account: Account, dead_letters: DeadLetterQueue, rules: ProcessorRules, stored: StoredItems
) -> None:
    events = exchange(), exchange(id=OTHER)
    account.fail(*events)
    store(rules, *events)

    lines = redriven(dead_letters, rules, stored, wait_seconds=5)

    assert lines[0].endswith("sent back and stored")
    assert lines[1] == "1 sent back, 1 of them stored, 0 kept"


def test_a_message_whose_origins_moved_to_a_page_is_stored(
    account: Account, dead_letters: DeadLetterQueue, rules: ProcessorRules, stored: StoredItems
) -> None:
    account.fail(exchange())
    [found] = rules.check(body(exchange())).items
    for key, origins in (
        ({"pk": {"S": found.partition}, "sk": {"S": found.id}}, ["zzzz/1"]),
        ({"pk": {"S": f"{found.partition}#origins"}, "sk": {"S": f"{found.id}#0123"}}, sorted(found.origins)),
    ):
        boto3.client("dynamodb").put_item(TableName="table", Item={**key, "origins": {"SS": origins}})

    assert redriven(dead_letters, rules, stored)[0].endswith("sent back and stored")


def test_a_message_of_which_one_event_is_missing_is_not_called_stored(
    account: Account, dead_letters: DeadLetterQueue, rules: ProcessorRules, stored: StoredItems
) -> None:
    account.fail(exchange(), exchange(id=OTHER))
    store(rules, exchange())

    assert redriven(dead_letters, rules, stored)[0].endswith("sent back, not stored yet")
