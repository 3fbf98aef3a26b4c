from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_worker.retrieval import Index, terms

KNOWN = [
    "My computer won't turn on.",
    "I forgot my password.",
    "My printer is not printing.",
    "What is a computer?",
    "Who invented computers?",
    "tell me about venus",
]
words = st.text("abcdefghij ", min_size=1, max_size=30)


@pytest.mark.parametrize("position", range(len(KNOWN)))
def test_a_known_question_finds_itself_with_full_score(position: Any) -> None:
    match = Index(KNOWN).search(KNOWN[position])

    assert match
    assert match.position == position
    assert match.score == pytest.approx(1)


@pytest.mark.parametrize(
    ("question", "position"),
    [("forgot the passwords", 1), ("COMPUTER WON’T TURN ON!!", 0), ("printer not printing", 2)],
)
def test_the_same_question_in_other_words_finds_it(question: str, position: int) -> None:
    match = Index(KNOWN).search(question)

    assert match
    assert match.position == position
    assert match.score > 0.6


def test_function_words_alone_make_a_weak_match() -> None:
    match = Index(KNOWN).search("tell me about mars")

    assert match
    assert match.score < 0.4


def test_no_common_word_is_no_match() -> None:
    assert Index(KNOWN).search("étude") is None


def test_an_empty_index_finds_nothing() -> None:
    assert Index([]).search("anything") is None


@given(st.lists(words, max_size=10), words)
def test_a_score_is_between_zero_and_one(texts: Any, question: Any) -> None:
    match = Index(texts).search(question)

    assert match is None or 0 < match.score <= 1


@given(st.lists(words.filter(str.strip), min_size=1, max_size=10), st.data())
def test_every_indexed_text_is_found_by_its_own_words(texts: Any, data: Any) -> None:
    question = data.draw(st.sampled_from(texts))

    match = Index(texts).search(question)

    assert match
    assert sorted(terms(texts[match.position])) == sorted(terms(question)) or match.score == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Batteries, PRINTERS' boxes", ["battery", "printer", "boxe"]),
        ("It's the bus’s glass", ["it", "the", "bus", "glass"]),
        ("ｆｕｌｌ ｗｉｄｔｈ", ["full", "width"]),
        ("パスワードを", ["パス", "スワ", "ワー", "ード", "ドを"]),
        ("¿Qué?", ["qué"]),
        ("…", []),
    ],
)
def test_words_are_compared_without_case_width_and_plural(text: str, expected: list[Any]) -> None:
    assert terms(text) == expected
