"""The command line: `python -m cost cost`, `simulate` and `count`."""

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cost.calls import Measurement
from cost.capacity import most_stored, settings_of
from cost.count import count
from cost.deployed import Mode, deployed
from cost.design import Assumptions, original, pipeline
from cost.environments import pairs
from cost.free_tier_check import free_tier_violations, too_many
from cost.price_book import PriceBook, PriceBookError
from cost.report import Report
from cost.simulate import add_simulate_arguments, run_simulation
from stack.command import MakeArgumentParser, run_command
from stack.paths import BUILD
from stack.progress import Progress
from stack.stack import stack

if TYPE_CHECKING:
    from collections.abc import Callable

_EXCHANGES = (10_000, 100_000, 1_000_000, 10_000_000)
_MODES: tuple[Mode, Mode] = ("stream", "drain")
_DEFAULT_REGION = "eu-west-2"
_DIRECTORY = BUILD / "cost"


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, or 1 if it failed or something is not free at 10,000 exchanges a month."""
    chosen = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = chosen.run

    def run() -> int:
        try:
            return command(chosen)
        except PriceBookError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1

    return run_command(run)


def _parser() -> argparse.ArgumentParser:
    parser = MakeArgumentParser(
        prog="python -m cost", description="What a month of traffic costs, and how the pipeline copes with it."
    )
    parser.add_argument("--directory", type=Path, default=_DIRECTORY, help="for plans, logs and results")
    commands = parser.add_subparsers(required=True, metavar="command")

    cost = commands.add_parser("cost", help="what months cost, and up to which traffic nothing")
    cost.add_argument(
        "--exchanges", type=_numbers, default=_EXCHANGES, metavar="N,...", help="exchanges a month (10000,100000,...)"
    )
    cost.add_argument("--region", default=_DEFAULT_REGION, help="where (%(default)s, or us-east-1)")
    cost.add_argument(
        "--idle-polls", type=_amount, default=Assumptions.idle_polls, help="empty receives a month (%(default)d)"
    )
    cost.add_argument("--ratings", type=_amount, default=Assumptions.ratings, help="for each exchange (%(default)g)")
    cost.add_argument("--item-bytes", type=_amount, help="of a stored exchange (the mean of those counted)")
    cost.add_argument("--rate", type=_rate, help="US dollars for a pound (the price book's round figure)")
    cost.add_argument("--format", choices=("text", "json"), default="text", help="(%(default)s)")
    cost.set_defaults(run=_cost)

    counting = commands.add_parser("count", help="count what an exchange calls for, on a stack of its own; minutes")
    counting.set_defaults(run=_count)

    simulation = commands.add_parser("simulate", help="how the queue, the processor and the table cope with a day")
    add_simulate_arguments(simulation)
    simulation.set_defaults(run=run_simulation)
    return parser


def _cost(chosen: argparse.Namespace) -> int:
    book, counted = PriceBook.load(), Measurement.load()
    book.require_region(chosen.region)
    modes = [deployed(chosen.directory, mode) for mode in _MODES]
    # In dev, a new version gets all of the traffic at once.
    alone = {("prod", mode): found for mode, found in zip(_MODES, modes, strict=True)}
    alone |= {("dev", mode): deployed(chosen.directory, mode, canary=False) for mode in _MODES}
    assumptions = Assumptions(idle_polls=chosen.idle_polls, ratings=chosen.ratings, item_bytes=chosen.item_bytes)
    designs = [pipeline(mode, counted, book, assumptions) for mode in modes]
    two = list(pairs(alone, counted, book, assumptions))
    report = Report(
        designs=[*designs, original(assumptions)],
        exchanges=chosen.exchanges,
        region=chosen.region,
        book=book,
        counted=counted,
        assumptions=assumptions,
        free_tier_violations=[
            *free_tier_violations(modes, counted, book),
            *(f"in two environments {sentence}" for sentence in too_many(two[0].design, book)),
        ],
        pairs=two,
        most_stored={
            design.name: most_stored(settings_of(mode, counted)) for design, mode in zip(designs, modes, strict=True)
        },
        usd_per_gbp=chosen.rate or book.usd_per_gbp,
    )
    print(report.document() if chosen.format == "json" else report.text())
    return 1 if report.free_tier_violations else 0


def _count(chosen: argparse.Namespace) -> int:
    with stack(chosen.directory.resolve() / "count", Progress()) as running:
        counted = count(running)
    counted.save()
    print(f"exchange: {counted.sending}\nstream: {counted.stream}\nfull batch: {counted.full_batch}")
    return 0


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(_amount(part.replace("_", ""))) for part in text.split(","))


def _amount(text: str) -> float:
    return _number(text, least=0.0)


def _rate(text: str) -> float:
    return _number(text, least=0.01)


def _number(text: str, *, least: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not least <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number from {least:g} up")
    return number


if __name__ == "__main__":
    sys.exit(main())
