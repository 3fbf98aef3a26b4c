"""A queue that takes its time: speaks as much of SQS as the Worker does, and remembers what it was sent.

A program of its own, so that it does not share a processor core's time with who measures. It prints its port, and
`GET /received` says how often each event arrived, as `{"<id>": 1}`.
"""

import asyncio
import contextlib
import json
import sys
from collections import Counter

from benchmarks.connection import HEAD_END, content_length


class Sink:
    """Answers every SendMessageBatch after a delay, as a success."""

    def __init__(self, delay_seconds: float) -> None:
        self._delay = delay_seconds
        self.received: Counter[str] = Counter()
        """How often each event's id has arrived."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve the requests of one connection, one after the other."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(HEAD_END)
                body = await reader.readexactly(content_length(head))
                answer = json.dumps(await self._answer(head, body)).encode()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
                writer.write(b"content-length: %d\r\n\r\n%s" % (len(answer), answer))
                await writer.drain()
        writer.close()

    async def _answer(self, head: bytes, body: bytes) -> object:
        if head.startswith(b"GET /received "):
            return self.received
        entries = json.loads(body)["Entries"]
        await asyncio.sleep(self._delay)
        for entry in entries:
            self.received.update(event["id"] for event in json.loads(entry["MessageBody"])["events"])
        return {"Successful": [{"Id": entry["Id"], "MessageId": entry["Id"]} for entry in entries], "Failed": []}


async def main(delay_ms: float) -> None:
    """Serve on a free port of 127.0.0.1 until stopped."""
    server = await asyncio.start_server(Sink(delay_ms / 1000).serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
