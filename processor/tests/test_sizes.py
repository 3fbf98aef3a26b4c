"""The size of an item, held against DynamoDB's rules."""

from decimal import Decimal

import pytest

from factories import body, exchange, feedback
from operations.sizes import item_size, measure


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ({"ab": "xyz"}, 5),
        ({"ab": "é词"}, 7),
        ({"n": 0}, 4),
        ({"n": 123456}, 6),
        ({"n": Decimal("0.87")}, 4),
        ({"s": {"ab", "c"}}, 4),
        ({"l": ["ab", "c"]}, 9),
        ({"m": {"ab": "c"}}, 8),
    ],
)
def test_a_size_is_that_of_names_and_values(attributes: dict[str, object], size: int) -> None:
    assert item_size(attributes) == size


def test_messages_are_measured_as_they_are_stored() -> None:
    other = "019aa6c5-1c00-7abc-8def-00000000000b"

    sizes = measure([body(exchange()), body(feedback()), body(exchange(id=other, question="词" * 500))])

    assert (sizes.items, sizes.one_unit, sizes.units) == (2, 1, {"1": 1, "2": 1})
    assert 1024 < sizes.largest_bytes < 2048
