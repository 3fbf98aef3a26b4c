import copy
import datetime
import json
from typing import Any

import pytest

from cost.price_book import PRICE_BOOK, PriceBook, PriceBookError

DOCUMENT = json.loads(PRICE_BOOK.read_text(encoding="utf-8"))
DOCUMENTATION = (PRICE_BOOK.parents[2] / "docs" / "cost.md").read_text(encoding="utf-8")


def is_date(text: str) -> bool:
    return bool(datetime.date.fromisoformat(text if len(text) > len("2026-06") else f"{text}-01"))


def test_every_price_is_known_in_both_regions_with_its_source_and_date() -> None:
    for meter, price in DOCUMENT["prices"].items():
        assert set(price["usd"]) == set(price["sources"]) == {"us-east-1", "eu-west-2"}, meter
        for source in price["sources"].values():
            assert source["source"], meter
            assert source["read"] is None if "memory" in source["source"] else is_date(source["read"]), meter


def test_every_free_tier_has_its_source_and_date() -> None:
    assert all(tier["source"] and is_date(tier["read"]) for tier in DOCUMENT["free_tiers"])


@pytest.mark.parametrize("meter", sorted(DOCUMENT["prices"]))
def test_the_documentation_names_every_price_as_the_book_has_it(meter: str) -> None:
    usd = DOCUMENT["prices"][meter]["usd"]
    [row] = [line for line in DOCUMENTATION.splitlines() if line.startswith(f"| `{meter}` |")]

    assert [cell.strip(" *") for cell in row.split("|")[3:5]] == [
        f"{usd[region]:.10f}".rstrip("0").rstrip(".") for region in ("us-east-1", "eu-west-2")
    ]


@pytest.mark.parametrize("tier", [tier["name"] for tier in DOCUMENT["free_tiers"]])
def test_the_documentation_names_every_free_tier_as_the_book_has_it(tier: str) -> None:
    [amount] = [known["amount"] for known in DOCUMENT["free_tiers"] if known["name"] == tier]

    assert f"| {tier} | {amount:,} " in DOCUMENTATION


def without_price(document: dict[str, Any]) -> None:
    del document["prices"]["cloudwatch-alarm"]


def charged_twice(document: dict[str, Any]) -> None:
    document["resource_types"]["aws_sqs_queue"]["free"] = "it seems"


def in_two_tiers(document: dict[str, Any]) -> None:
    document["free_tiers"][1]["meters"] = ["sqs-fifo-request"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without_price, "cloudwatch-alarm is mentioned but has no price"),
        (charged_twice, "aws_sqs_queue must be `free`, or charged"),
        (in_two_tiers, "a meter is in two free tiers"),
    ],
)
def test_a_price_book_that_contradicts_itself_is_refused(spoil: Any, message: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    spoil(document)

    with pytest.raises(PriceBookError, match=message):
        PriceBook.of(document)
