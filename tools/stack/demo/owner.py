"""What the shop's owner gets and does: reports, an alert, and two links of a mail."""

import datetime
import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import urllib3

from stack.demo.topics import Topic
from stack.programs import ProgramError, wait_until
from stack.stack import Stack
from stack.worker import SITE

PUBLIC_URL = f"https://{SITE}"
_LINK = re.compile(re.escape(PUBLIC_URL) + r"/edge-analytics/act\?[^\"'\s<>]+")
_OK = 200
_SECONDS = 180


def report(running: Stack, week: str) -> dict[str, Any]:
    """Let the reporter send a week's report, as its schedule does, and return the mail.

    Raises:
        ProgramError: it fails.
    """
    return running.send_weekly_report(week=week)


def alert(running: Stack, day: datetime.date) -> list[str]:
    """Let the reporter compare a day with those before it; return what its alert says, nothing where there is none.

    Raises:
        ProgramError: it fails.
    """
    answer = running.invoke_reporter({"report": "daily", "day": str(day), "alert": True})
    [of_site] = answer["reports"]
    return list(of_site.get("alert", ()))


def say_fixed(running: Stack, mail: dict[str, Any], topics: list[Topic], decided_at: datetime.datetime) -> int:
    """Follow the links that call gaps fixed, at the Worker; then date the decisions back to the time of the report.

    Args:
        running: the stack.
        mail: the report that lists the gaps.
        topics: whose gaps they are.
        decided_at: when the owner is to have followed the links.

    Returns:
        How many of them the mail lists.

    Raises:
        ProgramError: the Worker refuses.
    """
    links = [link for topic in topics if (link := fixed_link(mail, topic))]
    for link in links:
        address = running.worker_url + link.removeprefix(PUBLIC_URL)
        response = urllib3.request("POST", address, retries=False)
        if response.status != _OK:
            raise ProgramError(f"the Worker answered {response.status} to a link of the report")
    wanted = {parse_qs(urlsplit(link).query)["topic"][0] for link in links}
    wait_until(
        lambda: wanted <= {item["topic"]["S"] for item in _decisions(running)}, what="the decisions", seconds=_SECONDS
    )
    table = running.emulator.client("dynamodb")
    for item in _decisions(running):
        table.update_item(
            TableName=running.parameters["table-name"],
            Key={"pk": item["pk"], "sk": item["sk"]},
            UpdateExpression="SET decided_at = :at",
            ExpressionAttributeValues={":at": {"N": str(round(decided_at.timestamp() * 1000))}},
        )
    return len(links)


def _decisions(running: Stack) -> list[dict[str, Any]]:
    return [item for item in running.items() if item["pk"]["S"] == f"site#{SITE}#decisions"]


def fixed_link(mail: dict[str, Any], topic: Topic) -> str | None:
    """Return the link that calls a gap fixed, the first after one of its wordings; None where the mail lists it not."""
    page = html.unescape(mail["BodyHtml"])
    wordings = [wording for each in topic.wordings.values() for wording in each]
    for link in _LINK.finditer(page):
        if parse_qs(urlsplit(link[0]).query)["action"] != ["fixed"]:
            continue
        before = page[: link.start()]
        named = max(wordings, key=before.rfind)
        if named in before and not _LINK.search(before, before.rfind(named)):
            return link[0]
    return None
