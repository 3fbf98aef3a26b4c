"""Takes the place of the queue: takes every message and prints its events."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import IO


@contextmanager
def printing(output: IO[str]) -> Iterator[str]:
    """Serve a queue on a free port that prints each event as a line of JSON; yield its "address:port"."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Take a SendMessageBatch request."""
            entries = json.loads(self.rfile.read(int(self.headers["content-length"])))["Entries"]
            with lock:
                for entry in entries:
                    for event in json.loads(entry["MessageBody"])["events"]:
                        print(json.dumps(event, ensure_ascii=False), file=output, flush=True)
            taken = [{"Id": entry["Id"], "MessageId": entry["Id"]} for entry in entries]
            content = json.dumps({"Successful": taken, "Failed": []}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/x-amz-json-1.0")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Log nothing: the output has the events."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
