"""Group a file of questions as the weekly report does: topics by meaning, wordings by word.

Prints a JSON object for each question, in the order of the file, and a summary on the error stream.
Exit codes: 0 done, 2 the file cannot be read.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reporter.report.defang import defang
from reporter.topics.encoder import sentence_encoder
from reporter.topics.questions_file import UnreadableFileError, read_questions
from reporter.topics.sorting import Sorted, sort_questions

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN: Final = 12
_WORDINGS_SHOWN: Final = 3
_LONGEST_SHOWN: Final = 70

# Characters that some readers of lines take for the end of one.
_LINE_ENDS: Final = re.compile("[\x7f-\x9f\u2028\u2029]")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parser().parse_args(arguments)
    begun = time.monotonic()
    try:
        rows = read_questions(_path(options.file))
    except UnreadableFileError as error:
        print(f"topics: {error}", file=sys.stderr)
        return 2
    print(f"topics: grouping {len(rows):,} lines", file=sys.stderr, flush=True)
    result = sort_questions(rows, None if options.words_only else sentence_encoder())
    for (question, _), (topic, wording) in zip(rows, result.places, strict=True):
        print(_json_line({"question": question, "topic": topic, "wording": wording}))
    sys.stdout.flush()
    _summarize(result, time.monotonic() - begun)
    return 0


def _path(name: str) -> Path:
    """Return the file where the caller of make stands, or else here."""
    here = Path(name)
    there = Path(os.environ.get("CALLED_FROM") or ".") / here
    return there if there.exists() else here


def _json_line(row: dict[str, str]) -> str:
    text = json.dumps(row, ensure_ascii=False)
    return _LINE_ENDS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _summarize(result: Sorted, seconds: float) -> None:
    how = "by meaning" if result.by_meaning else "by shared words (the sentence encoder is not in use)"
    print(
        f"\n{result.asked:,} questions in {len(result.topics):,} topics, {how}; {result.wordings:,} wordings; "
        f"alone in their topic: {result.alone:.0%}; {seconds:.1f} s\n",
        file=sys.stderr,
    )
    for topic in result.topics[:_SHOWN]:
        print(f"{topic.count:>6,}× {defang(topic.name, _LONGEST_SHOWN)}", file=sys.stderr)
        for text, count in topic.wordings[:_WORDINGS_SHOWN]:
            print(f"{'':>9}{count:,}× {defang(text, _LONGEST_SHOWN)}", file=sys.stderr)
    left = len(result.topics) - _SHOWN
    if left > 0:
        print(f"and {left:,} more topics", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reporter.topics", description=__doc__)
    parser.add_argument("file", help="text with a question a line, or CSV with columns question and count")
    parser.add_argument("--words-only", action="store_true", help="go without the sentence encoder")
    return parser


if __name__ == "__main__":
    sys.exit(main())
