"""No text that a visitor can send makes a run fail, or takes longer than its length allows."""

from __future__ import annotations

import random
import sys
import time
import unicodedata
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made import report_of
from reporter.exchange import Exchange
from reporter.period import day_bounds, parse_day
from reporter.report.asked import AskedOverWeeks
from reporter.report.defang import defang
from reporter.report.rendering import render
from reporter.rollups.group import Group
from reporter.rollups.plain_text import plain
from reporter.rollups.questions import Questions
from reporter.rollups.rollup import Rollup
from reporter.rollups.rollup_builder import roll_up
from reporter.rollups.wording import subject
from stored import item
from weeks import SITE

ZONE = ZoneInfo("Europe/Madrid")
DAY = parse_day("2026-11-10")

# Characters whose normalization makes letters out of signs, the other way round, or nothing.
NASTY = "ℍ℃ßẞİıſΐﬃ①½㎏ﷺ\u0345\u03f4\u1e9e\u2126\u212a\u1d2c\ua7f8\u0130\u200c\u200d\u00ad\u034f\u115f\ufdd0\U000e0041"


def rolled_up(questions: list[str]) -> Rollup:
    begin, _ = day_bounds(DAY, ZONE)
    exchanges = (
        Exchange(id=str(number), moment_ms=begin + number, outcome="unanswered", question=question, session="s")
        for number, question in enumerate(questions)
    )
    return Rollup.decode(roll_up(exchanges, DAY, ZONE).encode())


@pytest.mark.parametrize("char", ["ℍ", "ℂ", "ℕ", "ℙ", "ℚ", "ℝ", "ℤ", "ℋ", "ℐ", "ℒ", "ℛ", "ℬ", "ℰ", "ℱ", "ℳ", "𝔸", "Ⓔ"])
def test_a_letter_that_is_a_capital_only_after_decomposition_has_a_stem(char: str) -> None:
    assert all(subject(f"quel est le prix de {char}"))
    assert plain(char) == plain(plain(char)) == unicodedata.normalize("NFKD", char).lower()


@pytest.mark.no_cover
def test_every_character_of_unicode_goes_from_an_item_to_the_mail() -> None:
    chars = [chr(code) for code in range(sys.maxunicode + 1)]
    chance = random.Random(7)
    frames = ["quel est le prix de {}", "{}", "wie {} ist {}", "how {}n't {}'s", "{}.{}", "what is {}@{}"]
    sampled = [chance.choice(frames).format(*[char * chance.randint(1, 4)] * 2) for char in chance.sample(chars, 2_000)]

    for begin in range(0, len(chars), 4_000):  # every one of them through what works on single characters
        text = "".join(chars[begin : begin + 4_000])
        assert "\n" not in defang(text, len(text))
        plain(text)
    report = report_of(
        item(
            f"2026-11-10T{number % 24:02d}:00",
            question,
            ("unanswered", "answered")[number % 2],
            site=SITE,
            session=question,
            visitor=question,
            sources=[question],
            country=question,
            rating=("up", "down")[number % 2],
            comment=question,
            model={"name": question},
        )
        for number, question in enumerate(sampled)
    )

    message = render(report)

    assert message.html.encode()
    assert message.text.encode()


@settings(max_examples=60)
@given(st.lists(st.text(st.characters() | st.sampled_from(NASTY), max_size=60), max_size=8))
def test_any_questions_are_rolled_up_and_reported(questions: list[str]) -> None:
    report = report_of(
        item("2026-11-10T10:00", question, "unanswered", site=SITE, session="s", comment=question, rating="down")
        for question in questions
    )

    assert all(all(group.stems) for group in report.this.questions.groups.values())
    render(report).html.encode()


def test_a_stored_rollup_with_an_empty_stem_heals() -> None:
    questions = Questions([Group(("prix",), outcomes=Counter(answered=2))]).to_json()
    questions["groups"] += [
        [["", "prix"], [False, 1, "quel est le prix de ℍ"], [0, 0, 1, 0, 0, 0], [0, 0, 0], {"counts": {}, "other": 0}],
        [[""], [True, 1, "ℍ"], [0, 0, 1, 0, 0, 0], [0, 0, 0], {"counts": {}, "other": 0}],
    ]
    week = Rollup(questions=Questions.from_json(questions))
    week.outcomes.update(answered=2, unanswered=2)

    asked = AskedOverWeeks([week, week])

    assert [each.group.count for each in asked.most_asked(10)] == [3, 1]


def words(chance: random.Random, count: int) -> str:
    """Words of one first letter and one length: all might be typos of each other."""
    return " ".join("p" + "".join(chance.choices("abcdefghij", k=9)) for _ in range(count))


def seconds_of(run: Any) -> float:
    begun = time.process_time()
    run()
    return time.process_time() - begun


def test_the_time_for_a_question_is_bounded_however_long_it_is() -> None:
    chance = random.Random(1)
    of_fifty_words = [words(chance, 50) for _ in range(60)]
    of_many = [f"{question} {words(chance, 10)}" * 1_000 for question in of_fifty_words]

    short = seconds_of(lambda: rolled_up(of_fifty_words))

    assert seconds_of(lambda: rolled_up(of_many)) < 3 * short + 1


def test_the_time_for_grouping_grows_no_faster_than_the_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reporter.rollups.questions._MOST_COMPARISONS", 3_000)
    compared = 0

    def counting_same(_first: object, _second: object) -> bool:
        nonlocal compared
        compared += 1
        return False

    monkeypatch.setattr("reporter.rollups.questions.same", counting_same)
    chance = random.Random(1)
    stems = [tuple(sorted(words(chance, 8).split())) for _ in range(2_000)]

    Questions(Group(each, outcomes=Counter(unanswered=1)) for each in stems).spellings()

    assert compared == 3_000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("हिन्दी.com", "हिन्दी[.]com"),
        ("evil。com", "evil[。]com"),
        ("evil．com", "evil[．]com"),
        ("evil｡com", "evil[｡]com"),
        ("evil․com", "evil[․]com"),
        ("cafe\u0301.com", "cafe\u0301[.]com"),
        ("evil.c\u0301om", "evil[.]c\u0301om"),
        ("x.भारत", "x[.]भारत"),
        ("例え。テスト", "例え[。]テスト"),
        ("evil.ⓒⓞⓜ", "evil[.]ⓒⓞⓜ"),
        ("evil.\u200bcom", "evil[.]com"),
        ("evil.\u200ccom", "evil[.]\u200ccom"),
        ("💩.la", "💩[.]la"),
        ("看http://evil.cn", "看http[:]//evil[.]cn"),
        ("a＠b．com", "a[＠]b[．]com"),
        ("http://127.0.0.1/", "http[:]//127[.]0[.]0[.]1/"),
    ],
)
def test_an_address_in_any_script_is_no_link(text: str, shown: str) -> None:
    assert defang(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "می‌خواهم کالا را برگردانم",
        "🫩 tired",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f England?",
        "👩‍🚀 ❤️ 🇬🇧 👍🏽",
        "你好。请问怎么退货",
        "e.g. version 1.2.3 costs 3.50",
        "क्या यह क़ीमत है?",
    ],
)
def test_other_words_are_shown_as_typed(text: str) -> None:
    assert defang(text) == text


def test_tags_outside_of_a_flag_and_marks_that_reorder_are_dropped() -> None:
    assert defang("a\U000e0067\U000e007fb \u202egnp\u2066x\ufeff\u00ad") == "ab gnpx"
    assert defang("a" + "\u0301" * 40) == "a" + "\u0301" * 8


def test_no_letter_is_cut_from_its_marks_and_no_emoji_in_two() -> None:
    for text in ("x" * 10 + "🇬🇧" * 80, "y" * 9 + "👩‍🚀" * 90, "é" * 300, "z" * 138 + "👍🏽" * 2):
        cut = defang(unicodedata.normalize("NFD", text))[:-1]
        rest = unicodedata.normalize("NFD", text)[len(cut) :]
        assert not unicodedata.combining(rest[0])
        assert rest[0] not in "\u200d🏽"
        assert not cut.endswith("\u200d")
