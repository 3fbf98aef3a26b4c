"""The free-tier check: what tests and `make cost` hold every deployment to."""

from collections.abc import Iterable

from cost.bill import ROUNDS_TO_NOTHING, bill
from cost.calls import Measurement
from cost.deployed import HOURS_A_MONTH, Deployed
from cost.design import Assumptions, Design, pipeline
from cost.price_book import PriceBook, PriceBookError

FREE_EXCHANGES = 10_000
"""A month in which nothing may be charged."""

_STANDING = {
    "cloudwatch-alarm": ("alarms", "CloudWatch alarms", 1),
    "cloudwatch-metric": ("custom metrics", "CloudWatch metrics", 1),
    "cloudwatch-dashboard": ("dashboards", "CloudWatch dashboards", 1),
    "dynamodb-write-unit-hour": ("write units", "DynamoDB write units", HOURS_A_MONTH),
    "dynamodb-read-unit-hour": ("read units", "DynamoDB read units", HOURS_A_MONTH),
}
"""By meter: its plain name, its free tier, and how much of it one such thing uses up in a month."""


def free_tier_violations(modes: Iterable[Deployed], counted: Measurement, book: PriceBook) -> list[str]:
    """Return what would be charged, each as a sentence; nothing if all is free.

    Args:
        modes: the same pipeline in each of its modes.
        counted: what exchanges call for.
        book: prices and free tiers.
    """
    found: dict[str, None] = {}
    for deployed in modes:
        try:
            design = pipeline(deployed, counted, book, Assumptions())
        except PriceBookError as error:
            found[str(error)] = None
            continue
        for sentence in (*too_many(design, book), *_charged(design, book)):
            found[sentence] = None
    return list(found)


def too_many(design: Design, book: PriceBook) -> Iterable[str]:
    """Yield what there are more of than is free, each as a sentence."""
    for meter, (name, tier, each) in _STANDING.items():
        used, free = design.per_month.get(meter, 0) / each, book.amount_of(tier) / each
        if used > free:
            yield f"there are {used:g} {name}, and {free:g} are free"


def _charged(design: Design, book: PriceBook) -> Iterable[str]:
    for region in book.regions:
        made = bill(design.usage(FREE_EXCHANGES), book, region)
        if made.aws + made.cloudflare >= ROUNDS_TO_NOTHING:
            dearest = max(made.charges, key=lambda meter: made.charges[meter], default="Cloudflare's paid plan")
            yield (
                f"{FREE_EXCHANGES:,} exchanges a month cost ${made.aws + made.cloudflare:.2f} in {region} "
                f"({design.name}), most of it for {dearest}"
            )
