"""The queue's stand-in answers as SQS does, late, and counts."""

import asyncio
import json
import time
from typing import Any, cast

import pytest

from benchmarks.sink import Sink


def message(*ids: str) -> dict[str, str]:
    return {"Id": "0", "MessageBody": json.dumps({"version": 1, "events": [{"id": each} for each in ids]})}


class Written:
    """A connection's writing half, in memory."""

    def __init__(self) -> None:
        self.content = bytearray()

    def write(self, content: bytes) -> None:
        self.content += content

    async def drain(self) -> None:
        pass

    def close(self) -> None:
        pass


async def converse(sink: Sink, *requests: bytes) -> list[dict[str, Any]]:
    """Put requests to it on one connection and return its answers' bodies."""
    reader, writer = asyncio.StreamReader(), Written()
    reader.feed_data(b"".join(requests))
    reader.feed_eof()
    await sink.serve(reader, cast("asyncio.StreamWriter", writer))
    answers = asyncio.StreamReader()
    answers.feed_data(writer.content)
    bodies = []
    for _ in requests:
        head = await answers.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        bodies.append(json.loads(await answers.readexactly(length)))
    return bodies


def post(*entries: dict[str, str]) -> bytes:
    body = json.dumps({"QueueUrl": "q", "Entries": entries}).encode()
    return b"POST / HTTP/1.1\r\nHost: sqs\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def test_events_are_counted_by_their_ids_and_taken_after_the_delay() -> None:
    begun = time.perf_counter()

    first, second, received = asyncio.run(
        converse(Sink(0.1), post(message("a", "b")), post(message("a")), b"GET /received HTTP/1.1\r\nHost: s\r\n\r\n")
    )

    assert time.perf_counter() - begun >= 0.2
    assert [each["Id"] for each in first["Successful"]] == ["0"]
    assert second["Failed"] == []
    assert received == {"a": 2, "b": 1}


@pytest.mark.parametrize("count", [1, 10])
def test_every_entry_of_a_batch_is_answered(count: int) -> None:
    entries = [{**message(str(number)), "Id": str(number)} for number in range(count)]

    [answer] = asyncio.run(converse(Sink(0), post(*entries)))

    assert [each["Id"] for each in answer["Successful"]] == [str(number) for number in range(count)]
