import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from edge_worker.delivery import COUNT_SECONDS, REST_SECONDS, Delivery
from edge_worker.event import Exchange, exchange_event
from edge_worker.identifier import new_id
from edge_worker.origin import Isolate
from edge_worker.queue import Queue

QUEUE = Queue("https://sqs.eu-west-2.amazonaws.com/123456789012/events.fifo", "eu-west-2", "AK", "S")


def taken(entries: list[dict[str, Any]]) -> tuple[int, str]:
    return 200, json.dumps({"Successful": [{"Id": e["Id"]} for e in entries], "Failed": []})


def broken(_entries: list[dict[str, Any]]) -> tuple[int, str]:
    return 500, "oops"


def denied(_entries: list[dict[str, Any]]) -> tuple[int, str]:
    return 403, '{"__type": "AccessDenied"}'


def silent(_entries: list[dict[str, Any]]) -> tuple[int, str]:
    raise TimeoutError("timed out")


def first_refused(entries: list[dict[str, Any]]) -> tuple[int, str]:
    return 200, json.dumps(
        {
            "Successful": [{"Id": e["Id"]} for e in entries[1:]],
            "Failed": [{"Id": entries[0]["Id"], "SenderFault": False, "Code": "InternalError"}],
        }
    )


class Scene:
    """A delivery to a queue that answers as told, and what was seen of it."""

    def __init__(self, *answers: Callable[[list[dict[str, Any]]], tuple[int, str]], outbox: Any = None) -> None:
        self._answers = iter(answers)
        self.isolate = Isolate("k3x9q2ab")
        self.requests: list[list[dict[str, Any]]] = []
        self.pauses: list[float] = []
        self.lines: list[Any] = []
        self.seconds = 1_000.0
        self.delivery = Delivery(
            QUEUE,
            self.isolate,
            self._post,
            self._sleep,
            self.lines.append,
            outbox=outbox,
            clock=lambda: self.seconds,
        )

    async def _post(self, request: Any, _seconds: Any) -> Any:
        entries = json.loads(request.body)["Entries"]
        self.requests.append(entries)
        return next(self._answers)(entries)

    async def _sleep(self, seconds: Any) -> None:
        self.pauses.append(seconds)

    def event(self, number: int = 0) -> dict[str, Any]:
        return exchange_event(
            Exchange(new_id(number, bytes(10)), "docs.example.com", 0, "Secret?"), self.isolate.next_origin()
        )

    def news(self) -> int | None:
        return asyncio.run(self.delivery.news_of_waiting())

    def send(self, *events: dict[str, Any]) -> None:
        asyncio.run(self.delivery.send([[event] for event in events]))


def test_an_event_takes_one_request() -> None:
    scene = Scene(taken)

    scene.send(scene.event())

    assert (len(scene.requests), scene.pauses, scene.lines) == (1, [], [])


@pytest.mark.parametrize("trouble", [broken, silent, first_refused])
def test_trouble_that_passes_is_tried_again(trouble: Any) -> None:
    scene = Scene(trouble, trouble, taken)

    scene.send(scene.event())

    assert (len(scene.requests), scene.lines) == (3, [])
    assert scene.requests[0] == scene.requests[2]
    assert 0 <= scene.pauses[0] <= 1
    assert 0 <= scene.pauses[1] <= 2


@pytest.mark.parametrize("trouble", [broken, silent, first_refused])
def test_an_event_is_given_up_after_three_attempts(trouble: Any) -> None:
    scene = Scene(trouble, trouble, trouble)

    scene.send(scene.event())

    assert [(line["message"], line["attempts"]) for line in scene.lines] == [("event lost", 3)]


def test_what_cannot_get_better_is_given_up_at_once() -> None:
    scene = Scene(denied)

    scene.send(scene.event())

    assert [(line["reason"], line["attempts"]) for line in scene.lines] == [("AccessDenied", 1)]


def test_a_lost_event_is_counted_in_the_next() -> None:
    scene = Scene(denied, denied)
    scene.send(scene.event())
    scene.send(scene.event())

    following = scene.event()

    assert following["origin"] == {"isolate": "k3x9q2ab", "sequence": 3, "lost_before": 2}


def test_only_the_entry_that_failed_is_sent_again() -> None:
    scene = Scene(first_refused, taken)

    scene.send(scene.event(1), scene.event(2))

    assert [len(entries) for entries in scene.requests] == [2, 1]
    assert scene.requests[1] == scene.requests[0][:1]


def test_more_than_ten_messages_take_several_requests() -> None:
    scene = Scene(taken, taken)

    scene.send(*(scene.event(i) for i in range(11)))

    assert [len(entries) for entries in scene.requests] == [10, 1]


def test_no_word_of_a_visitor_is_logged() -> None:
    scene = Scene(denied)

    scene.send(scene.event())

    assert "Secret?" not in json.dumps(scene.lines)


def test_an_unforeseen_failure_is_a_lost_event_and_not_an_exception() -> None:
    scene = Scene()  # no answer prepared: the queue's stand-in raises StopIteration

    scene.send(scene.event())

    assert len(scene.lines) == 1
    assert scene.isolate.next_origin().lost_before == 1


class FakeOutbox:
    """Keeps messages, or fails in one of two ways."""

    def __init__(self, *, is_full: bool = False, is_broken: bool = False) -> None:
        self.kept: list[Any] = []
        self.is_full, self.is_broken = is_full, is_broken

    async def keep(self, entries: Any) -> int | None:
        if self.is_broken:
            raise OSError("out of order")
        if self.is_full:
            return None
        self.kept += entries
        return len(self.kept)

    async def count(self) -> int:
        return len(self.kept)


@pytest.mark.parametrize("answer", [broken, silent, denied])
def test_what_the_queue_does_not_take_goes_into_the_outbox_after_one_attempt(answer: Any) -> None:
    outbox = FakeOutbox()
    scene = Scene(answer, outbox=outbox)

    scene.send(scene.event(1), scene.event(2))

    assert (len(scene.requests), len(outbox.kept)) == (1, 2)
    assert [line["message"] for line in scene.lines] == ["events wait in the outbox"]
    assert scene.isolate.next_origin().lost_before == 0


def test_while_the_queue_fails_events_go_straight_into_the_outbox() -> None:
    outbox = FakeOutbox()
    scene = Scene(broken, taken, outbox=outbox)

    scene.send(scene.event(1))
    scene.send(scene.event(2))
    assert (len(scene.requests), len(outbox.kept)) == (1, 2)

    scene.seconds += REST_SECONDS
    scene.send(scene.event())
    assert (len(scene.requests), len(outbox.kept)) == (2, 2)


@pytest.mark.parametrize("outbox", [FakeOutbox(is_full=True), FakeOutbox(is_broken=True)], ids=["full", "broken"])
def test_without_room_in_the_outbox_an_event_is_tried_again_and_then_lost_and_counted(outbox: FakeOutbox) -> None:
    scene = Scene(broken, broken, broken, outbox=outbox)

    scene.send(scene.event())

    assert [line["message"] for line in scene.lines if line["level"] == "error"][-1] == "event lost"
    assert scene.isolate.next_origin().lost_before == 1


def test_what_waits_is_news_once_a_minute_until_nothing_waits() -> None:
    outbox = FakeOutbox()
    scene = Scene(broken, outbox=outbox)
    assert scene.news() is None

    scene.send(*(scene.event(number) for number in range(3)))
    assert (scene.news(), scene.news()) == (3, None)

    scene.seconds += COUNT_SECONDS
    outbox.kept.clear()
    assert (scene.news(), scene.news()) == (0, None)
    scene.seconds += COUNT_SECONDS
    assert scene.news() is None
