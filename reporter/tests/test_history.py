"""The page of all weeks: one file without anything remote, right numbers, readable in a browser and on paper."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from made import full_report
from reporter.__main__ import main
from reporter.report.history import PastWeek, render_history
from reporter.report.rendering import render
from stored import item
from test_pictures import CHROMIUM, MEASURE, PICTURES, contrast
from test_weekly import MONDAY, SITE, run

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

HOSTILE_SITE = "a</title><script>alert(1)</script>"


def weeks(count: int) -> list[PastWeek]:
    message = render(full_report())
    made = []
    for number in range(count):
        asked = 100 + number * 7
        figures: dict[str, float] = {"questions": asked, "recorded": asked, "without_good_answer": 20 - number % 9}
        figures |= {"up": 10, "down": number % 4, "visitors": 80 + number, "p95_ms": 900 + 31 * (number % 5)}
        known = figures if number != 4 else {"questions": 3}
        html = message.html if number > count - 3 else ""
        made.append(PastWeek(f"2026-W{number + 1:02d}", known, message.subject, html))
    return made


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def read(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def test_every_week_is_in_the_plots_and_in_the_table() -> None:
    page = render_history(SITE, weeks(30), "now")

    assert page.count("<svg") == 5
    assert page.count("<circle") == 30 + 4 * 29
    for number in range(30):
        assert f"<td>2026-W{number + 1:02d}</td>" in page
    assert "<title>2026-W30: 303</title>" in page


@pytest.mark.parametrize("count", [0, 1, 2, 53])
def test_any_number_of_weeks_makes_a_page(count: int) -> None:
    page = render_history(SITE, weeks(count), "now")

    assert page.count("<details") == min(count, 2)
    coordinates = re.findall(r'(?:cx|cy|points)="([^"]*)"', page)
    assert not re.search("nan|inf", " ".join(coordinates))


def test_nothing_is_remote_and_nothing_runs() -> None:
    found = read(render_history(HOSTILE_SITE, weeks(8), "now"))

    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & set(found.tags)
    assert not {"src", "srcset", "onload"} & {name for name, _ in found.attributes}
    assert found.tags.count("h1") == 3  # the page's own, and two mails'
    assert "url(" not in render_history(SITE, weeks(8), "now")


def test_the_command_writes_all_weeks_of_the_table(
    table: Any, mails: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table.put_item(Item=item("2026-11-10T10:00", "Where is my parcel?"))
    run({"report": "weekly"})
    table.put_item(Item=item("2026-11-17T10:00", "Is it blue?"))
    run({"report": "weekly"}, MONDAY.replace(day=23), by="next")
    index = tmp_path / "report" / "index.html"
    keys = {"pk": f"site#{SITE}#report", "sk": "week#2026-W30"}
    table.put_item(Item=keys | {"reported": {"2026-W30": 17}, "sent": True})

    assert main(["write", "--week", "2026-W47", "--out", str(tmp_path), "--index", str(index)]) == 0

    page = index.read_text(encoding="utf-8")
    assert str(index) in capsys.readouterr().out
    assert "Where is my parcel?" in page
    assert "Is it blue?" in page
    assert re.search(r"<td>2026-W30</td>\s*<td>17</td>", page)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: install it (Debian: apt-get install chromium) to look")
@pytest.mark.parametrize("width", [375, 1000])
def test_the_page_fits_and_can_be_read(browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.set_content(render_history(SITE, weeks(30), "now"))
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"history-{width}.png", full_page=True)

    measured = page.evaluate(MEASURE)
    page.emulate_media(media="print")
    printed = page.pdf()

    page.close()
    assert requested == []
    assert measured["width"] <= width
    outside = [text for text in measured["texts"] if contrast(text) < 4.5 and text["pixels"] < 24]
    assert [text["text"] for text in outside] == []
    assert printed.startswith(b"%PDF")
