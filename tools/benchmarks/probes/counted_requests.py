"""Runs the processor's handler on its own environment and counts the requests that it makes of AWS.

A program of its own, run with the processor's Python: nothing else here imports the processor. It takes the mode and a
file of queue entries, and prints how many exchanges there were, the requests by operation, and the write units of each
write as the API returned them.

In `stream` mode it does what Lambda's poller does for the function, receive and delete, and counts that too. Every
exchange is sent and handled by itself, as with visitors who are minutes apart: a FIFO queue has no batching window, so
nothing is dearer than this.
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from unittest.mock import patch

import botocore.session

from processor.handler import handler


class Requests:
    """Counts what leaves the AWS clients of this process, repetitions included."""

    def __init__(self) -> None:
        self.by_operation: Counter[str] = Counter()
        self.write_units: list[float] = []
        session: Any = botocore.session.get_session()
        register: Any = session.register
        self.session = session
        register("before-parameter-build.dynamodb.UpdateItem", _ask_for_units)
        register("before-send.*.*", self._count)
        register("after-call.dynamodb.UpdateItem", self._note_units)

    def _count(self, event_name: str, **_: object) -> None:
        self.by_operation[event_name.removeprefix("before-send.")] += 1

    def _note_units(self, parsed: dict[str, Any], **_: object) -> None:
        self.write_units.append(float(parsed.get("ConsumedCapacity", {}).get("CapacityUnits", 0)))


def _ask_for_units(params: dict[str, Any], **_: object) -> None:
    params["ReturnConsumedCapacity"] = "TOTAL"


class _Context:
    function_name = "processor"
    aws_request_id = "benchmark"

    def get_remaining_time_in_millis(self) -> int:
        return 110_000


def main() -> None:
    """Take the mode and the file from the command line."""
    mode, file = sys.argv[1:]
    entries = json.loads(Path(file).read_text(encoding="utf-8"))
    requests = Requests()
    queue = _Queue(requests.session, os.environ["QUEUE_URL"])
    # The handler makes its clients of the session that it is given here.
    with patch("botocore.session.get_session", return_value=requests.session):
        if mode == "stream":
            for entry in entries:
                queue.send(entry)
                queue.hand_over()
        else:
            for entry in entries:
                queue.send(entry)
            handler({"source": "benchmark"}, _Context())
    if len(requests.write_units) < len(entries):
        sys.exit(f"only {len(requests.write_units)} writes of {len(entries)} exchanges were counted")
    counted = {"requests": requests.by_operation, "write_units": requests.write_units}
    print(json.dumps({"exchanges": len(entries), **counted}))


class _Queue:
    def __init__(self, session: Any, url: str) -> None:
        self._client: Any = session.create_client("sqs")
        self._url = url

    def send(self, entry: dict[str, str]) -> None:
        """Send as the Worker does: one request for each exchange."""
        self._client.send_message_batch(QueueUrl=self._url, Entries=[{**entry, "Id": "0"}])

    def hand_over(self) -> None:
        """Give the handler what there is, as an event source mapping does."""
        answer = self._client.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageSystemAttributeNames=["All"]
        )
        messages = answer.get("Messages", [])
        failures = handler({"Records": [_record(message) for message in messages]}, _Context())["batchItemFailures"]
        if failures or not messages:
            raise RuntimeError(f"{len(messages)} messages received, not stored: {failures}")
        handles = [{"Id": str(i), "ReceiptHandle": message["ReceiptHandle"]} for i, message in enumerate(messages)]
        self._client.delete_message_batch(QueueUrl=self._url, Entries=handles)


def _record(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
    }


if __name__ == "__main__":
    main()
