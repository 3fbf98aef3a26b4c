"""After `make forget` nothing in the running stack holds a word of the person's: no item, no queue, no log."""

import datetime
import json
import os
import subprocess
import sys
import zlib
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from stack.paths import ROOT
from stack.sample_traffic.visits import milliseconds, monday
from stack.stack import TIME_ZONE, Stack
from stack.worker import SITE, stored_id
from tests.pipeline.events import entry, exchange, feedback, new_id, raw_entry

pytestmark = pytest.mark.stack

PATIENCE_SECONDS = 60
# Words that stand nowhere else, of the person and of somebody else, whose words stay.
MINE, OTHERS = "zanquibar", "wombaticus"
MY_QUESTION, ANOTHER = ("Where is the manual of the", MINE), ("How much do I pay for a ticket to", OTHERS)


def ask_and_rate(running: Stack, question: str, comment: str) -> dict[str, Any]:
    """Ask the Worker, rate its answer, and return the stored item."""
    asked = urllib3.request("POST", f"{running.worker_url}/query", json={"question": question, "session": MINE}).json()
    rating = {"id": asked["id"], "rating": "down", "comment": comment}
    assert urllib3.request("POST", f"{running.worker_url}/feedback", json=rating).status == 202
    identifier = stored_id(asked["id"])
    running.wait_until_stored([identifier], [identifier], seconds=PATIENCE_SECONDS)
    [item] = [item for item in running.items() if item["sk"]["S"] == identifier]
    return item


def earlier(begin: datetime.datetime, session: str, asked: str, word: str) -> Iterator[dict[str, Any]]:
    """Return events of a week that is over: asked, asked again in other words, rated, and commented."""
    for day in range(3):
        for number in range(4):
            identifier = new_id(milliseconds(begin + datetime.timedelta(days=day, hours=12, minutes=number)))
            question = f"{asked} {word}? " + "I have looked everywhere. " * (7 * (number % 2))
            yield exchange(
                identifier, question=question, answer=f"Ask the {word}.", session=session, outcome="unanswered"
            )
            yield feedback(identifier, rating="down", comment=f"No {word} there, {day} {number}")


def holding(running: Stack, word: str) -> list[str]:
    """Return the places of the stack that hold a word: items, messages of all queues, log events and log files."""
    found = [f"{item['pk']['S']} {item['sk']['S']}" for item in running.items() if word in written(item)]
    sqs, logs = running.emulator.client("sqs"), running.emulator.client("logs")
    for url in sqs.list_queues()["QueueUrls"]:
        seen = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60).get(
            "Messages"
        ):
            seen += messages
        found += [url for message in seen if word in message["Body"]]
        for message in seen:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            events = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            found += [group["logGroupName"] for part in events for event in part["events"] if word in event["message"]]
    files = [file for file in (running.directory / "logs").rglob("*") if file.is_file()]
    return found + [str(file) for file in files if word.encode() in file.read_bytes()]


def written(value: Any) -> str:
    """Return a value of DynamoDB as text, what is compressed in it included."""
    if isinstance(value, dict):
        return " ".join([*value, *map(written, value.values())])
    if isinstance(value, list):
        return " ".join(map(written, value))
    if isinstance(value, bytes):
        try:
            return zlib.decompress(value).decode()
        except zlib.error:
            return value.decode("utf-8", "replace")
    return str(value)


def forget(running: Stack, session: str, receipts: Path) -> str:
    command = [sys.executable, "-m", "operate", "forget", "--session", session, "--yes", "--receipts", str(receipts)]
    environment = {**os.environ, **running.emulator.variables, "PYTHONPATH": str(ROOT / "tools")}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def test_a_search_of_the_running_stack_finds_nothing_that_was_planted(running: Stack, tmp_path: Path) -> None:
    item = ask_and_rate(running, f"Where is my {MINE} parcel?", f"not even the {MINE} was found")
    session = item["session"]["S"]
    begin = monday(datetime.datetime.now(zoneinfo.ZoneInfo(TIME_ZONE)), weeks_before=1)
    rejected = exchange(new_id(), question=f"The {MINE} again", session=session) | {"outcome": "unknown"}
    running.queue.send(
        [entry(each) for each in [*earlier(begin, session, *MY_QUESTION), *earlier(begin, "other", *ANOTHER)]]
    )
    running.queue.send([entry(rejected), raw_entry(f'{{"session": "{session}", "{MINE}', "malformed")])
    running.queue.wait_until_empty(seconds=PATIENCE_SECONDS)
    running.send_weekly_report(week=f"{begin:%G-W%V}")
    before = holding(running, MINE)
    assert {place.split("#")[2].split()[0] for place in before if place.startswith(f"site#{SITE}#")} >= {
        "day", "rollup", "report", "topics",
    }  # fmt: skip

    said = forget(running, session, tmp_path)

    assert "nothing is left" in said
    assert holding(running, MINE) == []
    assert {place.split("#")[2].split()[0] for place in holding(running, OTHERS)} >= {"day", "rollup"}
    [receipt] = tmp_path.iterdir()
    assert json.loads(receipt.read_text())["dead_letter_events"] == 1
