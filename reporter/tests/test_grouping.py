from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.exchange import Exchange
from reporter.rollups.questions import Questions
from reporter.rollups.wording import is_typo, key, subject

DATA = Path(__file__).parent / "data"


def blocks(name: str = "questions.txt") -> list[list[str]]:
    """The labelled questions: one list of wordings for each."""
    text = (DATA / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return [part.split("\n") for part in "\n".join(lines).strip().split("\n\n")]


def grouped(questions: list[str]) -> list[str]:
    """The name of the group of each question."""
    asked = Questions()
    for number, question in enumerate(questions):
        exchange = Exchange(id=str(number), moment_ms=number, outcome="answered", question=question)
        asked.add(exchange, subject(question))
    spellings = asked.spellings()
    return [spellings[key(subject(question))] for question in questions]


@pytest.mark.parametrize(
    ("name", "least_precision", "least_recall"),
    [("questions.txt", 0.99, 0.95), ("questions-unseen.txt", 0.9, 0.7)],
)
def test_wordings_of_one_question_meet_and_different_questions_do_not(
    name: str, least_precision: float, least_recall: float, capsys: pytest.CaptureFixture[str]
) -> None:
    labelled = [(wording, number) for number, block in enumerate(blocks(name)) for wording in block]

    groups = grouped([wording for wording, _ in labelled])

    pairs = list(combinations(zip(labelled, groups, strict=True), 2))
    together = [(a, b) for (a, group), (b, other) in pairs if group == other]
    alike = sum(a[1] == b[1] for (a, _), (b, _) in pairs)
    right = sum(a[1] == b[1] for a, b in together)
    precision, recall = right / len(together), right / alike
    wrong = [f"{a[0]!r} = {b[0]!r}" for a, b in together if a[1] != b[1]]
    with capsys.disabled():
        print(
            f"\n{name}: {len(labelled)} wordings of {len(blocks(name))} questions,"
            f" precision {precision:.3f}, recall {recall:.3f}; wrongly together: {wrong}"
        )
    assert precision >= least_precision
    assert recall >= least_recall


def test_grouping_does_not_depend_on_the_order_of_asking() -> None:
    questions = [wording for block in blocks() for wording in block]
    shuffled = random.Random(7).sample(questions, len(questions))

    groups = dict(zip(shuffled, grouped(shuffled), strict=True))

    assert [groups[question] for question in questions] == grouped(questions)


@given(st.text(max_size=500))
def test_every_text_has_a_subject_whatever_is_around_it(text: str) -> None:
    stems = subject(text)

    assert stems
    assert len(key(stems)) <= 200
    assert subject(f"  {text}\n") == stems


@pytest.mark.parametrize(
    ("word", "other"),
    [("import", "export"), ("enable", "disable"), ("install", "uninstall"), ("upload", "unload"),
     ("form", "from"), ("cat", "car"), ("2024", "2025"), ("house", "mouse"), ("price", "prize")],
)  # fmt: skip
def test_words_that_look_alike_but_differ_are_no_typos(word: str, other: str) -> None:
    assert not is_typo(word, other)
    assert not is_typo(other, word)


@pytest.mark.parametrize(
    ("word", "typo"),
    [("parcel", "parcle"), ("password", "pasword"), ("address", "adress"), ("refund", "refnd"),
     ("subscription", "subscribtion"), ("founder", "found"), ("student", "studnet")],
)  # fmt: skip
def test_usual_slips_are_typos(word: str, typo: str) -> None:
    assert is_typo(word, typo)
    assert is_typo(typo, word)
