"""Names and documents use the words of the glossary in CONTRIBUTING.md, and none that it replaces."""

import re
from functools import cache

import pytest

from stack.paths import ROOT
from tests.checkout import tracked

# The glossary names the words it replaces, the changelog tells what had them, and this file tries some.
EXEMPT = {"CONTRIBUTING.md", "CHANGELOG.md", "tests/layout/test_vocabulary.py"}
_ROW = re.compile(r"^\|[^|\n]+\|[^|\n]*\| (?P<replaced>`[^|\n]+`) \|$", re.MULTILINE)


def replaced() -> list[str]:
    """Return the words that the glossary replaces."""
    rows = _ROW.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row)]


def pattern(word: str) -> re.Pattern[str]:
    """Return what finds a word or name that stands alone, also across a line's end and in a compound name."""
    escaped = r"\s+".join(re.escape(part) for part in word.split())
    return re.compile(rf"(?<![A-Za-z]){escaped}(?![A-Za-z])", re.IGNORECASE)


@cache
def texts() -> dict[str, str]:
    """Return what the files that are searched say, in small letters, by their paths."""
    return {
        path: f"{path}\n{(ROOT / path).read_text(encoding='utf-8', errors='replace')}".lower()
        for path in tracked()
        if path not in EXEMPT and not path.endswith((".png", ".lock", "-lock.json"))
    }


@pytest.mark.parametrize("word", replaced())
def test_no_file_has_a_word_that_the_glossary_replaces(word: str) -> None:
    searched = pattern(word)

    # To look for the beginning first takes a tenth of the time.
    found = [path for path, text in texts().items() if word.lower().split()[0] in text and searched.search(text)]

    assert found == []


def test_every_row_with_replaced_words_is_read() -> None:
    glossary = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Glossary")[1]
    rows = [line for line in glossary.splitlines() if line.startswith("|")]

    assert len([row for row in rows if "`" in row.split("|")[3]]) == len(_ROW.findall(glossary))


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("anew", "make it anew.", True),
        ("anew", "a canewood", False),
        ("mend", "Mend the producer", True),
        ("mend", "recommended", False),
        ("free offer", "a free\n  offer", True),
        ("noise_share", "self.noise_share = 1", True),
        ("rolling_up", "from reporter.rolling_up import", True),
    ],
)
def test_words_are_found_alone_and_across_lines(word: str, text: str, *, found: bool) -> None:
    assert bool(pattern(word).search(text)) == found
