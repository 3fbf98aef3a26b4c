"""Compares weeks in which nothing changes, with the reporter's Python, and counts how many mails would say it did.

A program of its own: nothing else here imports the reporter. It takes how many weeks of each kind of site to make.
Visitors come at random; most get one outcome for all that they ask, so that the questions of a session belong together.
"""

import json
import random
import sys
from zoneinfo import ZoneInfo

from reporter.exchange import OUTCOMES, Exchange
from reporter.period import Week, day_bounds
from reporter.report.figures import Comparison
from reporter.rollups.rollup import Rollup, merged
from reporter.rollups.rollup_builder import roll_up

_ZONE = ZoneInfo("Europe/London")
_WEEK = Week.parse("2026-W46")
_WEIGHTS = (80, 4, 8, 1, 3, 4)
_SITES = ((60, 1), (60, 5), (30, 30))
"""Sessions a week, and how many questions the longest has."""
_HABIT = 0.7
_RATED = 0.1
_STEPS = (1, 2, 3)


def main() -> None:
    """Take the number of weeks from the command line."""
    [count] = sys.argv[1:]
    mails = alarmed = 0
    for sessions, longest in _SITES:
        chance = random.Random(sessions * longest)
        weeks = [_week(chance, sessions, longest) for _ in range(int(count))]
        for number in range(len(weeks)):
            for step in _STEPS:
                beside = [weeks[(number + times * step) % len(weeks)] for times in (0, 1, 7)]
                mails += 1
                alarmed += bool(Comparison(beside, [""] * len(beside), is_over=True).real)
    print(json.dumps({"mails": mails, "alarmed": alarmed}))


def _week(chance: random.Random, sessions: int, longest: int) -> Rollup:
    days = []
    for day in _WEEK.days:
        begin, _ = day_bounds(day, _ZONE)
        exchanges: list[Exchange] = []
        for number in range(_poisson(chance, sessions / 7)):
            (habit,) = chance.choices(OUTCOMES, _WEIGHTS)
            for _ in range(chance.randint(1, longest)):
                (other,) = chance.choices(OUTCOMES, _WEIGHTS)
                exchanges.append(
                    Exchange(
                        id=f"{len(exchanges):036d}",
                        moment_ms=begin + len(exchanges),
                        outcome=habit if chance.random() < _HABIT else other,
                        question="a",
                        session=f"{day}-{number}",
                        visitor=f"{day}-{number}",
                        rating=chance.choice(("up", "up", "down")) if chance.random() < _RATED else None,
                    )
                )
        days.append(roll_up(exchanges, day, _ZONE))
    return merged(days)


def _poisson(chance: random.Random, mean: float) -> int:
    left, count = mean, 0
    while (left := left - chance.expovariate(1)) > 0:
        count += 1
    return count


if __name__ == "__main__":
    main()
