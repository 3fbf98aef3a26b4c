"""What things cost and how much of each is free: the committed price book, checked when it is read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

PRICE_BOOK = Path(__file__).parent / "price_book.json"


class PriceBookError(Exception):
    """The price book, or what it is asked for, makes no sense. The message says what to do."""


@dataclass(frozen=True)
class Price:
    """What is charged in US dollars for a number of units, by Region."""

    unit: str
    per: float
    usd: Mapping[str, float]


@dataclass(frozen=True)
class FreeTier:
    """How much of some meters together is free in a month."""

    name: str
    amount: float
    unit: str
    meters: tuple[str, ...]


@dataclass(frozen=True)
class Cloudflare:
    """What Cloudflare's two plans for Workers give."""

    free_requests_a_day: float
    free_object_requests_a_day: float
    free_object_rows_a_day: float
    free_object_gigabytes: float
    paid_plan_requests: float
    paid_plan_cpu_milliseconds: float


@dataclass(frozen=True)
class PriceBook:
    """Prices, free tiers, and what each type of resource is charged by."""

    prices: Mapping[str, Price]
    free_tiers: tuple[FreeTier, ...]
    cloudflare: Cloudflare
    resource_types: Mapping[str, Mapping[str, Any]]
    usd_per_gbp: float

    @staticmethod
    def load(path: Path = PRICE_BOOK) -> "PriceBook":
        """Read the committed file.

        Raises:
            PriceBookError: it contradicts itself.
        """
        return PriceBook.of(json.loads(path.read_text(encoding="utf-8")))

    @staticmethod
    def of(document: Mapping[str, Any]) -> "PriceBook":
        """Take prices from a document of the file's form.

        Raises:
            PriceBookError: it contradicts itself.
        """
        book = PriceBook(
            prices={
                meter: Price(price["unit"], price["per"], price["usd"]) for meter, price in document["prices"].items()
            },
            free_tiers=tuple(
                FreeTier(tier["name"], tier["amount"], tier["unit"], tuple(tier["meters"]))
                for tier in document["free_tiers"]
            ),
            cloudflare=Cloudflare(**{name: document["cloudflare"][name] for name in Cloudflare.__dataclass_fields__}),
            resource_types=document["resource_types"],
            usd_per_gbp=document["exchange_rate"]["usd_per_gbp"],
        )
        book._check()
        return book

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """The Regions that every price is known for."""
        known = [set(price.usd) for price in self.prices.values()]
        return tuple(sorted(set.intersection(*known)))

    def require_region(self, region: str) -> None:
        """Do nothing if prices of the Region are known.

        Raises:
            PriceBookError: they are not.
        """
        if region not in self.regions:
            raise PriceBookError(
                f"the price book knows no prices of {region}, only of {', '.join(self.regions)}: "
                f"add them to {PRICE_BOOK.name}, or give one of these as REGION"
            )

    def amount_of(self, name: str) -> float:
        """Return how much is free in a month."""
        return next(tier.amount for tier in self.free_tiers if tier.name == name)

    def _check(self) -> None:
        named = [meter for tier in self.free_tiers for meter in tier.meters]
        for type_, charged in self.resource_types.items():
            if len(charged.keys() & {"free", "each", "by_use"}) != 1:
                raise PriceBookError(f"{type_} must be `free`, or charged for `each`, or `by_use`")
            named += [charged["each"]] if "each" in charged else charged.get("by_use", [])
        for meter in named:
            if meter not in self.prices:
                raise PriceBookError(f"{meter} is mentioned but has no price")
        if len(set(covered := [meter for tier in self.free_tiers for meter in tier.meters])) != len(covered):
            raise PriceBookError("a meter is in two free tiers")
