"""Every figure here was worked out by hand from the prices named beside it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost.bill import bill, limits
from cost.design import Assumptions, Design, original, pipeline
from cost.price_book import PriceBook, PriceBookError
from tests.tools.cost.pipeline import COUNTED
from tests.tools.cost.pipeline import pipeline as deployed

BOOK = PriceBook.load()
LONDON, VIRGINIA = "eu-west-2", "us-east-1"

amounts = st.floats(0, 1e9, allow_nan=False)
usages = st.dictionaries(st.sampled_from(sorted(BOOK.prices)), amounts)


def design(mode: str, **assumptions: float) -> Design:
    chosen = Assumptions(**assumptions)
    if mode == "original":
        return original(chosen)
    return pipeline(deployed("stream" if mode == "stream" else "drain"), COUNTED, BOOK, chosen)


def test_requests_beyond_the_million_that_is_free_are_charged() -> None:
    made = bill({"sqs-fifo-request": 3_000_000}, BOOK, LONDON)

    assert made.charges == {"sqs-fifo-request": pytest.approx(1.00)}  # 2 million at $0.50


def test_both_kinds_of_queue_share_one_free_offer() -> None:
    made = bill({"sqs-fifo-request": 800_000, "sqs-standard-request": 700_000}, BOOK, LONDON)

    assert made.aws == pytest.approx(0.20)  # half a million at $0.40


@pytest.mark.parametrize(
    ("region", "exchanges", "sqs", "compute", "table", "logs"),
    [
        # Six requests an exchange and 648,000, less a million, at $0.50; two invocations, less a million, at $0.20, and
        # 0.1 GB-seconds, less 400,000, at $0.0000166667; four writes and a read on demand; logs of 2,048 bytes taken
        # in and kept, less 5 GB.
        (LONDON, 10_000, 0, 0, 0.0312, 0),
        (LONDON, 100_000, 0.124, 0, 0.3118, 0),
        (LONDON, 1_000_000, 2.824, 0.20, 3.1177, 0),
        (LONDON, 10_000_000, 29.824, 3.80 + 10.0, 31.177, 15.48 * 0.5985 + 20.48 * 0.0315),
        (VIRGINIA, 1_000_000, 2.824, 0.20, 2.625, 0),
    ],
)
def test_the_original_design_costs_what_it_does_by_hand(
    region: str, exchanges: int, sqs: float, compute: float, table: float, logs: float
) -> None:
    made = bill(design("original").usage(exchanges), BOOK, region)

    services = made.by_service()
    on_demand = made.charges["dynamodb-write-request"] + made.charges["dynamodb-read-request"]
    assert services["SQS"] == pytest.approx(sqs, abs=0.001)
    assert services["Lambda"] == pytest.approx(compute, abs=0.001)
    assert on_demand == pytest.approx(table, abs=0.001)
    assert services["Logs"] == pytest.approx(logs, abs=0.001)


@pytest.mark.parametrize(
    ("mode", "exchanges", "requests"),
    [
        ("stream", 100_000, 3 * 100_000 + 648_000 + 5),  # send, receive, delete; polls; one look of each weekly report
        ("drain", 800_000, 800_000 + 2 * (80_000 + 0.9 * 8928) + 8928 + 5),  # full batches, last ones, empty receives
        ("drain", 1_000, 1_000 + 2 * 1_000 + 8928 + 5),  # never more batches than messages
    ],
)
def test_requests_to_the_queue_are_what_they_are_by_hand(mode: str, exchanges: int, requests: float) -> None:
    assert design(mode).usage(exchanges)["sqs-fifo-request"] == pytest.approx(requests)


@pytest.mark.parametrize(("mode", "exchanges"), [("stream", 100_000), ("drain", 800_000)])
@pytest.mark.parametrize("region", [LONDON, VIRGINIA])
def test_it_is_free_up_to_its_target(mode: str, exchanges: int, region: str) -> None:
    made = bill(design(mode).usage(exchanges), BOOK, region)

    assert round(made.aws + made.cloudflare, 2) == 0


def test_ten_million_exchanges_cost_less_than_seven_dollars_of_aws_in_drain_mode() -> None:
    made = bill(design("drain").usage(10_000_000), BOOK, LONDON)

    assert 5.5 < made.aws < 7  # 12.03 million requests, less a million, at $0.50


@pytest.mark.parametrize(
    ("meter", "free"),
    [("request", 3_000_000), ("object-request", 3_000_000), ("object-row", 3_000_000), ("object-storage", 5)],
)
def test_each_limit_of_cloudflares_free_plan_ends_it(meter: str, free: float) -> None:
    assert bill({f"cloudflare-{meter}": free}, BOOK, LONDON).cloudflare == 0
    assert bill({f"cloudflare-{meter}": free * 1.001}, BOOK, LONDON).cloudflare >= 5


def test_what_waits_in_the_outbox_takes_up_storage() -> None:
    stored = design("stream").usage(1_000_000)["cloudflare-object-storage"]

    # A hundredth of the messages, each escaped at worst and with what identifies it.
    assert stored == pytest.approx(10_000 * (2 * COUNTED.message_bytes + 200) / 1e9)


def test_cloudflare_charges_beyond_a_hundred_thousand_requests_a_day() -> None:
    free = bill({"cloudflare-request": 3_000_000}, BOOK, LONDON)
    paid = bill({"cloudflare-request": 12_000_000, "cloudflare-cpu": 120_000_000}, BOOK, LONDON)

    assert free.cloudflare == 0
    assert paid.cloudflare == pytest.approx(5 + 2 * 0.30 + 90 * 0.02)


def test_the_queue_is_the_first_to_cost_anything() -> None:
    assert (limits(design("stream"), BOOK, LONDON)[0].name, limits(design("drain"), BOOK, LONDON)[0].name) == (
        "SQS requests",
        "SQS requests",
    )
    assert limits(design("stream"), BOOK, LONDON)[0].exchanges == (1_000_000 - 648_000 - 5) // 3


def test_fewer_idle_polls_and_more_ratings_move_the_limit() -> None:
    polls = limits(design("stream", idle_polls=259_200), BOOK, LONDON)[0]
    ratings = limits(design("stream", ratings=0.5), BOOK, LONDON)[0]

    assert polls.exchanges == (1_000_000 - 259_200 - 5) // 3
    assert ratings.exchanges == int((1_000_000 - 648_000 - 5) / 4.5)


def test_the_original_design_is_charged_from_the_first_exchange() -> None:
    first = limits(design("original"), BOOK, LONDON)[0]

    assert (first.name, first.exchanges) == ("dynamodb-write-request, which is never free", 0)


@pytest.mark.parametrize("mode", ["stream", "drain"])
def test_one_exchange_beyond_the_limit_is_charged(mode: str) -> None:
    found = design(mode)
    first = limits(found, BOOK, LONDON)[0]

    at_limit = bill(found.usage(first.exchanges), BOOK, LONDON).by_service()["SQS"]
    beyond = bill(found.usage(first.exchanges + 1), BOOK, LONDON).by_service()["SQS"]

    assert at_limit == 0 < beyond


def test_a_region_without_prices_is_named() -> None:
    with pytest.raises(PriceBookError, match="no prices of eu-north-1, only of eu-west-2, us-east-1"):
        bill({}, BOOK, "eu-north-1")


@given(usages)
def test_nothing_is_ever_charged_below_zero(usage: dict[str, float]) -> None:
    made = bill(usage, BOOK, LONDON)

    assert all(charge >= 0 for charge in made.charges.values())
    assert made.cloudflare >= 0
    assert math.isclose(sum(made.by_service().values()), made.aws, abs_tol=1e-6)


@given(usages, st.sampled_from(sorted(BOOK.prices)), amounts)
def test_using_more_never_costs_less(usage: dict[str, float], meter: str, more: float) -> None:
    less, greater = bill(usage, BOOK, LONDON), bill({**usage, meter: usage.get(meter, 0) + more}, BOOK, LONDON)

    assert greater.aws >= less.aws - 1e-6
    assert greater.cloudflare >= less.cloudflare


@given(usages)
def test_a_bill_is_never_more_than_the_same_without_free_tiers(usage: dict[str, float]) -> None:
    undiscounted = sum(
        amount / BOOK.prices[meter].per * BOOK.prices[meter].usd[LONDON]
        for meter, amount in usage.items()
        if not meter.startswith("cloudflare")
    )

    assert bill(usage, BOOK, LONDON).aws <= undiscounted * (1 + 1e-9) + 1e-6
