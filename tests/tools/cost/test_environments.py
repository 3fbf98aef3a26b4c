"""Two environments share one account's free tiers; the cost model says which of them cost something."""

from pathlib import Path

import pytest

from cost.bill import bill, limits
from cost.design import Assumptions
from cost.environments import Pair, pairs, shared_units, with_units
from cost.free_tier_check import too_many
from cost.price_book import PriceBook, PriceBookError
from tests.tools.cost.pipeline import COUNTED, alarm, pipeline, terraform_resources

BOOK = PriceBook.load()
LONDON = "eu-west-2"


def two() -> dict[tuple[str, str], Pair]:
    alone = {(name, mode): pipeline(mode) for name in ("dev", "prod") for mode in ("stream", "drain")}
    return {(pair.dev, pair.prod): pair for pair in pairs(alone, COUNTED, BOOK, Assumptions())}  # type: ignore[arg-type]


def charged(pair: Pair, exchanges: int) -> float:
    return bill(pair.design.usage(exchanges), BOOK, LONDON).aws


def test_two_that_poll_use_up_the_free_requests_without_any_traffic() -> None:
    pair = two()["stream", "stream"]

    assert pair.design.usage(0)["sqs-fifo-request"] == pytest.approx(2 * 648_000 + 2 * 5)
    assert charged(pair, 0) == pytest.approx(0.296 * 0.5, abs=0.01)
    assert limits(pair.design, BOOK, LONDON)[0].exchanges == 0


@pytest.mark.parametrize("modes", [("drain", "stream"), ("drain", "drain")], ids="+".join)
def test_a_second_one_that_drains_adds_no_charge_for_requests(modes: tuple[str, str]) -> None:
    pair = two()[modes]

    assert charged(pair, 10_000) < 0.01
    assert limits(pair.design, BOOK, LONDON)[0].exchanges > 100_000


def test_the_free_units_of_the_table_are_shared_out_and_not_doubled() -> None:
    units = shared_units()
    pair = two()["drain", "stream"]

    assert units == {"dev": 5, "prod": 20}
    assert pair.design.per_month["dynamodb-write-unit-hour"] == 25 * 744
    assert with_units(pipeline("stream"), 5).write_units == 5
    assert not [sentence for sentence in too_many(pair.design, BOOK) if "units" in sentence]


def test_alarms_of_both_are_counted_together() -> None:
    six = [*terraform_resources(), *(alarm(f"worker: {number}") for number in range(4))]
    alone = {(name, mode): pipeline(mode, six) for name in ("dev", "prod") for mode in ("stream", "drain")}

    pair = next(pairs(alone, COUNTED, BOOK, Assumptions()))  # type: ignore[arg-type]

    assert "there are 12 alarms, and 10 are free" in list(too_many(pair.design, BOOK))


def test_another_form_of_the_shares_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("locals {}", encoding="utf-8")

    with pytest.raises(PriceBookError, match="does not say how two environments share"):
        shared_units(tmp_path / "main.tf")
