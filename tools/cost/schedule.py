"""How often the schedules of EventBridge fire: `rate(5 minutes)` and `cron(0 8 ? * MON *)`."""

import re
from datetime import timedelta

_DAYS = 31
"""Of the longest month."""
_MOST_WEEKDAYS = 5
"""How often one weekday is in the longest month."""
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")


def seconds_between_runs(expression: str) -> int:
    """Return the interval of a `rate`.

    Raises:
        ValueError: it is none.
    """
    match = _RATE.fullmatch(expression)
    if match is None:
        raise ValueError(f"{expression} is not a rate, such as rate(5 minutes)")
    return int(timedelta(**{f"{match[2]}s": int(match[1])}).total_seconds())


def runs_a_month(expression: str) -> int:
    """Return how often a schedule fires in a month of 31 days, at most.

    Raises:
        ValueError: it is neither a rate nor a cron expression, or its days are given in a way not known here.
    """
    match = _CRON.fullmatch(expression)
    if match is None:
        return int(timedelta(days=_DAYS).total_seconds()) // seconds_between_runs(expression)
    minutes, hours, day_of_month, _, day_of_week, _ = match.groups()
    if day_of_week not in {"?", "*"}:
        days = _MOST_WEEKDAYS * _values(day_of_week, 7)
    else:
        days = _DAYS if day_of_month in {"?", "*"} else _values(day_of_month, _DAYS)
    return min(days, _DAYS) * _values(hours, 24) * _values(minutes, 60)


def _values(field: str, of: int) -> int:
    """Return how many values a field of a cron expression has."""
    if field == "*":
        return of
    count = 0
    for part in field.split(","):
        if match := re.fullmatch(r"(?:\*|\d+)/(\d+)", part):
            count += -(-of // int(match[1]))
        elif match := re.fullmatch(r"(\d+)-(\d+)", part):
            count += int(match[2]) - int(match[1]) + 1
        elif re.fullmatch(r"\d+|[A-Z]{3}", part):
            count += 1
        else:
            raise ValueError(f"{field} in a cron expression is not understood: give single values, ranges or steps")
    return count
