from __future__ import annotations

from reporter.exchange import Exchange
from reporter.rollups.pairs import Pair, Pairs
from reporter.rollups.rephrasing import Rephrasing, RephrasingWatch
from reporter.rollups.wording import subject
from reporter.topics.encoder import sentence_encoder
from reporter.topics.rephrasing import Rephrased, by_meaning

SECOND = 1000


def watched(*asked: tuple[str, str], apart_ms: int = 30 * SECOND) -> Rephrasing:
    """What the watch makes of one session's questions and outcomes."""
    watch = RephrasingWatch()
    for number, (question, outcome) in enumerate(asked):
        exchange = Exchange(str(number), number * apart_ms, outcome=outcome, question=question, session="s")
        watch.see(exchange, subject(question))
    return watch.result


def judged(rephrasing: Rephrasing) -> Rephrased:
    encoder = sentence_encoder()
    assert encoder is not None
    return by_meaning(rephrasing, encoder)


def test_other_words_for_the_same_thing_after_a_failure_are_found_by_meaning() -> None:
    result = watched(("I forgot my password", "unanswered"), ("how do I get back into my account", "answered"))

    found = judged(result)

    assert result.rephrased == 0
    assert found.count == 1
    assert [(pair.second, pair.worked) for pair in found.pairs] == [("how do I get back into my account", True)]


def test_another_question_of_the_same_visitor_is_none() -> None:
    result = watched(("I forgot my password", "unanswered"), ("do you ship to Canada", "answered"))

    assert judged(result) == Rephrased(0, 1, [])


def test_a_question_after_a_long_pause_is_no_pair() -> None:
    result = watched(("I forgot my password", "error"), ("password lost", "answered"), apart_ms=11 * 60 * SECOND)

    assert result.after_failure.count == result.after_answer.count == 0


def test_pairs_that_share_words_are_counted_by_words_and_not_judged_again() -> None:
    result = watched(("reset password", "unanswered"), ("how to reset a password please now", "answered"))

    assert (result.rephrased, result.after_failure.count) == (1, 0)


def test_what_is_left_out_of_the_sample_is_counted_by_its_share() -> None:
    pairs = Pairs(300, [Pair(n, "I forgot my password", "how do I get back into my account", True) for n in range(3)])

    assert judged(Rephrasing(after_failure=pairs)).count == 300


def test_a_sample_does_not_depend_on_the_order_of_days() -> None:
    days = [Pairs(3, [Pair(10 * day + n, "a", f"b {n}", True) for n in range(3)]) for day in range(4)]
    forwards, backwards = Pairs(), Pairs()
    for day in days:
        forwards.merge(day)
    for day in reversed(days):
        backwards.merge(day)
    forwards.shrink(5)
    backwards.shrink(5)

    assert forwards == backwards == Pairs.from_json(forwards.to_json())
    assert forwards.count == 12


def test_rollups_of_earlier_versions_have_no_pairs() -> None:
    assert Rephrasing.from_json({"followable": 3, "rephrased": 1, "chains": []}).after_failure == Pairs()
