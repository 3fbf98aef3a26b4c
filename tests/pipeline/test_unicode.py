"""Whatever can be typed goes the whole way from the Worker to the mail, and stops nothing."""

import datetime
import json
import re
import unicodedata
import zoneinfo
from collections.abc import Iterator

import pytest
import urllib3

from stack.sample_traffic.visits import milliseconds, monday
from stack.stack import TIME_ZONE, Stack
from tests.pipeline.events import new_id

pytestmark = pytest.mark.stack

PATIENCE_SECONDS = 60
BATCH = 5
# Syllables that fall apart into letters, eleven thousand of one kind.
HANGUL = re.compile("[\uac00-\ud7a3]")
SHARE = 12


def characters() -> Iterator[str]:
    """Yield every character that another spelling is made of, and of the others a share; lone surrogates are added."""
    for code in range(0x110000):
        character = chr(code)
        if unicodedata.category(character) in {"Cn", "Co", "Cs"}:
            continue
        has_case = not character == character.lower() == character.upper() == character.casefold()
        has_letters = unicodedata.normalize("NFKD", character).casefold() != character and not HANGUL.match(character)
        if has_case or has_letters or code % SHARE == 0:
            yield character
    yield from ("\ud800", "\udfff", "\U0010ffff", "\ufdd0")


def questions() -> Iterator[str]:
    """Yield questions as long as they are recorded in which each character is a word."""
    words = list(characters())
    for begin in range(0, len(words), 240):
        yield " ".join(["quel prix", *words[begin : begin + 240]])[:500]


def test_every_character_goes_from_the_worker_to_the_mail(running: Stack) -> None:
    begin = monday(datetime.datetime.now(zoneinfo.ZoneInfo(TIME_ZONE)), weeks_before=3)
    token = running.worker_variables["COLLECTOR_TOKEN"]
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    asked = [
        {"id": new_id(milliseconds(begin) + 3_600_000 + number), "question": question, "answer": question[::-1]}
        | {"session": question[10:40], "outcome": "unanswered"}
        for number, question in enumerate(questions())
    ]

    rejected = running.dead_letter_queue.depth()

    for first in range(0, len(asked), BATCH):
        batch = {"events": asked[first : first + BATCH]}
        # As ASCII, which can say what UTF-8 cannot: half a surrogate pair.
        reply = urllib3.request("POST", f"{running.worker_url}/v1/events", body=json.dumps(batch), headers=headers)
        assert (reply.status, reply.json()["accepted"]) == (202, len(batch["events"]))
    running.wait_until_stored([str(each["id"]) for each in asked], seconds=PATIENCE_SECONDS)
    mail = running.send_weekly_report(week=f"{begin:%G-W%V}")

    assert f" {len(asked)}" in mail["BodyText"]
    assert running.dead_letter_queue.depth() == rejected
