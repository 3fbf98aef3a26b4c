import asyncio

from edge_worker.event import Exchange
from edge_worker.identifier import new_id
from edge_worker.origin import Isolate, Origin
from edge_worker.recorder import PAUSE_SECONDS, Recorder
from scene import FakeRuntime, Recorded


class Scene:
    """A recorder, and what it handed over and logged."""

    def __init__(self):
        self.isolate = Isolate("k3x9q2ab")
        self.recorded = Recorded()
        self.lines = []
        self.runtime = FakeRuntime()
        self.recorder = Recorder(self.isolate, self.recorded, 1.0, self.lines.append)


def exchange(number=0, question="Why?"):
    return Exchange(new_id(number, bytes(10)), "docs.example.com", 0, question)


def test_the_response_goes_before_an_event_is_made_and_sent():
    scene = Scene()

    async def respond():
        scene.recorder.record([exchange()], scene.runtime)
        work = asyncio.ensure_future(scene.runtime.deferred.pop())
        await asyncio.sleep(PAUSE_SECONDS / 5)
        sent_with_the_response = list(scene.recorded.messages)
        await work
        return sent_with_the_response

    assert asyncio.run(respond()) == []
    assert len(scene.recorded.messages) == 1


def test_an_event_is_numbered_at_once_so_that_the_loss_of_it_is_seen():
    scene = Scene()

    scene.recorder.record([exchange()], scene.runtime)
    scene.runtime.deferred.pop().close()

    assert scene.isolate.next_origin() == Origin("k3x9q2ab", 2)


def test_an_event_that_cannot_be_made_is_logged_and_counted_and_takes_no_other_with_it():
    scene = Scene()

    scene.recorder.record([exchange(0, question=object()), exchange(1)], scene.runtime)
    asyncio.run(scene.runtime.deferred.pop())

    [[event]] = scene.recorded.messages
    [line] = scene.lines
    assert event["origin"]["sequence"] == 2
    assert (line["message"], line["id"]) == ("event not made", exchange(0).id)
    assert scene.isolate.next_origin().lost_before == 1
