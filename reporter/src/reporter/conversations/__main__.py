"""Write the newest conversations of a topic or a session to a page on this machine.

Exit codes: 0 done, 1 the table could not be read, 2 usage.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from reporter.command import UsageError, connected, request_failed, site_of, week_of
from reporter.conversations.page import page
from reporter.conversations.stored import Conversation, conversations
from reporter.deployment import DeploymentError
from reporter.period import InvalidPeriodError, milliseconds
from reporter.request import InvalidRequestError
from reporter.settings import InvalidSettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reporter.application import Application

_MOST: Final = 200
_DAYS: Final = 35
_USAGE_ERRORS: Final = (DeploymentError, InvalidPeriodError, InvalidRequestError, InvalidSettingsError, UsageError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        application = connected(options.environment)
        path = _write(application, options, datetime.now(UTC))
    except _USAGE_ERRORS as error:
        print(f"conversations: {error}", file=sys.stderr)
        return 2
    except (ClientError, BotoCoreError) as error:
        print(f"conversations: {request_failed(error)}", file=sys.stderr)
        return 1
    print(path)
    return 0


def _write(application: Application, options: argparse.Namespace, now: datetime) -> Path:
    site = site_of(application, options.site)
    print(f"conversations: reading {options.days} days of {site}", file=sys.stderr, flush=True)
    newest = conversations(application.resource, site, now.date(), options.days, milliseconds(now))
    if options.session:
        name, shown = f"session {options.session}", _of_session(newest, options.session)
    else:
        name, shown = f"topic {options.topic}", _of_topic(application, newest, options, now)
    chosen = list(islice(shown, _MOST))
    path = Path(options.out) / f"{site}-{re.sub(r'[^A-Za-z0-9.-]+', '-', name)[:80]}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(f"{site}: {name}", chosen, application.settings.zone), encoding="utf-8", errors="replace")
    print(f"conversations: {len(chosen)} found, the newest first", file=sys.stderr)
    return path


def _of_session(newest: Iterator[Conversation], session: str) -> Iterator[Conversation]:
    return (each for each in newest if each.session == session)


def _of_topic(
    application: Application, newest: Iterator[Conversation], options: argparse.Namespace, now: datetime
) -> Iterator[Conversation]:
    """Yield the conversations whose question the report of the week counts to the topic."""
    week = week_of(application, options.week, now)
    asked = application.weekly(site_of(application, options.site), now).make(week, now, refresh=False).asked
    if asked.followed is None:
        raise UsageError("topics are not followed here: the sentence encoder is not installed")
    topic = options.topic.zfill(9) if options.topic.isdecimal() else options.topic
    return (each for each in newest if each.question and asked.topic_of(each.question) == topic)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reporter.conversations", description=__doc__)
    parser.add_argument("--environment", help="dev or prod: read its table; else what the environment variables name")
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--topic", help="the id of a topic, as a link of the report names it")
    chosen.add_argument("--session", help="the id of a session, as the page names it")
    parser.add_argument("--site", help="default the only one that is configured")
    parser.add_argument("--week", help="the week whose topics are meant, as 2026-W47; default this week so far")
    parser.add_argument("--days", type=int, choices=range(1, 91), metavar="1-90", default=_DAYS, help="how far back")
    parser.add_argument("--out", default="build/conversations", help="folder; default %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
