"""The snippets for other platforms, run against the collector with its address, and with time to reach it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deployment.wrangler import node_folder
from queue_server import QueueServer
from worker_client import COLLECTOR_TOKEN, Worker

SNIPPETS = Path(__file__).parent.parent.parent / "snippets"
QUESTION = {"question": "Does the snippet work?", "session": "s1"}
HEADERS = {"user-agent": "Firefox", "accept-language": "en", "referer": "https://a.example/b", "x-real-ip": "192.0.2.7"}

# Each stands in for its platform: it calls the snippet once as the platform does, and waits for what goes on.
VERCEL = """
import handler from "./snippet.mjs";
const waiting = [];
const body = JSON.stringify(%(question)s);
const request = new Request("https://a.example/", {method: "POST", body, headers: %(headers)s});
const response = await handler(request, {waitUntil: (promise) => waiting.push(promise)});
await Promise.all(waiting);
console.log(await response.text());
"""
DENO = """
let handle;
globalThis.Deno = {env: {get: (name) => process.env[name]}, serve: (handler) => { handle = handler; }};
await import("./snippet.mjs");
const body = JSON.stringify(%(question)s);
const request = new Request("https://a.example/", {method: "POST", body, headers: %(headers)s});
const response = await handle(request, {remoteAddr: {hostname: "192.0.2.7"}});
console.log(await response.text());
"""
LAMBDA_EDGE = """
import { handler } from "./snippet.mjs";
const body = {encoding: "base64", data: Buffer.from(JSON.stringify(%(question)s)).toString("base64")};
const headers = Object.fromEntries(Object.entries(%(headers)s).map(([key, value]) => [key, [{key, value}]]));
const response = await handler({Records: [{cf: {request: {clientIp: "192.0.2.7", body, headers}}}]});
console.log(response.body);
"""

pytestmark = pytest.mark.runtime


def snippet(name: str, worker: Worker) -> str:
    text = (SNIPPETS / name).read_text(encoding="utf-8")
    assert "https://analytics.example.com" in text
    text = text.replace("https://analytics.example.com", worker.url)
    # Half a second is what a visitor may wait, and may be too short on a busy machine.
    return text.replace("put in by your deployment", COLLECTOR_TOKEN).replace("timeout(500)", "timeout(10_000)")


def run(*command: Any, cwd: Any) -> str:
    environment = {**os.environ, "COLLECTOR_TOKEN": COLLECTOR_TOKEN}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=True, timeout=60
    ).stdout


@pytest.mark.parametrize(
    ("name", "platform"),
    [("vercel.mjs", VERCEL), ("deno.mjs", DENO), ("lambda-edge.mjs", LAMBDA_EDGE)],
    ids=["vercel", "deno", "lambda-edge"],
)
def test_a_snippet_answers_and_its_event_arrives(
    worker: Worker, queue: QueueServer, tmp_path: Path, name: str, platform: Any
) -> None:
    (tmp_path / "snippet.mjs").write_text(snippet(name, worker), encoding="utf-8")
    stand_in = platform % {"question": json.dumps(QUESTION), "headers": json.dumps(HEADERS)}
    (tmp_path / "platform.mjs").write_text(stand_in, encoding="utf-8")

    output = run(node_folder() / "node", "platform.mjs", cwd=tmp_path)

    (event,) = queue.wait_for(1)
    assert json.loads(output) == {"answer": "You asked: Does the snippet work?"}
    assert (event["question"], event["answer"]) == ("Does the snippet work?", "You asked: Does the snippet work?")
    assert (len(event["session"]), event["user_agent"], event["language"]) == (32, "Firefox", "en")
    assert (event["referrer"], len(event["visitor"])) == ("a.example", 16)
    assert event["latency_ms"]["total"] >= 0


@pytest.mark.parametrize(
    ("answer", "most_messages"), [("Yes.", 9), ("\u0416" * 5_000, 30)], ids=["short answers", "long answers"]
)
def test_the_python_snippet_sends_what_is_recorded_in_batches(
    worker: Worker, queue: QueueServer, tmp_path: Path, answer: str, most_messages: int
) -> None:
    program = (
        snippet("server.py", worker)
        + f"\nfor number in range(60):\n    record(question=f'Question {{number}}?', answer={answer!r})\n"
    )
    (tmp_path / "server.py").write_text(program, encoding="utf-8")

    output = run(sys.executable, "server.py", cwd=tmp_path)

    assert {event["question"] for event in queue.wait_for(60)} == {f"Question {number}?" for number in range(60)}
    assert output == ""
    assert len(queue.messages) <= most_messages


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl: apt-get install curl")
def test_the_curl_snippet_is_accepted(worker: Worker, queue: QueueServer, tmp_path: Path) -> None:
    output = run("sh", "-c", snippet("curl.sh", worker), cwd=tmp_path)

    assert json.loads(output)["accepted"] == 1
    assert [event["question"] for event in queue.wait_for(1)] == ["Is it up?"]
