"""Prints each line of the standard input as it would be recorded: `make -s -C edge-worker redact < questions.txt`."""

import argparse
import os
import sys

from edge_worker.event import QUESTION_LENGTH
from edge_worker.privacy import private_text
from edge_worker.redaction import OwnerPatterns

EXIT_USAGE = 2


def main() -> int:
    """Read UTF-8 lines to the end of the input; give 2 where REDACT_PATTERNS is wrong."""
    argparse.ArgumentParser(
        prog="make -s -C edge-worker redact",
        description="Reads questions, one a line, and prints them as they would be recorded."
        " REDACT_PATTERNS in the environment adds patterns of your own, as it does for the Worker.",
    ).parse_args()
    try:
        patterns = OwnerPatterns.parse(os.environ.get("REDACT_PATTERNS") or "[]")
    except ValueError as error:
        sys.stderr.write(f"REDACT_PATTERNS is not a list of patterns: {error}\n")
        return EXIT_USAGE
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for line in sys.stdin.buffer:
        question = line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "replace")
        sys.stdout.write(f"{private_text(question, QUESTION_LENGTH, patterns) or ''}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
