"""The queue seen from outside: how much is in it, and putting messages on it by hand."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from stack.programs import ProgramError, wait_until

_LARGEST_BATCH = 10
_SHOWN_MESSAGES, _SHOWN_CHARACTERS = 3, 200
_SENDERS = 4


@dataclass(frozen=True)
class Queue:
    """An SQS queue.

    `client` is a boto3 SQS client; boto3's clients may be used by several threads at a time.
    """

    client: Any
    url: str

    def depth(self) -> int:
        """Return how many messages wait in it or are being worked on."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(attributes[name]) for name in names)

    def describe(self) -> str:
        """Say what is in it, a line for each of the first messages that wait."""
        waiting = self.client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=_LARGEST_BATCH,
            VisibilityTimeout=0,
            AttributeNames=["ApproximateReceiveCount"],
        ).get("Messages", [])
        lines = [
            f"  {message['MessageId']}, received {message['Attributes']['ApproximateReceiveCount']} times: "
            f"{message['Body'][:_SHOWN_CHARACTERS]}"
            for message in waiting[:_SHOWN_MESSAGES]
        ]
        return "\n".join([f"{self.url.rpartition('/')[2]} holds {self.depth()} messages", *lines])

    def wait_until_empty(self, *, seconds: float) -> None:
        """Wait until nothing is in it any more.

        Raises:
            ProgramError: something still is after `seconds`.
        """
        wait_until(lambda: self.depth() == 0, what=f"{self.url} to become empty", seconds=seconds, every=0.25)

    def send(self, entries: Sequence[dict[str, Any]]) -> None:
        """Send entries of `SendMessageBatch` (their `Id` is made here), ten at a time.

        Raises:
            ProgramError: the queue refuses one.
        """
        batches = [entries[start : start + _LARGEST_BATCH] for start in range(0, len(entries), _LARGEST_BATCH)]
        with ThreadPoolExecutor(_SENDERS) as senders:
            for answer in senders.map(self._send_batch, batches):
                if answer.get("Failed"):
                    raise ProgramError(f"the queue refused a message: {answer['Failed'][0]}")

    def _send_batch(self, entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
        numbered = [{**entry, "Id": str(number)} for number, entry in enumerate(entries)]
        answer: dict[str, Any] = self.client.send_message_batch(QueueUrl=self.url, Entries=numbered)
        return answer
