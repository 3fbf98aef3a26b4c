"""Reads the documents: their links, their commands, and what they name."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from stack.paths import ROOT

FOLDERS = ("edge-worker", "infrastructure", "processor", "reporter")
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / folder / "README.md" for folder in FOLDERS),
        *(ROOT / "tools").glob("README.md"),
        *(ROOT / "tools").glob("*/README.md"),
    ]
)

_FENCE = re.compile(r"^```(?P<language>\S*)[^\n]*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_MAKE = re.compile(r"(?:^|[\s(`;|])make(?P<words>(?: +[\w.=…/*$'%<>\"-]+)*)", re.MULTILINE)
_TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)


@dataclass(frozen=True)
class Make:
    """A `make` command as it is written somewhere."""

    folder: Path
    targets: tuple[str, ...]
    variables: tuple[str, ...]


def home(document: Path) -> Path:
    """Return the folder whose Makefile and files a document means: its service's, or the repository."""
    return document.parent if document.parent.name in FOLDERS else ROOT


def name(document: Path) -> str:
    return str(document.relative_to(ROOT))


def blocks(document: Path, language: str) -> list[str]:
    """Return the contents of all fenced blocks in a language."""
    found = _FENCE.finditer(document.read_text(encoding="utf-8"))
    return [block["text"] for block in found if block["language"] == language]


def links(document: Path) -> list[str]:
    """Return the targets of all links and pictures that lead to this repository."""
    prose = _FENCE.sub("", document.read_text(encoding="utf-8"))
    targets = [link["target"] for link in _LINK.finditer(prose)]
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors(document: Path) -> set[str]:
    """Return what can be linked to in a document, as GitHub names headings."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", document.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def code(document: Path) -> str:
    """Return everything in a document that is set as code."""
    text = document.read_text(encoding="utf-8")
    fenced = [block["text"] for block in _FENCE.finditer(text)]
    inline = re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))
    return "\n".join([*fenced, *inline])


def makes(text: str, home: Path = ROOT) -> list[Make]:
    """Return all `make` commands in a text, as they are typed in a folder."""
    found = []
    for match in _MAKE.finditer(re.sub(r'="[^"]*"', "=x", text)):
        words = [word.strip("`'\",;.…") for word in match["words"].split()]
        folder = home
        if "-C" in words:
            position = words.index("-C")
            folder = ROOT / words[position + 1].removeprefix("/path/to/")
            del words[position : position + 2]
        targets = tuple(word for word in words if re.fullmatch(r"[a-z][a-z-]*", word))
        variables = tuple(word.split("=")[0] for word in words if "=" in word)
        found.append(Make(folder, targets, variables))
    return found


@cache
def targets(folder: Path) -> set[str]:
    """Return the targets of a folder's Makefile."""
    return set(_TARGET.findall((folder / "Makefile").read_text(encoding="utf-8")))
