"""`make serve`: the Worker alone, before a chatbot of somebody's own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chatbot_server import Chatbot, serving
from edge_worker.names import without_proof
from queue_server import QueueServer
from serve import COLLECTOR_TOKEN, storage
from worker_client import Worker

pytestmark = pytest.mark.runtime

SERVE = Path(__file__).parents[2] / "runtime" / "serve.py"
QUESTION = {"model": "m", "messages": [{"role": "user", "content": "Why?"}]}


def start(**variables: str) -> subprocess.Popen[str]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | variables
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, SERVE], env=environment, text=True, **pipes)


def test_without_a_queue_each_event_is_printed_as_a_line_of_json(tmp_path: Path) -> None:
    with (
        serving(Chatbot()) as chatbot,
        start(UPSTREAM=f"http://{chatbot}", VARS='{"SITE": "a.example", "SAMPLE_RATE": 1}') as process,
    ):
        assert process.stdout
        url = process.stdout.readline().strip()
        worker = Worker(url, tmp_path / "log")
        body = json.dumps(QUESTION).encode()
        reply = worker.send("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        event = json.loads(process.stdout.readline())
        health = worker.send("GET", "/edge-analytics/health").json
        process.terminate()

    assert url.startswith("http://127.0.0.1:")
    assert (event["id"], event["question"], event["site"]) == (
        without_proof(reply.headers["edge-analytics-id"]),
        "Why?",
        "a.example",
    )
    assert health["site"] == "a.example"
    assert process.returncode == 0


def test_with_a_queue_the_events_go_there_and_the_outbox_is_bound(
    queue_server: tuple[QueueServer, str], queue: QueueServer, tmp_path: Path
) -> None:
    with start(QUEUE=f"http://{queue_server[1]}") as process:
        assert process.stdout
        worker = Worker(process.stdout.readline().strip(), tmp_path / "log")
        asked = without_proof(worker.ask("What is Edge Analytics?").json["id"])
        health = worker.send("GET", "/health", headers={"Authorization": f"Bearer {COLLECTOR_TOKEN}"}).json
        queue.wait_until(lambda events: any(event["id"] == asked for event in events))
        process.terminate()

    assert health["waiting"] == 0


def test_the_folder_of_a_worker_that_outlives_its_command_is_taken_by_no_other() -> None:
    with storage() as (free, _):
        pass
    with start(QUEUE="http://127.0.0.1:1") as process:
        assert process.stdout
        process.stdout.readline()
        listed = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        [workerd] = [int(line.split()[0]) for line in listed.splitlines() if line.split()[1] == str(process.pid)]
        process.kill()
    try:
        with storage() as (while_it_runs, _):
            assert while_it_runs != free
    finally:
        os.kill(workerd, signal.SIGTERM)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"UPSTREAM": "127.0.0.1:9000"}, "UPSTREAM is the http:// address"),
        ({"UPSTREAM": "https://bot.example.com"}, "UPSTREAM is the http:// address"),
        ({"QUEUE": "http://a:99999"}, "QUEUE is the http:// address"),
        ({"VARS": "{"}, "VARS is not JSON"),
        ({"VARS": "[1]"}, "VARS is a JSON object"),
        ({"VARS": '{"a b": 1}'}, "VARS is a JSON object"),
        ({"PORT": "x"}, "PORT is a number"),
        ({"PORT": "70000"}, "PORT is a number"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(variables: dict[str, str], message: str) -> None:
    with start(**variables) as process:
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 2
    assert message in errors
    assert "Traceback" not in errors
