import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_worker.identifier import is_id, new_id

times = st.integers(min_value=0, max_value=0xDFFF_FFFF_FFFF)
noise = st.binary(min_size=10, max_size=10)


@given(times, noise)
def test_an_id_is_a_uuid_of_version_7_that_carries_its_time(unix_ms: Any, random: Any) -> None:
    made = uuid.UUID(new_id(unix_ms, random))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == unix_ms


@given(times, noise)
def test_an_id_is_recognised_as_one(unix_ms: Any, random: Any) -> None:
    assert is_id(new_id(unix_ms, random))


@given(times, noise, noise)
def test_different_noise_makes_different_ids(unix_ms: Any, one: Any, other: Any) -> None:
    # 74 of the 80 random bits are used.
    used = (1 << 80) - 1 ^ 0x3F << 62
    assume_different = (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")) & used
    assert (new_id(unix_ms, one) != new_id(unix_ms, other)) == bool(assume_different)


def test_ids_sort_by_time() -> None:
    assert new_id(1, b"\xff" * 10) < new_id(2, b"\x00" * 10)


@pytest.mark.parametrize("unix_ms", [-1, 0xE000_0000_0000])
def test_a_time_that_no_id_can_carry_is_refused(unix_ms: int) -> None:
    with pytest.raises(ValueError, match="not a time"):
        new_id(unix_ms, bytes(10))


def test_too_few_random_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="10 random bytes"):
        new_id(0, bytes(9))


@pytest.mark.parametrize(
    "value",
    [None, 7, "", "019aa6c5-1c00-4abc-8def-0123456789ab", "019AA6C5-1C00-7ABC-8DEF-0123456789AB", "x"],
)
def test_other_values_are_no_ids(value: int | str | None) -> None:
    assert not is_id(value)


def test_the_example_of_the_standard() -> None:
    """RFC 9562, appendix A.6: its 12 and 62 random bits, with six between them that are not used."""
    random = (0xCC3 << 68 | 0x18C4DC0C0C07398F).to_bytes(10, "big")

    assert new_id(0x017F22E279B0, random) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
