"""Sends a question through everything and the report of the present week to its reader."""

import datetime
import json
import secrets
import time
import urllib.error
import urllib.request
import zoneinfo
from collections.abc import Callable

from operate.environment import Environment, OperationError
from operate.lambda_function import Function
from operate.stored_items import StoredItems, partition
from stack.worker import stored_id

QUESTION = "Does my first question arrive?"
_MAX_SECONDS = 120


def ask(url: str) -> str:
    """Ask the Worker a question and return the exchange's id.

    Raises:
        OperationError: the Worker does not answer.
    """
    session = f"make-up-{secrets.token_hex(8)}"
    body = json.dumps({"question": QUESTION, "session": session}).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "Mozilla/5.0 edge-analytics make up"}
    request = urllib.request.Request(f"{url}/query", body, headers, method="POST")  # noqa: S310 - the Worker's own
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - the Worker's own
            answer = json.load(response)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise OperationError(f"the Worker at {url} does not answer a question: {error}") from None
    return stored_id(str(answer["id"]))


def wait_until_stored(
    environment: Environment, site: str, identifier: str, sleep: Callable[[float], None] = time.sleep
) -> float:
    """Wait until an exchange is in the table; return how many seconds that took.

    Raises:
        OperationError: it is not stored in time.
    """
    stored = StoredItems(environment.client("dynamodb"), environment["table-name"])
    # The time is in the first 48 bits of a UUID version 7: RFC 9562, section 5.7.
    made = datetime.datetime.fromtimestamp(int(identifier.replace("-", "")[:12], 16) / 1000, datetime.UTC)
    key = (partition(site, f"{made:%Y-%m-%d}"), identifier)
    begun = time.monotonic()
    while not stored.holds(key):
        if time.monotonic() - begun > _MAX_SECONDS:
            name = environment.name
            raise OperationError(
                f"the question is not in the table after {_MAX_SECONDS} s: make dlq ENVIRONMENT={name} and "
                f"make doctor ENVIRONMENT={name} say where it is"
            )
        sleep(1)
    return time.monotonic() - begun


def unverified_addresses(environment: Environment) -> list[str]:
    """Return the mail addresses whose owners have not followed SES's link yet."""
    mail = environment.client("sesv2")
    found = []
    for address in sorted({environment["report-sender"], *environment["report-recipients"].split(",")}):
        try:
            if not mail.get_email_identity(EmailIdentity=address)["VerifiedForSendingStatus"]:
                found.append(address)
        except mail.exceptions.NotFoundException:
            found.append(address)
    return found


def send(environment: Environment, site: str) -> str:
    """Have the reporter send the report of the present week so far; return the week.

    Raises:
        OperationError: it fails.
    """
    now = datetime.datetime.now(zoneinfo.ZoneInfo(environment["report-time-zone"]))
    week = f"{now:%G-W%V}"
    Function(environment, "reporter").invoke({"report": "weekly", "week": week, "site": site, "force": True})
    return week
