"""`make demo`, or `python -m stack.demo`."""

import argparse
import sys
from pathlib import Path

from stack.command import run_command
from stack.demo.demo import demo
from stack.paths import BUILD
from stack.progress import Progress


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; return 0, or 1 if something failed or is missing, or 130 if it was interrupted."""
    parser = argparse.ArgumentParser(prog="python -m stack.demo", description=__doc__)
    parser.add_argument("--directory", type=Path, default=BUILD / "demo", help="where the results go")
    chosen = parser.parse_args(arguments)
    return run_command(lambda: _demo(chosen.directory))


def _demo(directory: Path) -> int:
    progress = Progress()
    summary = demo(directory, progress)
    print(f"\n{(directory / 'report.txt').read_text(encoding='utf-8')}\n")
    print(f"{(directory / 'summary.json').read_text(encoding='utf-8')}")
    print("The report as a web page, as text and as the mail that was received, these figures, and what was imported:")
    for name in ("report.html", "report.txt", "mail.json", "summary.json", "history.jsonl"):
        print(f"  {directory / name}")
    print(f"All weeks, with trends, to open in a browser:\n  {BUILD / 'report' / 'index.html'}")
    if not summary.is_good:
        print("error: not everything that was sent has been stored once; see the figures above", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
