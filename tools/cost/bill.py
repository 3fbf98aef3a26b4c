"""A month's bill: usage, less the free tiers, times prices. Pure arithmetic, in US dollars."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from cost.design import MONTH_DAYS, Design, Usage
from cost.price_book import PriceBook

SERVICES = {
    "sqs": "SQS",
    "lambda": "Lambda",
    "dynamodb": "DynamoDB",
    "logs": "Logs",
    "cloudwatch": "CloudWatch",
    "scheduler": "Scheduler",
    "ses": "Mail",
    "sns": "Mail",
    "s3": "S3",
    "kms": "Keys",
    "data": "Data",
    "secret": "Keys",
}
"""The service that each meter's name begins with."""
CLOUDFLARE = "cloudflare"
CLOUDFLARE_FREE = "Cloudflare Workers, free plan"
CLOUDFLARE_OBJECTS_FREE = "Cloudflare Durable Objects (outbox), free plan"
ROUNDS_TO_NOTHING = 0.005
"""US dollars. A bill is rounded to cents."""
_MOST_EXCHANGES = 10**10


@dataclass(frozen=True)
class Bill:
    """What a month costs in US dollars."""

    charges: Mapping[str, float]
    """By meter; those that are wholly free are left out."""
    cloudflare: float

    @property
    def aws(self) -> float:
        """All that AWS charges."""
        return sum(self.charges.values())

    def by_service(self) -> dict[str, float]:
        """Return AWS's charges by service."""
        totals = dict.fromkeys(SERVICES.values(), 0.0)
        for meter, charge in self.charges.items():
            totals[SERVICES[meter.split("-")[0]]] += charge
        return totals


@dataclass(frozen=True)
class Limit:
    """A free tier that traffic uses up."""

    name: str
    exchanges: int
    """The most in a month that it carries."""


def bill(usage: Usage, book: PriceBook, region: str) -> Bill:
    """Return what a month's usage costs.

    Raises:
        PriceBookError: the prices of the Region are not known.
    """
    book.require_region(region)
    charged = {meter: amount for meter, amount in usage.items() if not meter.startswith(CLOUDFLARE)}
    for tier in book.free_tiers:
        left = tier.amount
        for meter in tier.meters:
            taken = min(left, charged.get(meter, 0))
            if taken:
                charged[meter] -= taken
                left -= taken
    charges = {
        meter: amount / book.prices[meter].per * book.prices[meter].usd[region]
        for meter, amount in charged.items()
        if amount > 0
    }
    return Bill(charges, _cloudflare(usage, book, region))


def limits(design: Design, book: PriceBook, region: str) -> list[Limit]:
    """Return from which traffic on the free tiers no longer suffice, the first to be used up first.

    A charge that is there without any traffic is none of traffic's: what counts is what grows.
    """
    free_requests = book.cloudflare.free_requests_a_day * MONTH_DAYS
    in_free_tier = {meter for tier in book.free_tiers for meter in tier.meters}
    growing = {*design.per_exchange, *design.per_batch}
    never_free = sorted(meter for meter in growing - in_free_tier if not meter.startswith(CLOUDFLARE))
    groups = {tier.name: tier.meters for tier in book.free_tiers} | {
        f"{meter}, which is never free": (meter,) for meter in reversed(never_free)
    }
    found = [
        Limit(
            CLOUDFLARE_FREE,
            _most(lambda exchanges: design.usage(exchanges).get("cloudflare-request", 0) > free_requests),
        ),
        Limit(CLOUDFLARE_OBJECTS_FREE, _most(lambda exchanges: not _are_objects_free(design.usage(exchanges), book))),
    ]
    for name, group in groups.items():
        if growing & {*group}:
            found.append(Limit(name, _most(partial(_charge, design, group, book, region))))
    return sorted(found, key=lambda limit: limit.exchanges)


def _charge(design: Design, group: tuple[str, ...], book: PriceBook, region: str, exchanges: int) -> float:
    charges = bill(design.usage(exchanges), book, region).charges
    return sum(charges.get(meter, 0) for meter in group)


def _most(charge: Callable[[int], float]) -> int:
    """Return the greatest traffic that costs no more than none at all."""
    standing = charge(0)
    low, high = 0, _MOST_EXCHANGES
    while low < high:
        middle = (low + high + 1) // 2
        if charge(middle) <= standing:
            low = middle
        else:
            high = middle - 1
    return low


def _are_objects_free(usage: Usage, book: PriceBook) -> bool:
    """Tell whether the outbox stays within the free plan; beyond, it refuses, and its events are lost and counted."""
    plan = book.cloudflare
    return (
        usage.get("cloudflare-object-request", 0) <= plan.free_object_requests_a_day * MONTH_DAYS
        and usage.get("cloudflare-object-row", 0) <= plan.free_object_rows_a_day * MONTH_DAYS
        and usage.get("cloudflare-object-storage", 0) <= plan.free_object_gigabytes
    )


def _cloudflare(usage: Usage, book: PriceBook, region: str) -> float:
    plan = book.cloudflare
    requests, cpu = usage.get("cloudflare-request", 0), usage.get("cloudflare-cpu", 0)
    if requests <= plan.free_requests_a_day * MONTH_DAYS and _are_objects_free(usage, book):
        return 0.0
    beyond = {
        "cloudflare-paid-plan": 1,
        "cloudflare-request": max(0, requests - plan.paid_plan_requests),
        "cloudflare-cpu": max(0, cpu - plan.paid_plan_cpu_milliseconds),
    }
    return sum(amount / book.prices[meter].per * book.prices[meter].usd[region] for meter, amount in beyond.items())
