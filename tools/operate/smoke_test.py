"""Lets a version of a function do its work once, and leaves nothing behind.

The processor stores an event of a site that nobody reports, which is deleted again; the reporter makes its daily
rollups, which changes nothing, and renders last week's report without sending it.
"""

import json
import secrets
import time
from typing import Any

from botocore.exceptions import ClientError

from operate.environment import ROOT, Environment, OperationError
from operate.lambda_function import ALIAS, Function
from operate.stored_items import StoredItems, partition

SITE = "release-test.invalid"
_EXAMPLE = ROOT / "processor" / "contract" / "analytics-event" / "examples" / "valid" / "exchange-full.json"


def smoke_test(function: Function, *, version: str = ALIAS) -> str:
    """Test a version, by default the one that the alias points to; return what it did, as words to print.

    Raises:
        OperationError: it does not work.
    """
    if function.service == "processor":
        return _store_an_event(function, version)
    return _render_a_report(function, version)


def _render_a_report(function: Function, version: str) -> str:
    function.invoke({"report": "daily"}, version=version)
    answer = function.invoke({"report": "weekly", "preview": True}, version=version)
    reports = answer.get("reports") if isinstance(answer, dict) else None
    if not reports:
        raise OperationError(f"{function.name}:{version} renders no report; it answers {json.dumps(answer)[:300]}")
    return f"renders the report of {', '.join(str(report.get('site')) for report in reports)}"


def _store_an_event(function: Function, version: str) -> str:
    now_ms = int(time.time() * 1000)
    event = json.loads(_EXAMPLE.read_text(encoding="utf-8"))["events"][0]
    event |= {"id": _new_id(now_ms), "site": SITE, "asked_at": now_ms}
    key = (partition(SITE, time.strftime("%Y-%m-%d", time.gmtime(now_ms / 1000))), event["id"])
    answer = function.invoke({"Records": [_record(event)]}, version=version)
    try:
        if answer != {"batchItemFailures": []}:
            raise OperationError(f"{function.name}:{version} stores no event; it answers {json.dumps(answer)[:300]}")
        if not _is_stored(function.environment, key):
            raise OperationError(f"{function.name}:{version} says that it stored an event, but the table has none")
    finally:
        _delete(function.environment, key)
    return "stores an event"


def _record(event: dict[str, Any]) -> dict[str, Any]:
    """Return the record of an event source mapping that carries one event."""
    return {
        "messageId": event["id"],
        "receiptHandle": "none",
        "body": json.dumps({"version": 1, "events": [event]}),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(event["asked_at"]),
            "ApproximateFirstReceiveTimestamp": str(event["asked_at"]),
            "MessageGroupId": event["id"],
            "MessageDeduplicationId": event["id"],
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }


def _new_id(now_ms: int) -> str:
    """Return a UUID version 7 (RFC 9562, section 5.7)."""
    digits = f"{now_ms:012x}7{secrets.token_hex(2)[1:]}8{secrets.token_hex(8)[1:]}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _is_stored(environment: Environment, key: tuple[str, str]) -> bool:
    """Whether the table has the item; also if this role, as that of a workflow, may not look."""
    try:
        return StoredItems(environment.client("dynamodb"), environment["table-name"]).holds(key)
    except ClientError as error:
        return _is_denied(error)


def _delete(environment: Environment, key: tuple[str, str]) -> None:
    try:
        StoredItems(environment.client("dynamodb"), environment["table-name"]).delete(key)
    except ClientError as error:
        if not _is_denied(error):  # it expires by itself
            raise


def _is_denied(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}
