"""How long it takes from a question until its exchange can be read from the table."""

import random
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from benchmarks.load import Client
from benchmarks.plan import Plan
from stack.programs import ProgramError
from stack.progress import Progress
from stack.sample_traffic.corpus import conversations
from stack.stack import Stack
from stack.worker import SITE

_EVERY_SECONDS = 0.005
_GRACE_SECONDS = 30
_LONGEST_PAUSE_SECONDS = 0.2
_SEED = 3


def measure(running: Stack, plan: Plan, progress: Progress) -> dict[str, Any]:
    """Ask the Worker questions one at a time and look for each in the table until it is there.

    Raises:
        ProgramError: one does not arrive.
    """
    chance = random.Random(_SEED)  # noqa: S311 - chance need not be secret
    questions = chance.choices([conversation.question for conversation in conversations()], k=plan.latencies)
    table, name = running.emulator.client("dynamodb"), running.parameters["table-name"]
    milliseconds = []
    with (
        closing(Client(running.worker_url)) as client,
        progress.step(f"Pipeline: follow {len(questions)} questions into the table"),
    ):
        _arrival(client, table, name, questions[0])  # which starts the function
        for question in questions:
            time.sleep(chance.uniform(0, _LONGEST_PAUSE_SECONDS))
            milliseconds.append(round(_arrival(client, table, name, question), 3))
    return {"milliseconds": milliseconds, "looked_every_ms": _EVERY_SECONDS * 1000}


def _arrival(client: Client, table: Any, name: str, question: str) -> float:
    """Return milliseconds from the question to its item."""
    begun = time.perf_counter()
    identifier = client.ask(question)
    if identifier is None:
        raise ProgramError("the Worker gave no id")
    key = {"pk": {"S": _partition(identifier)}, "sk": {"S": identifier}}
    while "Item" not in table.get_item(TableName=name, Key=key, ConsistentRead=True, ProjectionExpression="sk"):
        if time.perf_counter() - begun > _GRACE_SECONDS:
            raise ProgramError(f"{identifier} has not arrived after {_GRACE_SECONDS} s")
        time.sleep(_EVERY_SECONDS)
    return (time.perf_counter() - begun) * 1000


def _partition(identifier: str) -> str:
    """Return the partition of an exchange: its site and the UTC day in its id (RFC 9562, section 5.7)."""
    moment = datetime.fromtimestamp(int(identifier.replace("-", "")[:12], 16) / 1000, UTC)
    return f"site#{SITE}#day#{moment:%Y-%m-%d}"
