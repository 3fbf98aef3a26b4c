from __future__ import annotations

from reporter.exchange import Exchange
from reporter.rollups.rephrasing import WITHIN_MS, Rephrasing, RephrasingWatch
from reporter.rollups.wording import subject

MINUTE_MS = 60_000


def watch(*asked: tuple[float, str, str], session: str | None = "s") -> Rephrasing:
    """Follow questions given as minute, words and outcome."""
    following = RephrasingWatch()
    for minute, question, outcome in asked:
        exchange = Exchange(
            id="x",
            moment_ms=round(minute * MINUTE_MS),
            outcome=outcome,
            question=question,
            session=session,
        )
        following.see(exchange, subject(question))
    return following.result


def test_other_words_for_the_same_after_a_failure_are_a_rephrasing_and_the_last_may_work() -> None:
    found = watch(
        (0, "send to oslo", "unanswered"),
        (1, "shipping to oslo", "unanswered"),
        (2, "shipping to norway oslo", "answered"),
    )

    (chain,) = found.chains
    assert (found.followable, found.rephrased) == (3, 2)
    assert chain.questions == ["send to oslo", "shipping to oslo", "shipping to norway oslo"]
    assert chain.worked


def test_another_subject_is_no_rephrasing() -> None:
    found = watch((0, "Can I pay by card?", "unanswered"), (1, "Where is my parcel?", "answered"))

    assert found.rephrased == 0


def test_a_follow_up_after_a_good_answer_is_no_rephrasing() -> None:
    found = watch((0, "Can I pay by card?", "answered"), (1, "Can I pay by invoice?", "answered"))

    assert found.rephrased == 0


def test_the_same_text_again_is_a_retry_and_keeps_the_chain() -> None:
    found = watch((0, "send to oslo", "error"), (1, "Send to Oslo", "error"), (2, "oslo shipping", "answered"))

    assert found.rephrased == 1


def test_after_ten_minutes_or_in_another_session_it_is_a_new_visit() -> None:
    late = (WITHIN_MS + 1) / MINUTE_MS

    assert watch((0, "send oslo", "error"), (late, "oslo shipping", "answered")).rephrased == 0
    assert watch((0, "send oslo", "error"), (1, "oslo ship", "error"), session=None).rephrased == 0


def test_a_chain_that_did_not_end_well_did_not_work() -> None:
    found = watch((0, "send to oslo", "unanswered"), (1, "shipping to oslo", "partial"))

    assert [chain.worked for chain in found.chains] == [False]
