"""Reports on demand: to files or by mail, from AWS or from what AWS_ENDPOINT_URL names.

`python -m reporter --help`. Exit codes: 0 done, 1 the table could not be read or the report not
sent, 2 usage: the request or the settings are invalid, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from reporter.application import Application, ReportsFailedError
from reporter.command import request_failed
from reporter.deployment import DeploymentError, deployed_environment
from reporter.period import InvalidPeriodError, Week, last_complete_week, local_time
from reporter.report.history import PastWeek, render_history
from reporter.report.rendering import render
from reporter.request import InvalidRequestError, Request
from reporter.settings import InvalidSettingsError, Settings
from reporter.snapshots import ReportInProgressError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reporter.mailer import Message
    from reporter.report.weekly_report import Report

_EXIT_OK, _EXIT_FAILED, _EXIT_USAGE, _EXIT_INTERRUPTED = 0, 1, 2, 130

# Nothing else ends a run from a terminal, so a killed one is taken over after this.
_CLAIM_MS = 300_000


class _RefusedError(ValueError):
    """The options do not go together, or name what is not there."""


_USAGE_ERRORS = (
    DeploymentError,
    InvalidPeriodError,
    InvalidRequestError,
    InvalidSettingsError,
    _RefusedError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        application = _application(options)
        options.command(application, options)
    except _USAGE_ERRORS as error:
        print(f"reporter: {error}", file=sys.stderr)
        return _EXIT_USAGE
    except (ReportsFailedError, ReportInProgressError) as error:
        print(f"reporter: {error}", file=sys.stderr)
        return _EXIT_FAILED
    except (ClientError, BotoCoreError) as error:
        print(f"reporter: {request_failed(error)}", file=sys.stderr)
        return _EXIT_FAILED
    except OSError as error:
        print(f"reporter: {error}", file=sys.stderr)
        return _EXIT_FAILED
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return _EXIT_INTERRUPTED
    return _EXIT_OK


def _write(application: Application, options: argparse.Namespace) -> None:
    now = datetime.now(UTC)
    site = _site(application, options)
    week = _week(application, options, now)
    report = application.weekly(site, now).make(week, now, refresh=True)
    message = render(report)
    folder = Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    for ending, text in (("html", message.html), ("txt", message.text)):
        path = folder / f"{site}-{week}.{ending}"
        path.write_text(text, encoding="utf-8")
        print(path.resolve())
    print(_write_history(application, report, message, Path(options.index)).resolve())
    if not report.this.exchanges:
        print(f"reporter: nobody asked {site} anything in {week}", file=sys.stderr)


def _write_history(application: Application, report: Report, message: Message, path: Path) -> Path:
    """Write the page of all weeks that were reported, and of the one that was just made."""
    past = {
        str(snapshot.week): PastWeek(
            str(snapshot.week),
            snapshot.figures,
            snapshot.message.subject if snapshot.message else "",
            snapshot.message.html if snapshot.message else "",
        )
        for snapshot in application.snapshots(report.site).all()
    }
    past[str(report.week)] = PastWeek(str(report.week), report.figures, message.subject, message.html)
    weeks = [past[name] for name in sorted(past)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_history(report.site, weeks, local_time(report.data.now, report.data.zone)), encoding="utf-8")
    return path


def _send(application: Application, options: argparse.Namespace) -> None:
    now = datetime.now(UTC)
    request = Request(
        report="weekly",
        site=None if options.combined else _site(application, options),
        week=_week(application, options, now),
        force=options.force,
        combined=options.combined,
        csv=options.csv,
    )
    answer = application.run(request, now, f"terminal-{uuid.uuid4()}", _CLAIM_MS)
    print(json.dumps(answer, indent=2))


def _sources(application: Application, options: argparse.Namespace) -> None:
    try:
        text = Path(options.file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _RefusedError(f"the list of sources cannot be read: {error}") from None
    names = frozenset(line.strip() for line in text.splitlines() if line.strip())
    site = _site(application, options)
    application.table.put_known_sources(site, names)
    print(f"{len(names)} sources of {site} are registered")


def _application(options: argparse.Namespace) -> Application:
    deployed = deployed_environment(options.environment) if options.environment else None
    return Application.from_settings(Settings.from_environment(deployed))


def _site(application: Application, options: argparse.Namespace) -> str:
    sites = application.settings.sites
    if options.site:
        return str(Request.parse({"report": "weekly", "site": options.site}).site)
    if len(sites) != 1:
        names = ", ".join(sites) or "none is configured"
        raise _RefusedError(f"say which site with SITE= (--site): {names}")
    return sites[0]


def _week(application: Application, options: argparse.Namespace, now: datetime) -> Week:
    if options.week:
        week = Week.parse(options.week)
        if week.monday > now.astimezone(application.settings.zone).date():
            raise _RefusedError(f"{week} has not begun yet")
        return week
    return last_complete_week(now, application.settings.zone)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reporter", description=__doc__)
    parser.add_argument(
        "--environment",
        help="read the settings of a deployed environment (dev or prod) from its Lambda function; "
        "otherwise they are taken from the environment variables of template.yaml",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    write = _command(commands, "write", _write, "write the report of a week to files")
    write.add_argument("--out", default="build/reports", help="folder; default %(default)s")
    write.add_argument("--index", default="build/report/index.html", help="page of all weeks; default %(default)s")
    send = _command(commands, "send", _send, "send the report of a week to its recipients")
    send.add_argument("--force", action="store_true", help="send it although it was sent before")
    send.add_argument("--combined", action="store_true", help="all sites in one mail, an overview first")
    send.add_argument("--csv", action="store_true", help="attach the week as a table")
    for command in (write, send):
        command.add_argument("--week", help="as 2026-W47; default the last that is over")
    sources = _command(
        commands, "sources", _sources, "register all sources of a site, so that reports can list unused ones"
    )
    sources.add_argument("file", help="text file with one name a line")
    return parser


def _command(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    command.set_defaults(command=run)
    command.add_argument("--site", help="default the only one that is configured")
    return command


if __name__ == "__main__":
    sys.exit(main())
