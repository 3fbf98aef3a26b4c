"""The mail in a real browser: pictures to look at in build/pictures, and what can be measured."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from made import full_report, report_of
from reporter.report.rendering import render
from test_rendering import HOSTILE, hostile_message

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = Path(__file__).parents[1] / "build" / "pictures"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium: install it (Debian: apt-get install chromium) to look"
)

# Every piece of text with its colour, what is behind it, its size, and whether it sticks out.
MEASURE = """
() => {
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$/.test(colour) && colour !== 'transparent') return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const channels = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    if (!text) continue;
    const element = walker.currentNode.parentElement;
    const style = getComputedStyle(element);
    if (parseFloat(style.fontSize) === 0) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    found.push({
      text: text.slice(0, 60),
      colour: channels(style.color),
      behind: channels(behind(element)),
      pixels: parseFloat(style.fontSize),
      bold: parseInt(style.fontWeight) >= 700,
      left: box.left,
      right: box.right,
    });
  }
  return {texts: found, width: document.documentElement.scrollWidth};
}
"""


def luminance(channels: list[float]) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    scaled = [channel / 255 for channel in channels]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in scaled]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(text: dict[str, Any]) -> float:
    """Contrast ratio as WCAG 2.2 defines it."""
    darker, lighter = sorted((luminance(text["colour"]), luminance(text["behind"])))
    return (lighter + 0.05) / (darker + 0.05)


@cache
def messages() -> dict[str, str]:
    return {
        "full": render(full_report()).html,
        "empty": render(report_of([])).html,
        "hostile": hostile_message(HOSTILE[7]).html,
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 800])
@pytest.mark.parametrize("name", ["full", "empty", "hostile"])
def test_the_mail_fits_and_can_be_read(browser: Browser, name: str, width: int, theme: Any) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
    page.set_content(messages()[name])
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png", full_page=True)

    measured = page.evaluate(MEASURE)

    page.close()
    assert measured["width"] <= width
    assert [text for text in measured["texts"] if text["right"] > width or text["left"] < 0] == []
    large = [text["pixels"] >= 24 or (text["bold"] and text["pixels"] >= 18.66) for text in measured["texts"]]
    faint = [
        (text["text"], round(contrast(text), 2))
        for text, is_large in zip(measured["texts"], large, strict=True)
        if contrast(text) < (3 if is_large else 4.5)
    ]
    assert faint == []
