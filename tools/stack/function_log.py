"""What a function has logged last."""

from botocore.exceptions import BotoCoreError, ClientError

from stack.emulator import Emulator

_LINES = 10
_LONGEST_LINE = 400


def last_lines(aws: Emulator, log_group: str) -> str:
    """Return the last lines of a function's log group, or why they cannot be read."""
    try:
        pages = aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=log_group)
        events = sorted((event for page in pages for event in page["events"]), key=lambda event: event["timestamp"])
    except (BotoCoreError, ClientError) as error:
        return f"{log_group} cannot be read: {error}"
    lines = [f"  {event['message'].rstrip()[:_LONGEST_LINE]}" for event in events[-_LINES:]]
    return "\n".join([f"{log_group} ends with:" if lines else f"{log_group} is empty", *lines])
