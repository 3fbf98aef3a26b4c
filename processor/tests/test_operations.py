"""What an operator does, against queues and a table in memory."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from conftest import TABLE_NAME
from factories import body, exchange
from operations.dead_letters import DeadLetterQueue, StoredEvents, listing, redrive
from operations.published import published
from operations.rollback import VersionError, roll_back
from processor.item import item_from_event
from processor.message import parse_events
from processor.table import ItemTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

OTHER = "019aa6c5-1c00-7abc-8def-00000000000b"


@dataclass
class Queues:
    sqs: "SQSClient"
    source: str
    dead: str

    def give_up(self, text: str, group: str = "group", deduplication: str = "id") -> None:
        """Puts a message where it lands after too many receives, with the ids it was first sent with."""
        self.sqs.send_message(
            QueueUrl=self.dead, MessageBody=text, MessageGroupId=group, MessageDeduplicationId=deduplication
        )

    def bodies(self, url: str) -> list[str]:
        found = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in found.get("Messages", [])]


@pytest.fixture
def queues(dynamodb: "DynamoDBClient") -> Queues:
    assert dynamodb
    sqs = boto3.client("sqs")
    attributes: Any = {"FifoQueue": "true"}
    return Queues(
        sqs,
        sqs.create_queue(QueueName="events.fifo", Attributes=attributes)["QueueUrl"],
        sqs.create_queue(QueueName="dead.fifo", Attributes=attributes)["QueueUrl"],
    )


def test_dead_letters_are_shown_with_their_reasons_and_without_their_text(queues: Queues) -> None:
    queues.give_up(body(exchange(question=["SECRET"])), "a", "1")
    queues.give_up(body(exchange(question="SECRET")), "b", "2")

    shown = list(listing(DeadLetterQueue(queues.sqs, queues.dead), bodies=False))

    assert [line.split("  ", 2)[-1] for line in shown] == [
        "message.events[0].question must be string",
        "acceptable now",
        "2 dead letters",
    ]
    assert "SECRET" not in "".join(shown)
    assert len(queues.bodies(queues.dead)) == 2


def test_a_dead_letters_text_is_shown_escaped_if_asked_for(queues: Queues) -> None:
    queues.give_up("\x1b]0;title\x07 text")

    shown = list(listing(DeadLetterQueue(queues.sqs, queues.dead), bodies=True))

    assert shown[1] == '    "\\u001b]0;title\\u0007 text"'


def test_what_is_acceptable_goes_back_and_what_is_not_stays(queues: Queues, dynamodb: "DynamoDBClient") -> None:
    good, bad = body(exchange()), "[]"
    queues.give_up(good, "a", "1")
    queues.give_up(bad, "b", "2")

    told = list(
        redrive(
            DeadLetterQueue(queues.sqs, queues.dead),
            queues.source,
            StoredEvents(dynamodb, TABLE_NAME),
            everything=False,
            wait=0,
        )
    )

    assert (queues.bodies(queues.source), queues.bodies(queues.dead)) == ([good], [bad])
    assert told[0].endswith("kept: message must be object")
    assert told[1].endswith("sent back, not stored yet")
    assert told[2] == "1 sent back, 0 of them stored, 1 kept"


def test_everything_goes_back_if_asked_for(queues: Queues, dynamodb: "DynamoDBClient") -> None:
    queues.give_up("{}")

    told = list(
        redrive(
            DeadLetterQueue(queues.sqs, queues.dead),
            queues.source,
            StoredEvents(dynamodb, TABLE_NAME),
            everything=True,
            wait=0,
        )
    )

    assert (queues.bodies(queues.source), queues.bodies(queues.dead)) == (["{}"], [])
    assert "will be refused again" in told[0]


def test_a_message_sent_back_within_five_minutes_keeps_its_group_and_is_not_swallowed(
    queues: Queues, dynamodb: "DynamoDBClient"
) -> None:
    text = body(exchange())
    queues.sqs.send_message(
        QueueUrl=queues.source, MessageBody=text, MessageGroupId="visitor", MessageDeduplicationId="id"
    )
    (first,) = queues.sqs.receive_message(QueueUrl=queues.source)["Messages"]
    queues.sqs.delete_message(QueueUrl=queues.source, ReceiptHandle=first["ReceiptHandle"])
    queues.give_up(text, "visitor", "id")

    list(
        redrive(
            DeadLetterQueue(queues.sqs, queues.dead),
            queues.source,
            StoredEvents(dynamodb, TABLE_NAME),
            everything=False,
            wait=0,
        )
    )

    (again,) = queues.sqs.receive_message(QueueUrl=queues.source, MessageSystemAttributeNames=["MessageGroupId"])[
        "Messages"
    ]
    assert (again["Body"], again["Attributes"]["MessageGroupId"]) == (text, "visitor")


def test_a_message_sent_back_is_followed_into_the_table(queues: Queues, dynamodb: "DynamoDBClient") -> None:
    text = body(exchange(), exchange(id=OTHER))
    queues.give_up(text)
    table = ItemTable(dynamodb, TABLE_NAME, lambda _seconds: None)
    for event in parse_events(text):
        table.merge(item_from_event(event, lambda _user_agent: {}), lambda: 1.0)

    told = list(
        redrive(
            DeadLetterQueue(queues.sqs, queues.dead),
            queues.source,
            StoredEvents(dynamodb, TABLE_NAME),
            everything=False,
            wait=5,
        )
    )

    assert told[0].endswith("sent back and stored")
    assert told[1] == "1 sent back, 1 of them stored, 0 kept"


def test_a_message_of_which_one_event_is_missing_is_not_called_stored(
    queues: Queues, dynamodb: "DynamoDBClient"
) -> None:
    queues.give_up(body(exchange(), exchange(id=OTHER)))
    table = ItemTable(dynamodb, TABLE_NAME, lambda _seconds: None)
    table.merge(item_from_event(exchange(), lambda _user_agent: {}), lambda: 1.0)
    (letter,) = DeadLetterQueue(queues.sqs, queues.dead).take()

    assert letter not in StoredEvents(dynamodb, TABLE_NAME)


def versions(*numbers: str) -> dict[str, Any]:
    return {"Versions": [{"Version": number} for number in ("$LATEST", *numbers)]}


@pytest.mark.parametrize(("asked_for", "target"), [(None, "7"), ("3", "3"), ("12", "12")])
def test_the_alias_goes_back_to_the_version_before_or_the_one_asked_for(asked_for: str | None, target: str) -> None:
    client = boto3.client("lambda")
    with Stubber(client) as stub:
        stub.add_response("get_alias", {"FunctionVersion": "10", "RevisionId": "r1"})
        stub.add_response("list_versions_by_function", versions("3", "7", "10", "12"))
        stub.add_response(
            "update_alias",
            {},
            {
                "FunctionName": "processor",
                "Name": "live",
                "FunctionVersion": target,
                "RoutingConfig": {"AdditionalVersionWeights": {}},
                "RevisionId": "r1",
            },
        )

        told = roll_back(client, "processor", asked_for)

        stub.assert_no_pending_responses()
    assert told == f"processor:live now is version {target}, was 10"


@pytest.mark.parametrize(("asked_for", "known"), [(None, ("10", "12")), ("9", ("3", "10")), ("x", ("3", "10"))])
def test_without_a_version_to_go_back_to_nothing_is_changed(asked_for: str | None, known: tuple[str, ...]) -> None:
    client = boto3.client("lambda")
    with Stubber(client) as stub:
        stub.add_response("get_alias", {"FunctionVersion": "10", "RevisionId": "r1"})
        stub.add_response("list_versions_by_function", versions(*known))

        with pytest.raises(VersionError, match=", ".join(known)):
            roll_back(client, "processor", asked_for)


def test_a_name_that_is_not_published_is_said_so(queues: Queues) -> None:
    assert json.dumps(queues.bodies(queues.dead)) == "[]"

    with pytest.raises(SystemExit, match="/edge-analytics/dev/queue-url cannot be read: ParameterNotFound"):
        published("dev", "queue-url")
