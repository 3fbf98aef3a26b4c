import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_worker.event import Exchange, Feedback
from edge_worker.identifier import new_id
from edge_worker.origin import Isolate, Origin
from edge_worker.queue import MAX_ENTRIES
from edge_worker.recorder import LINGER_SECONDS, OVERDUE_MS, Recorder
from scene import FakeContext, Recorded


class Scene:
    """A recorder, and what it handed over and logged."""

    def __init__(self, **options: Any) -> None:
        self.isolate = Isolate("k3x9q2ab")
        self.recorded = Recorded()
        self.lines: list[Any] = []
        self.context = FakeContext()
        self.recorder = Recorder(self.isolate, self.recorded, 1.0, self.lines.append, **options)

    def work(self) -> None:
        """Do what was put off, all at the same time."""

        async def work() -> None:
            await asyncio.gather(*self.context.deferred)

        asyncio.run(work())
        self.context.deferred.clear()


def exchange(number: Any = 0, question: Any = "Why?") -> Any:
    return Exchange(new_id(number, bytes(10)), "docs.example.com", int(FakeContext().now_ms()), question)


def test_the_response_goes_before_an_event_is_made_and_sent() -> Any:
    scene = Scene()

    async def respond() -> Any:
        scene.recorder.record([exchange()], scene.context)
        work = asyncio.ensure_future(scene.context.deferred.pop())
        await asyncio.sleep(LINGER_SECONDS / 5)
        sent_with_the_response = list(scene.recorded.messages)
        await work
        return sent_with_the_response

    assert asyncio.run(respond()) == []
    assert len(scene.recorded.messages) == 1


def test_what_waits_shares_a_request_to_the_queue_and_stays_a_message_of_its_own() -> None:
    scene = Scene()

    for number in range(2 * MAX_ENTRIES + 2):
        scene.recorder.record([exchange(number)], scene.context)
    works = len(scene.context.deferred)
    scene.work()

    assert works == 3
    assert [len(batch) for batch in scene.recorded.batches] == [MAX_ENTRIES, MAX_ENTRIES, 2]
    ids = [event["id"] for [event] in scene.recorded.messages]
    assert ids == [exchange(number).id for number in range(2 * MAX_ENTRIES + 2)]


def test_an_exchange_tells_what_waits_in_the_outbox_and_a_rating_leaves_the_news_to_the_next_one() -> None:
    scene = Scene()
    scene.recorded.waiting = 12

    for record in (Feedback(new_id(1, bytes(10)), "docs.example.com", "up", 1), exchange(2), exchange(3)):
        scene.recorder.record([record], scene.context)
        scene.work()

    told = [event["origin"].get("waiting") for [event] in scene.recorded.messages]
    assert told == [None, 12, None]


@given(st.lists(st.one_of(st.integers(1, 25), st.none()), max_size=20))
def test_whatever_comes_while_others_wait_is_sent_once(steps: Any) -> None:
    """A number is of requests that come; None lets the oldest background work run."""
    scene = Scene(linger_seconds=0)
    made = 0
    for step in steps:
        if step is None and scene.context.deferred:
            asyncio.run(scene.context.deferred.pop(0))
        for _ in range(step or 0):
            scene.recorder.record([exchange(made)], scene.context)
            made += 1

    scene.work()

    ids = [event["id"] for [event] in scene.recorded.messages]
    assert ids == [exchange(number).id for number in range(made)]
    assert all(len(batch) <= MAX_ENTRIES for batch in scene.recorded.batches)


def test_what_waits_for_a_request_that_the_runtime_ended_is_sent_by_a_later_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene, clock = Scene(), iter([0.0, 10.0, OVERDUE_MS + LINGER_SECONDS * 1000 + 1])
    monkeypatch.setattr(scene.context, "now_ms", lambda: next(clock))

    scene.recorder.record([exchange(0)], scene.context)
    scene.context.deferred.pop().close()
    scene.recorder.record([exchange(1)], scene.context)
    scene.recorder.record([exchange(2)], scene.context)
    scene.work()

    assert [event["id"] for [event] in scene.recorded.messages] == [exchange(number).id for number in range(3)]


def test_an_event_is_numbered_at_once_so_that_the_loss_of_it_is_seen() -> None:
    scene = Scene()

    scene.recorder.record([exchange()], scene.context)
    scene.context.deferred.pop().close()

    assert scene.isolate.next_origin() == Origin("k3x9q2ab", 2)


def test_an_event_that_cannot_be_made_is_logged_and_counted_and_takes_no_other_with_it() -> None:
    scene = Scene()

    scene.recorder.record([exchange(0, question=object()), exchange(1)], scene.context)
    asyncio.run(scene.context.deferred.pop())

    [[event]] = scene.recorded.messages
    [line] = scene.lines
    assert event["origin"]["sequence"] == 2
    assert (line["message"], line["id"]) == ("event not made", exchange(0).id)
    assert scene.isolate.next_origin().lost_before == 1


def test_history_leaves_no_gap_in_the_numbers_of_now() -> None:
    scene = Scene()
    now = int(scene.context.now_ms())
    long_ago = now - 40 * 86_400_000

    def asked(at: int) -> Exchange:
        return Exchange(new_id(at, bytes(10)), "docs.example.com", at, "Why?")

    rating = Feedback(new_id(long_ago, bytes(10)), "docs.example.com", "up", now)
    scene.recorder.record([asked(now), asked(long_ago), rating, asked(now - 6 * 86_400_000)], scene.context)
    scene.work()

    names = [event["origin"]["isolate"] for message in scene.recorded.messages for event in message]
    numbers = [event["origin"]["sequence"] for message in scene.recorded.messages for event in message]
    assert numbers == [1, 1, 2, 2]
    assert [len(name) for name in names] == [8, 12, 12, 8]
