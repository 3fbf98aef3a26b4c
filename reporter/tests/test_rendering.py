"""The message as a whole: golden files, hostile visitors, empty and first weeks, size."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made import full_report, report_of
from reporter.report.defang import defang
from reporter.report.rendering import LARGEST_MESSAGE_BYTES, encoded_bytes, render
from stored import item
from weeks import SITE

if TYPE_CHECKING:
    from reporter.mailer import Message

EXPECTED = Path(__file__).parent / "expected"

HOSTILE = [
    "<script>alert(1)</script>",
    "</td></tr></table><h1>Your account is closed</h1>",
    '" onmouseover="alert(1)',
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "Visit https://evil.example.com/?a=b&c=d now",
    "www.evil.example.com or mail me@evil.example.com or javascript:alert(1)",
    "abc\u202egnp.exe\u202c \u2066\u2067hidden\u2069 \u200f\u200e",
    "A" * 500,
    "👩‍👩‍👧‍👦" * 60,
    "Subject: you won\r\nBcc: everybody@example.com\r\n\r\nbody",
    "\x00\x1b[31mred\x07",
    "𝕳𝖊𝖑𝖑𝖔 ﷽ Z̷̢̛͔͖̗a̸l̴g̶o̵",
    "&lt;b&gt;already escaped&lt;/b&gt;",
    "<!--[if mso]><b>Outlook</b><![endif]-->",
    "---\n\n=== \n# heading",
]


class Tags(HTMLParser):
    """Collects what an HTML reader would see as markup, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def read(message: Message) -> Tags:
    tags = Tags()
    tags.feed(message.html)
    return tags


def hostile_message(words: str) -> Message:
    items = [
        item(
            f"2026-11-1{number}T10:00",
            words or None,
            "unanswered",
            site=SITE,
            session="s",
            rating="down",
            comment=words or None,
            sources=[words[:100] or "source"],
            referrer=words[:100] or "host",
            model={"name": words[:100] or "model"},
        )
        for number in range(3)
    ]
    items.append(item("2026-11-10T11:00", words or None, site=SITE, bot=words or "bot"))
    return render(report_of(items))


@pytest.mark.parametrize("ending", ["html", "txt"])
def test_the_message_is_as_it_was_when_somebody_last_looked_at_it(ending: str, request: pytest.FixtureRequest) -> None:
    message = render(full_report())

    told = {"html": message.html, "txt": f"Subject: {message.subject}\n\n{message.text}"}[ending]

    golden = EXPECTED / f"weekly.{ending}"
    if request.config.getoption("--write-golden"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_what_a_visitor_types_is_text_and_nothing_else(words: str) -> None:
    harmless = read(hostile_message("a plain question"))

    message = hostile_message(words)

    found = read(message)
    assert set(found.tags) <= set(harmless.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert not {"href", "src"} & {name for name, _ in found.attributes}
    for part in (found.text, message.text):
        assert "evil.example.com" not in part
        assert "https://" not in part
        assert not set("\u202e\u202c\u2066\u2067\u2069\u200f\u200e\x00\x1b\x07\r") & set(part)
    assert message.subject == f"{SITE}, week 46: 3 questions, 3 without a good answer"
    assert encoded_bytes(message) <= LARGEST_MESSAGE_BYTES


@settings(max_examples=40)
@given(st.text(max_size=300))
def test_any_words_leave_the_mail_whole(words: str) -> None:
    message = hostile_message("".join(char for char in words if not "\ud800" <= char <= "\udfff"))

    found = read(message)
    assert found.tags.count("h1") == 1
    assert found.text.rstrip().endswith("are no links.")
    assert message.html.encode("utf-8")


@given(st.text(max_size=600))
def test_typed_words_are_one_short_line_without_addresses(words: str) -> None:
    shown = defang(words)

    assert "\n" not in shown
    assert "://" not in shown
    assert len(shown) <= 140 * 3


def test_the_mail_loads_nothing_and_links_nowhere() -> None:
    found = read(render(full_report()))

    assert not {"img", "link", "script", "iframe", "a", "object", "form"} & set(found.tags)
    assert "url(" not in render(full_report()).html


def test_the_largest_mail_is_shown_whole_by_mail_programs() -> None:
    words = ["é" * 200 + f" {number}" for number in range(400)]
    items = [
        item(
            f"2026-11-1{number % 6}T{number % 24:02d}:00",
            f"{words[number]} {chr(0x5B57 + number)}" * 2,
            ("unanswered", "answered", "partial", "error", "abandoned", "refused")[number % 6],
            site=SITE,
            session=f"s{number // 2}",
            rating=("up", "down")[number % 2],
            comment=words[number] + "ü" * 90,
            sources=[f"{number} " + "ö" * 90],
            country=f"A{chr(65 + number % 26)}",
            referrer="r" * 200 + str(number),
            model={"name": "m" * 90 + str(number)},
        )
        for number in range(400)
    ]

    message = render(report_of(items, usage=full_report().data.usage))

    assert encoded_bytes(message) <= LARGEST_MESSAGE_BYTES


def test_an_empty_week_reads_well() -> None:
    message = render(report_of([]))

    assert message.subject == f"{SITE}, week 46: no questions"
    assert "Nobody asked anything" in message.html
    assert "Nobody asked anything" in message.text
    assert "What was asked" not in message.html
    assert "%" not in message.text.replace("(95 %)", "")


def test_a_first_week_claims_no_change() -> None:
    items = [item(f"2026-11-1{number}T10:00", site=SITE) for number in range(5)]

    message = render(report_of(items))

    assert "The first week: there is nothing to compare it with yet." in message.text
    assert "last week" not in message.text


def test_few_questions_get_numbers_and_no_percentages() -> None:
    items = [item("2026-11-10T10:00", site=SITE), item("2026-11-11T10:00", site=SITE)]
    items.append(item("2026-11-03T10:00", site=SITE))

    message = render(report_of(items))

    assert re.search(r"Questions +2 +last week 1\n", message.text)
    assert re.search(r"Without a good answer +0 of 2 +last week 0 of 1\n", message.text)


def test_no_p99_of_fewer_than_a_hundred_answers() -> None:
    items = [
        item(f"2026-11-10T10:{number % 60:02d}", site=SITE, latency_ms={"total": 100.0 + number})
        for number in range(99)
    ]

    told = [render(report_of(items[:count])).text for count in (19, 20, 99)]

    assert ["19 of 20 within" in text for text in told] == [False, True, True]
    assert ["99 of 100 within" in text for text in told] == [False, False, False]


def test_a_sample_is_named_as_one() -> None:
    items = [item("2026-11-10T10:00", site=SITE, sample_rate=0.25) for _ in range(3)]

    assert "it stands for about 12." in render(report_of(items)).text


def test_a_mail_in_scripts_that_take_most_bytes_is_shown_whole() -> None:
    items = [
        item(
            f"2026-11-1{number % 6}T{number % 24:02d}:00",
            "".join(chr(0x4E00 + (number * 97 + each * 31) % 20_000) for each in range(160)),
            ("unanswered", "answered")[number % 2],
            site=SITE,
            session=f"s{number}",
            rating="down",
            comment="𠀀" * 200,
            sources=["源" * 100 + str(number % 40)],
            referrer="主" * 60 + str(number % 30),
        )
        for number in range(300)
    ]

    message = render(report_of(items, usage=full_report().data.usage))

    assert encoded_bytes(message) <= LARGEST_MESSAGE_BYTES
    assert "How the pipeline did" in message.html


def test_silence_is_the_first_thing_to_do_in_both_parts() -> None:
    items = [item(f"2026-11-0{2 + number % 7}T10:00", site=SITE) for number in range(40)]

    message = render(report_of(items, dead_letters=3))

    assert message.subject.endswith("week 46: no questions, 40 the week before")
    for part in (message.text, read(message).text):
        assert "1. Check that the chatbot works" in part
        assert "40 questions last week, 0 now." in " ".join(part.split())
        assert "nothing to do" not in part


def test_errors_and_abandoned_count_as_without_a_good_answer() -> None:
    outcomes = ["error"] * 20 + ["abandoned"] * 16 + ["unanswered"] * 4 + ["answered"] * 60
    items = [item("2026-11-10T10:00", outcome=outcome, site=SITE) for outcome in outcomes]

    assert "100 questions, 40% without a good answer" in render(report_of(items)).subject


def test_one_persons_thirty_questions_weigh_as_one_person() -> None:
    items = [item("2026-11-10T10:00", "Does it fly?", "unanswered", site=SITE, session="one") for _ in range(30)]
    items += [item("2026-11-10T11:00", "Is it blue?", "unanswered", site=SITE, session=f"s{n}") for n in range(4)]
    items += [item("2026-11-10T12:00", "What does it cost?", site=SITE, session=f"t{n}") for n in range(99)]

    report = report_of(items)

    assert [each.example for each in report.asked.gaps(2)][:1] == ["Is it blue?"]
    assert report.asked.gaps(9)[0].group.sessions == 4


def test_what_is_always_answered_and_always_rated_down_is_a_gap_with_its_comment() -> None:
    question = {"site": SITE, "rating": "down", "comment": "Wrong year!"}
    items = [item("2026-11-10T10:00", "When was it founded?", session=f"s{n}", **question) for n in range(3)]
    items += [item("2026-11-10T11:00", "When was it founded?", session=f"t{n}", site=SITE) for n in range(9)]

    text = render(report_of(items)).text.replace("\n   ", "")

    assert "Correct the answer to “When was it founded?”" in text
    assert "rated down 3× and up 0×. “Wrong year!”" in text


def test_an_outcome_of_a_later_version_is_counted_and_named() -> None:
    items = [item("2026-11-10T10:00", outcome="escalated", site=SITE), item("2026-11-10T10:00", site=SITE)]

    report = report_of(items)

    assert report.this.exchanges == 2
    assert "other: escalated" in render(report).text
    assert "1 other" in render(report).text or "other" in render(report).text


def test_visitors_who_opted_out_are_told_from_requests_without_a_question() -> None:
    items = [item("2026-11-10T10:00", None, site=SITE), item("2026-11-10T10:00", None, site=SITE, visitor="v")]

    text = render(report_of(items)).text

    assert "1 question of visitors who asked not to be recorded." in text
    assert "1 request without a question that could be read." in text


def test_switching_sampling_on_is_no_fall() -> None:
    items = [item(f"2026-11-0{2 + n % 7}T10:00", site=SITE, session=f"a{n}") for n in range(400)]
    items += [item(f"2026-11-{9 + n % 7:02d}T10:00", site=SITE, session=f"b{n}", sample_rate=0.25) for n in range(100)]

    report = report_of(items)

    assert "400 questions" in render(report).subject
    assert report.real_changes == frozenset()


def test_times_are_those_of_answers_and_waits_that_were_given_up_stand_apart() -> None:
    items = [item("2026-11-10T10:00", site=SITE, latency_ms={"total": 100.0}) for _ in range(30)]
    for outcome in ("abandoned", "refused", "error"):
        items += [item("2026-11-10T10:00", outcome=outcome, site=SITE, latency_ms={"total": 9000.0}) for _ in range(9)]

    text = render(report_of(items)).text.replace("\n  ", " ")

    assert "19 of 20 within 100 ms" in text or "19 of 20 within 99 ms" in text
    assert "Half of those who left had waited 9.0 s" in text or "Half of those who left had waited 8.9 s" in text


def test_failed_messages_of_all_sites_hide_no_losses_of_one() -> None:
    items = [item("2026-11-10T10:00", site=SITE) for _ in range(100)]
    for number, each in enumerate(items):
        each["origins"] = {f"isolate0/{number + 1 + 20 * (number > 50)}"}

    text = render(report_of(items, dead_letters=20)).text

    assert "20 missing" in text
    assert "20 failed messages of all sites" in text.replace("\n    ", " ")
