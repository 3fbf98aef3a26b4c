"""`make local`, or `python -m stack`: the whole pipeline on this machine, until Ctrl-C."""

import argparse
import sys
from pathlib import Path

from stack.command import MakeArgumentParser, run_command
from stack.local import local
from stack.paths import BUILD
from stack.progress import Progress


def main(arguments: list[str] | None = None) -> int:
    """Keep the stack up; return 0, or 1 if it failed, or 130 if it was interrupted while it started."""
    parser = MakeArgumentParser(prog="python -m stack", description=__doc__)
    parser.add_argument("--directory", type=Path, default=BUILD / "local", help="for state and logs")
    parser.add_argument("--port", type=_port, default=0, help="where the Worker listens (default: any free port)")
    parser.add_argument("--upstream", default="", help="http:// address of a chatbot to proxy")
    chosen = parser.parse_args(arguments)
    return run_command(lambda: local(chosen.directory, Progress(), port=chosen.port, upstream=chosen.upstream))


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"PORT={text} is not a port: give a number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
