"""Runs the Worker alone on this machine: before a chatbot that you already have, or answering by itself.

The first line of output is its address. Without QUEUE, each event that it would send is a further line, as JSON.
"""

import argparse
import fcntl
import json
import os
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import workerd
from configuration import FOLDER, VARIABLES, Bindings
from event_printer import printing

EXIT_USAGE = 2
COLLECTOR_TOKEN = "only-for-this-machine"  # noqa: S105 - the same for everybody
_STORAGE = FOLDER / "build" / "outbox"
_MOST_AT_ONCE = 100
_OF_AWS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")


class UsageError(ValueError):
    """An option is not what it should be; the message says what it takes."""


def address_of(name: str, url: str) -> str:
    """Return the "address:port" of a plain URL. Raises UsageError."""
    parts = urlsplit(url)
    with suppress(ValueError):
        if parts.scheme == "http" and parts.hostname and not parts.query:
            host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
            return f"{host}:{parts.port or 80}"
    raise UsageError(f"{name} is the http:// address of a server, such as {name}=http://127.0.0.1:9000, not {url}")


def read_variables(text: str) -> dict[str, str]:
    """Read VARS, a JSON object: texts as they are, everything else as JSON. Raises UsageError."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise UsageError(f"VARS is not JSON: {error}") from None
    if not isinstance(document, dict) or not all(_NAME.fullmatch(name) for name in document):
        raise UsageError('VARS is a JSON object of variables, such as VARS=\'{"SITE": "docs.example.com"}\'')
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in document.items()}


@contextmanager
def storage() -> Iterator[tuple[Path, int]]:
    """Yield a folder for what waits in the outbox: that of the last run, unless another Worker is using it.

    The folder is in use for as long as the lock is open, whose file descriptor is yielded as well.
    """
    for number in range(_MOST_AT_ONCE):
        folder = _STORAGE / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            (folder / "state").mkdir(exist_ok=True)
            yield folder / "state", lock.fileno()
            return
    raise UsageError(f"{_MOST_AT_ONCE} Workers are running already")


@contextmanager
def serving(upstream: str, queue: str, variables: Mapping[str, str], port: int, log: IO[bytes]) -> Iterator[str]:
    """Run the Worker while the context lasts; yield its address. Raises UsageError or RuntimeMissingError."""
    given = {**VARIABLES, "COLLECTOR_TOKEN": COLLECTOR_TOKEN}
    if queue:  # a queue that checks signatures is asked with the keys that other AWS tools would use here
        given |= {name: os.environ[name] for name in _OF_AWS if os.environ.get(name)}
    if urlsplit(queue).path.strip("/"):
        given["QUEUE_URL"] = queue
    with ExitStack() as resources:
        folder, lock = resources.enter_context(storage()) if queue else (None, None)
        aws = address_of("QUEUE", queue) if queue else resources.enter_context(printing(sys.stdout))
        bindings = Bindings(
            {**given, **variables}, upstream=address_of("UPSTREAM", upstream) if upstream else None, storage=folder
        )
        # A workerd that outlives this process, because it was killed, keeps the folder to itself.
        inherited = [] if lock is None else [lock]
        yield resources.enter_context(workerd.worker(aws, port=port, bindings=bindings, log=log, inherited=inherited))


def _arguments() -> argparse.Namespace:
    environ = os.environ
    parser = argparse.ArgumentParser(prog="make serve", description=__doc__)
    parser.add_argument("--upstream", default=environ.get("UPSTREAM", ""), help="UPSTREAM: your chatbot, http://...")
    parser.add_argument("--queue", default=environ.get("QUEUE", ""), help="QUEUE: what speaks SQS, http://...")
    parser.add_argument("--vars", default=environ.get("VARS") or "{}", help="VARS: the Worker's variables, as JSON")
    parser.add_argument("--port", default=environ.get("PORT") or "0", help="PORT: where to listen (a free one)")
    arguments = parser.parse_args()
    if not arguments.port.isdecimal() or int(arguments.port) > 65_535:  # noqa: PLR2004 - the largest port
        parser.error(f"PORT is a number up to 65535, not {arguments.port}")
    return arguments


def main() -> None:
    """Run the command line."""
    arguments = _arguments()
    workerd.stop_when_told()
    log_file = FOLDER / "build" / "serve.log"
    log_file.parent.mkdir(exist_ok=True)
    try:
        variables = read_variables(arguments.vars)
        with (
            log_file.open("wb") as log,
            serving(arguments.upstream, arguments.queue, variables, int(arguments.port), log) as url,
        ):
            print(url, flush=True)
            print(f"The Worker logs to {os.path.relpath(log_file)}; Ctrl-C stops it.", file=sys.stderr)
            signal.pause()
    except KeyboardInterrupt:
        pass
    except UsageError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_USAGE)
    except workerd.RuntimeMissingError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
