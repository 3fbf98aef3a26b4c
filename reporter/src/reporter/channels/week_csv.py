"""The week as a table for a spreadsheet: what was asked, and what became of it."""

from __future__ import annotations

import csv
import io
import re
import sys
from typing import TYPE_CHECKING, Final

from reporter.exchange import OTHER_OUTCOME, OUTCOMES

if TYPE_CHECKING:
    from reporter.report.weekly_report import Report

_OUTCOMES: Final = (*OUTCOMES, OTHER_OUTCOME)
_COLUMNS: Final = ("question", "asked", "last_week", *_OUTCOMES, "up", "down", "nearest_source")
# What a spreadsheet takes for a formula, full-width forms included, and what it skips before one.
# Where it splits at semicolons, a cell begins behind each of them.
_SIGN: Final = r"=+\-@|%\uff1d\uff0b\uff0d\uff20\u2212\u207a-\u207c\u208a-\u208c\ufe62-\ufe66\ufe6b"
# White space, quotes, and what cannot be seen (Default_Ignorable_Code_Point).
_SKIPPED: Final = (
    r"\s'\"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_FORMULA: Final = re.compile(rf"(?:^|(?<=;))([{_SKIPPED}]*[{_SIGN}])")
_LINE_ENDS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def week_csv(report: Report) -> bytes:
    """Return the week's questions as CSV (RFC 4180) in UTF-8 with a byte order mark, the most asked first."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(_COLUMNS)
    for asked in report.asked.most_asked(sys.maxsize):
        group = asked.group
        outcomes = [group.outcomes[name] for name in _OUTCOMES]
        source = harmless(asked.nearest_source or "")
        row = [harmless(asked.example), group.count, asked.last_week, *outcomes, group.up, group.down, source]
        writer.writerow(row)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def harmless(text: str) -> str:
    """Return a text on one line that no spreadsheet calculates: an apostrophe goes before what looks like a formula."""
    return _FORMULA.sub(r"'\1", _LINE_ENDS.sub(" ", text))
