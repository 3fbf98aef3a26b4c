"""Print the open gaps of a site, as a test set for whoever improves the chatbot.

A line for each gap: its topic, wordings, the answers that were given, and the nearest source. Exit codes: 0 done,
1 the table could not be read, 2 usage.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from reporter.command import UsageError, connected, request_failed, site_of, week_of
from reporter.conversations.stored import conversations
from reporter.deployment import DeploymentError
from reporter.period import InvalidPeriodError, milliseconds
from reporter.report.defang import defang
from reporter.request import InvalidRequestError
from reporter.settings import InvalidSettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reporter.application import Application
    from reporter.report.asked_topic import Asked

_MOST: Final = 100
_ANSWERS: Final = 5
_WORDINGS: Final = 20
_DAYS: Final = 35
_USAGE_ERRORS: Final = (DeploymentError, InvalidPeriodError, InvalidRequestError, InvalidSettingsError, UsageError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        rows = _rows(connected(options.environment), options, datetime.now(UTC))
    except _USAGE_ERRORS as error:
        print(f"gaps: {error}", file=sys.stderr)
        return 2
    except (ClientError, BotoCoreError) as error:
        print(f"gaps: {request_failed(error)}", file=sys.stderr)
        return 1
    for row in rows:
        print(_json_line(row) if options.format == "jsonl" else _line(row))
    print(f"gaps: {len(rows)} open", file=sys.stderr)
    return 0


def _rows(application: Application, options: argparse.Namespace, now: datetime) -> list[dict[str, Any]]:
    site, week = site_of(application, options.site), week_of(application, options.week, now)
    print(f"gaps: reading {site}, {week}", file=sys.stderr, flush=True)
    report = application.weekly(site, now).make(week, now, refresh=False)
    gaps = report.asked.gaps(_MOST)
    states = {topic: gap.state for topic, gap in report.gaps.gaps.items()}
    rows = {_id(gap): _row(gap, states.get(gap.topic, "open")) for gap in gaps}
    for each in conversations(application.resource, site, now.date(), _DAYS, milliseconds(now)):
        row = rows.get(report.asked.topic_of(each.question)) if each.question else None
        if row is not None:
            _add(row["wordings"], each.question, _WORDINGS)
            _add(row["answers"], each.answer, _ANSWERS)
    return list(rows.values())


def _id(gap: Asked) -> str:
    return gap.topic or gap.example


def _row(gap: Asked, state: str) -> dict[str, Any]:
    return {
        "topic": gap.topic,
        "state": state,
        "question": gap.example,
        "asked": gap.group.count,
        "answered": gap.group.outcomes["answered"],
        "wordings": list(dict.fromkeys([gap.example, *gap.wordings])),
        "answers": [],
        "nearest_source": gap.nearest_source or "",
    }


def _add(texts: list[str], text: str, most: int) -> None:
    if text and text not in texts and len(texts) < most:
        texts.append(text)


def _json_line(row: dict[str, Any]) -> str:
    """Return an object on one line, also for readers that take more characters for a line's end than JSON does."""
    text = json.dumps(row, ensure_ascii=False)
    for end in "\x7f\x85\u2028\u2029":
        text = text.replace(end, f"\\u{ord(end):04x}")
    return text.encode("utf-8", "replace").decode()


def _line(row: dict[str, Any]) -> str:
    source = f", nearest source: {defang(row['nearest_source'], 60)}" if row["nearest_source"] else ""
    return (
        f"{row['answered']:>4} of {row['asked']:>4} answered  {row['state']:<6}  {defang(row['question'], 90)}{source}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reporter.gaps", description=__doc__)
    parser.add_argument("--environment", help="dev or prod: read its table; else what the environment variables name")
    parser.add_argument("--site", help="default the only one that is configured")
    parser.add_argument("--week", help="as 2026-W47; default this week so far")
    parser.add_argument("--format", choices=["text", "jsonl"], default="text", help="default %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
