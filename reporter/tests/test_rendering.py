"""The message as a whole: golden files, hostile visitors, empty and first weeks, size."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made import full_report, report_of
from reporter.report.defang import defang
from reporter.report.rendering import LARGEST_MESSAGE_BYTES, render
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
    assert message.subject == f"{SITE}, week 46: 3 questions, 3 unanswered"
    assert len(message.html.encode()) < LARGEST_MESSAGE_BYTES


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

    assert len(message.html.encode()) < LARGEST_MESSAGE_BYTES


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

    assert "Questions             2  last week 1" in message.text
    assert "Answered         2 of 2  last week 1 of 1" in message.text


def test_no_p99_of_fewer_than_a_hundred_answers() -> None:
    items = [
        item(f"2026-11-10T10:{number % 60:02d}", site=SITE, latency_ms={"total": 100.0 + number})
        for number in range(99)
    ]

    told = [render(report_of(items[:count])).text for count in (19, 20, 99)]

    assert ["p95  – (19 of 20 needed)" in text for text in told] == [True, False, False]
    assert "p99  – (99 of 100 needed)" in told[2]


def test_a_sample_is_named_as_one() -> None:
    items = [item("2026-11-10T10:00", site=SITE, sample_rate=0.25) for _ in range(3)]

    assert "it stands for about 12 questions" in render(report_of(items)).text
