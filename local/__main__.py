"""The command line of the embedded stack: `python -m local demo` and `python -m local up`."""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from local import demo
from local.paths import BUILD
from local.programs import ProgramError
from local.progress import Progress


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, or 1 if it failed, or 130 if it was interrupted."""
    parser = argparse.ArgumentParser(prog="local", description="Edge Analytics on this machine, with no cloud account.")
    commands = parser.add_subparsers(dest="command", required=True)
    demonstration = commands.add_parser("demo", help="send real questions through everything and show the report")
    demonstration.add_argument("--directory", type=Path, default=BUILD / "demo", help="where the results go")
    up = commands.add_parser("up", help="start everything and keep it up until Ctrl-C")
    up.add_argument("--directory", type=Path, default=BUILD / "local", help="for state and logs")
    up.add_argument("--port", type=int, default=0, help="where the Worker listens (default: any free port)")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _demo(chosen.directory) if chosen.command == "demo" else _up(chosen.directory, chosen.port)
    except ProgramError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


def _demo(directory: Path) -> int:
    progress = Progress()
    summary = demo.demo(directory, progress)
    print(f"\n{(directory / 'report.txt').read_text(encoding='utf-8')}\n")
    print(f"{(directory / 'summary.json').read_text(encoding='utf-8')}")
    print("The report as a web page, as text and as the mail that was received, and these figures:")
    for name in ("report.html", "report.txt", "mail.json", "summary.json"):
        print(f"  {directory / name}")
    if not summary.is_good:
        print("error: not everything that was sent has been stored once; see the figures above", file=sys.stderr)
        return 1
    return 0


def _up(directory: Path, port: int) -> int:
    demo.local(directory, Progress(), port=port)
    return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
