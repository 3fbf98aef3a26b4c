"""Which wordings are one question, in many scripts, and which look alike and are not."""

from __future__ import annotations

from pathlib import Path

import pytest
import snowballstemmer
from hypothesis import given
from hypothesis import strategies as st

from reporter.rollups.languages import stem
from reporter.rollups.plain_text import plain
from reporter.rollups.vocabulary import vocabulary
from reporter.rollups.wording import subject
from test_grouping import grouped

LOOKALIKES = (Path(__file__).parent / "data" / "look-alikes.txt").read_text(encoding="utf-8").strip().split("\n")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("I cannot log in", "I can't log in"),
        ("I cannot log in", "I can’t log in"),
        ("I cannot log in", "I can not log in"),
        ("Why won't it start?", "Why will it not start?"),
        ("Why wont it start", "Why won’t it start?"),
        ("I shan't pay", "I shall not pay"),
        ("Isn't it open?", "Is it not open?"),
        ("it doesn’t work", "it does not work"),
        ("كيف أعيد المنتج؟", "كَيْفَ أُعِيدُ المُنْتَجَ؟"),
        ("كيف أعيد المنتج؟", "كيف اعيد المنتج"),
        ("איך מחזירים מוצר?", "אֵיךְ מַחֲזִירִים מוּצָר?"),
        ("iade nasıl yapılır", "IADE NASIL YAPILIR"),
        ("İADE SÜRESİ", "iade süresi"),
        ("如何退货", "怎么退货"),
        ("Ёлка где?", "где елка"),
        ("Πού είναι η παραγγελία;", "που ειναι η παραγγελια"),
    ],
)
def test_two_spellings_of_a_question_are_one_wording(first: str, second: str) -> None:
    assert len({*grouped([first, second])}) == 1


@pytest.mark.parametrize("pair", LOOKALIKES)
def test_look_alikes_are_two_wordings(pair: str) -> None:
    assert len({*grouped(pair.split(" | "))}) == 2


@pytest.mark.parametrize("text", ["मुझे नया पासवर्ड चाहिए", "ราคาเท่าไหร่", "நான் எப்படி", "မင်္ဂလာပါ"])
def test_a_word_keeps_its_vowel_signs(text: str) -> None:
    stems = subject(text)

    assert all(not stem.startswith(tuple("\u093f\u093e\u0e31\u0e34\u0bbe\u1039")) for stem in stems)
    assert all(set(stem) <= set(plain(text)) for stem in stems)


@pytest.mark.parametrize("number", ["0", "42", "1000000", "20261114000123456789"])
def test_a_number_is_its_own_stem_in_every_language(number: str) -> None:
    for language in vocabulary().stop_words:
        assert stem(number, language) == snowballstemmer.stemmer(language).stemWord(number) == number


@given(st.text(max_size=200))
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)
