"""README.md, "Put it before your chatbot": the command as it is written, before a chatbot of the test's own."""

import json
import os
import signal
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stack.paths import ROOT
from stack.programs import program_variables
from tests.documents.documents import blocks

pytestmark = pytest.mark.stack

REPLY = {"choices": [{"message": {"role": "assistant", "content": "It is."}, "finish_reason": "stop"}]}


class Chatbot(BaseHTTPRequestHandler):
    """Answers every question in the same words."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(REPLY).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def chatbot() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Chatbot) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()


def test_the_worker_stands_before_a_chatbot_as_the_readme_says(chatbot: int) -> None:
    [commands] = blocks(ROOT / "README.md", "sh")
    # What comes before it is `make setup`, as before every test.
    [_setup, command] = commands.splitlines()
    [client] = blocks(ROOT / "README.md", "python")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert "127.0.0.1:9000" in command
    assert "PORT=8787" in command
    assert "127.0.0.1:8787/v1" in client

    command = command.replace("127.0.0.1:9000", f"127.0.0.1:{chatbot}").replace("PORT=8787", f"PORT={port}")
    # Its own session, so that make and what it starts can be stopped together.
    with subprocess.Popen(
        ["bash", "-c", command.replace("make ", "make -s ")],
        cwd=ROOT,
        env=program_variables(PATH=os.environ["PATH"]),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout
        try:
            url = process.stdout.readline().strip()
            question = {"model": "m", "messages": [{"role": "user", "content": "Is it up?"}]}
            request = urllib.request.Request(
                f"{url}/v1/chat/completions", json.dumps(question).encode(), {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=60) as reply:
                answer = json.load(reply)
            event = json.loads(process.stdout.readline())
        finally:
            os.killpg(process.pid, signal.SIGTERM)

    assert url == f"http://127.0.0.1:{port}"
    assert answer == REPLY
    assert (event["question"], event["answer"], event["outcome"]) == ("Is it up?", "It is.", "answered")
