import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_worker.redaction import redact
from edge_worker.redaction.owner_patterns import OwnerPatterns

LOOKED_AT = 1000


def test_the_owners_patterns_are_cut_out_in_every_spelling() -> None:
    patterns = OwnerPatterns.parse(r'["EMP-\\d{4,8}", "(?i)project (?:falcon|heron)"]')

    assert redact("EMP-123456 of Project Heron, EMP-１２３４", patterns) == "[redacted] of [redacted], [redacted]"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("EMP", "not JSON"),
        ('{"a": 1}', "not a list"),
        ("[1]", "not a list"),
        ("[" * 100_000, "not JSON"),
        ('["("]', "no regular expression"),
        ('["a*"]', "without end|nothing"),
        (r'["(a+)+$"]', "without end"),
        (r'["(?:a|a)*b"]', "without end"),
        (r'["x\\w+"]', "without end"),
        (r'["(?:a{1,30}){1,30}b"]', "steps"),
        (r'["(a|aa){1,30}b"]', "steps"),
        (r'["\\d{0,60}\\d{0,60}\\d{0,60}x"]', "steps"),
        (r'["(a)\\1"]', "refers to a group"),
        ('["a?"]', "nothing"),
        ("[" + ",".join(['"a"'] * 21) + "]", "more than 20"),
    ],
)
def test_a_pattern_that_could_take_long_is_refused(value: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        OwnerPatterns.parse(value)


@given(st.from_regex(r"([ab.]|\\d|\(a\|b\)|\[ab\])(\{[0-4],[4-8]\})?([ab])(\{1,[4-9]\})?c", fullmatch=True))
def test_an_accepted_pattern_is_quick_on_every_text(source: str) -> None:
    try:
        patterns = OwnerPatterns.parse(f"[{source!r}]".replace("'", '"').replace("\\\\", "\\\\\\\\"))
    except ValueError:
        return
    begun = time.process_time()

    for piece in ("a", "b", "ab", "1"):
        redact((piece * LOOKED_AT)[:LOOKED_AT], patterns)

    # Backtracking would take minutes.
    assert time.process_time() - begun < 10
