from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_worker.text import clean, clip

any_text = st.text(st.characters(codec=None))


@given(any_text)
def test_a_cleaned_text_can_be_sent_in_any_encoding(text: Any) -> None:
    cleaned = clean(text)

    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert not {chr(c) for c in (*range(9), *range(11, 32), 0x7F, 0xFFFE, 0xFFFF)} & set(cleaned)


@given(any_text, st.integers(min_value=1, max_value=40))
def test_a_clipped_text_is_never_longer_than_asked(text: Any, length: Any) -> None:
    clipped = clip(text, length)

    assert clipped is None or 0 < len(clipped) <= length


def test_a_text_that_is_cut_ends_in_an_ellipsis() -> None:
    assert clip("a long question", 7) == "a long…"


def test_a_text_that_fits_is_left_alone() -> None:
    assert clip("a question", 10) == "a question"


@pytest.mark.parametrize("text", [None, "", "  \n", "\x00"])
def test_nothing_stays_nothing(text: str | None) -> None:
    assert clip(text, 10) is None


def test_a_pair_of_surrogates_becomes_the_character_it_means() -> None:
    assert clean("\ud83d\ude00") == "😀"


def test_half_a_pair_of_surrogates_is_replaced() -> None:
    assert clean("a\ud83db") == "a\ufffdb"
