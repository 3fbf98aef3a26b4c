import asyncio
import json
import sqlite3
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_worker import outbox
from edge_worker.outbox import BATCHES, FIRST_DELAY_MS, LONGEST_DELAY_MS, MAX_AGE_MS, OutboxFullError, WaitingMessages
from edge_worker.queue import MAX_ENTRIES, MAX_MESSAGE_BYTES, Queue, entry, message_body
from edge_worker.signing import SignedRequest

QUEUE = Queue("https://sqs.eu-west-2.amazonaws.com/1/events.fifo", "eu-west-2", "AKIDEXAMPLE", "secret")
NOW = 1_795_000_000_000


class Scene:
    """An outbox on an SQLite database, and a queue that takes what `answer` says."""

    def __init__(self) -> None:
        self.database = sqlite3.connect(":memory:")
        self.lines: list[Any] = []
        self.outbox = WaitingMessages(self.execute, self.lines.append)
        self.taken: list[str] = []
        self.requests = 0
        self.refused: set[str] = set()
        self.rejected: set[str] = set()
        self.is_down = False

    def execute(self, statement: str, *parameters: Any) -> Sequence[Sequence[Any]]:
        return self.database.execute(statement, parameters).fetchall()

    def keep(self, *ids: str, now_ms: int = NOW) -> int:
        return self.outbox.keep([entry([event(each)]) for each in ids], now_ms)

    def send(self, now_ms: int = NOW) -> int | None:
        return asyncio.run(self.outbox.send(QUEUE, self.post, now_ms))

    async def post(self, request: SignedRequest, _seconds: float) -> tuple[int, str]:
        self.requests += 1
        if self.is_down:
            raise OSError("nobody there")
        taken, failed = [], []
        for each in json.loads(request.body)["Entries"]:
            name = each["MessageGroupId"]
            if name in self.refused | self.rejected:
                failed.append({"Id": each["Id"], "Code": "Odd", "SenderFault": name in self.rejected})
            else:
                self.taken.append(name)
                taken.append({"Id": each["Id"]})
        return 200, json.dumps({"Successful": taken, "Failed": failed})


def event(name: str) -> dict[str, Any]:
    return {"type": "exchange", "id": name, "site": "a.example", "origin": {"isolate": "abcd", "sequence": 1}}


def test_what_is_kept_is_sent_once_and_in_order() -> None:
    scene = Scene()

    assert scene.keep("a", "b") == 2
    assert scene.keep("c") == 3
    assert scene.send() is None
    assert (scene.taken, scene.outbox.count(), scene.send(), scene.requests) == (["a", "b", "c"], 0, None, 1)


def test_an_invocation_sends_no_more_than_it_may_and_goes_on_at_once() -> None:
    scene = Scene()
    scene.keep(*(f"{number:03}" for number in range(BATCHES * MAX_ENTRIES + 1)))

    assert scene.send() == 0
    assert (scene.requests, scene.outbox.count()) == (BATCHES, 1)
    assert scene.send() is None
    assert scene.taken == sorted(scene.taken)


@pytest.mark.parametrize(
    ("age_ms", "delay_ms"),
    [(0, FIRST_DELAY_MS), (60_000, 15_000), (86_400_000, LONGEST_DELAY_MS)],
)
def test_the_longer_the_queue_is_down_the_later_it_is_tried_again(age_ms: int, delay_ms: int) -> None:
    scene = Scene()
    scene.keep(*"abcdefghijklm")
    scene.is_down = True

    delay = scene.send(NOW + age_ms)

    assert delay == pytest.approx(delay_ms, rel=0.21)
    assert (scene.requests, scene.outbox.count(), scene.lines) == (1, 13, [])


def test_a_message_that_is_not_taken_stops_none_behind_it() -> None:
    scene = Scene()
    scene.keep(*(f"{number:02}" for number in range(30)))
    scene.refused = {f"{number:02}" for number in range(9)}

    assert scene.send()
    assert (len(scene.taken), scene.outbox.count()) == (21, 9)


def test_a_message_that_will_never_be_taken_is_given_up_and_logged() -> None:
    scene = Scene()
    scene.keep("a", "b")
    scene.rejected = {"a"}

    assert scene.send() is None
    assert scene.taken == ["b"]
    assert [(line["message"], line["reason"], line["id"]) for line in scene.lines] == [("event lost", "Odd", "a")]


def test_a_message_is_given_up_after_fourteen_days_and_not_before() -> None:
    scene = Scene()
    scene.is_down = True
    scene.keep("a")

    assert scene.send(NOW + MAX_AGE_MS)
    assert scene.send(NOW + MAX_AGE_MS + 1) is None
    assert [line["id"] for line in scene.lines] == ["a"]


def test_a_late_message_that_is_taken_in_the_end_is_not_lost() -> None:
    scene = Scene()
    scene.keep("a")

    assert scene.send(NOW + 2 * MAX_AGE_MS) is None
    assert (scene.taken, scene.lines) == (["a"], [])


def test_a_full_outbox_keeps_nothing_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MAX_MESSAGES", 3)
    scene = Scene()
    scene.keep("a", "b")

    with pytest.raises(OutboxFullError):
        scene.keep("c", "d")

    assert scene.outbox.count() == 2


def test_a_full_outbox_of_the_longest_messages_stays_below_the_storage_of_the_free_plan() -> None:
    event = {"id": "019aa6c5-1c00-7abc-8def-0123456789ab", "type": "exchange", "question": ""}
    # Each quotation mark is escaped in the message, and both signs again in the row.
    event["question"] = '"' * ((MAX_MESSAGE_BYTES - len(message_body([event]))) // 2)
    row_bytes = len(json.dumps(entry([event]))) + 100

    assert len(message_body([event])) > MAX_MESSAGE_BYTES - 2
    assert outbox.MAX_MESSAGES * row_bytes < 5_000_000_000


@given(st.lists(st.sampled_from(["keep", "send", "down", "up", "odd"]), max_size=30))
def test_whatever_happens_each_message_is_taken_once_or_waits(steps: list[str]) -> None:
    scene, made = Scene(), 0
    for step in steps:
        if step == "keep":
            scene.keep(f"{made:03}", f"{made + 1:03}")
            made += 2
        elif step == "odd":
            scene.refused = {f"{made:03}"}
        elif step == "send":
            scene.send()
        else:
            scene.is_down = step == "down"

    assert len(scene.taken) == len(set(scene.taken)) == made - scene.outbox.count()
    scene.is_down, scene.refused = False, set()
    while scene.send() is not None:
        pass
    assert sorted(scene.taken) == [f"{number:03}" for number in range(made)]
