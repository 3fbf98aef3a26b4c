"""Runs the unchanged Worker in workerd, Cloudflare's own runtime, on this machine.

All that the Worker fetches goes to one address, in plain HTTP with the original Host header, so that production URLs
and signatures stay as they are. The first line of output is the URL; `--help` lists the options.
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

import snapshot
from configuration import FOLDER, VARIABLES, Bindings, configuration

STOP_SECONDS = 10

_MODULES = Path(__file__).resolve().parent / "node_modules"
_BUNDLE = _MODULES / ".bundle"


class RuntimeMissingError(RuntimeError):
    """workerd does not run here, or not this Worker, or something is not installed; the message says what."""


@contextmanager
def worker(
    aws: str,
    *,
    port: int = 0,
    variables: Mapping[str, str] | None = None,
    log: IO[bytes] | None = None,
    bindings: Bindings | None = None,
    inherited: Sequence[int] = (),
) -> Iterator[str]:
    """Run the Worker while the context lasts; yield its URL once it listens, after some seconds.

    Args:
        aws: the "address:port" that answers for AWS and for everything else the Worker fetches.
        port: where to listen on 127.0.0.1; 0 takes a free one.
        variables: are added to VARIABLES.
        log: takes what the Worker prints; the standard error output if None.
        bindings: what else the Worker is bound to.
        inherited: file descriptors that stay open as long as workerd runs, also where it outlives this process.

    Raises:
        RuntimeMissingError: something is not installed, or workerd does not run on this machine.
    """
    with running(aws, port=port, variables=variables, log=log, bindings=bindings, inherited=inherited) as (url, _):
        yield url


@contextmanager
def running(
    aws: str,
    *,
    port: int = 0,
    variables: Mapping[str, str] | None = None,
    log: IO[bytes] | None = None,
    bindings: Bindings | None = None,
    inherited: Sequence[int] = (),
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run the Worker as `worker` does; yield its process, too."""
    bindings = bindings or Bindings()
    bound = replace(bindings, variables={**bindings.variables, **(variables or {})})
    binary = _binary()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "worker.capnp")
        file.write_text(configuration(Path(folder), aws, port, bound), encoding="utf-8")
        read_end, write_end = os.pipe()
        options = ["--experimental", "--verbose", f"--pyodide-bundle-disk-cache-dir={_BUNDLE}"]
        options += snapshot.options(_BUNDLE)
        try:
            process = subprocess.Popen(
                [binary, "serve", file, *options, f"--control-fd={write_end}"],
                pass_fds=[write_end, *inherited],
                stdout=log or sys.stderr,
                stderr=subprocess.STDOUT if log else None,
                start_new_session=True,  # Ctrl-C is for us; we then end workerd
            )
        except OSError as error:
            raise _cannot_run(str(error)) from error
        finally:
            os.close(write_end)
        try:
            with os.fdopen(read_end) as control:
                line = control.readline()
            if not line:
                raise _not_started(process.wait())
            yield f"http://127.0.0.1:{json.loads(line)['port']}", process
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:  # a request that never ends holds it up
        process.kill()
        process.wait()


def _not_started(status: int) -> RuntimeMissingError:
    if status < 0:
        return _cannot_run(f"it was ended by {signal.Signals(-status).name}")
    return RuntimeMissingError(f"the Worker did not start: workerd ended with status {status}; its log says why")


def _cannot_run(reason: str) -> RuntimeMissingError:
    version = json.loads((_MODULES / "workerd" / "package.json").read_text(encoding="utf-8"))["version"]
    return RuntimeMissingError(f"workerd {version} does not run on {platform.system()} {platform.machine()}: {reason}")


def _binary() -> Path:
    if not (FOLDER / "python_modules" / "workers").is_dir() or not _BUNDLE.is_dir():
        raise RuntimeMissingError("the Worker's modules are missing: run `make setup` in the edge-worker folder")
    found = next((_MODULES / "@cloudflare").glob("workerd-*/bin/workerd*"), None)
    if found is None:
        raise RuntimeMissingError(
            f"workerd for {platform.system()} {platform.machine()} does not exist or is not installed: run `make setup`"
        )
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run the Worker in workerd until it is stopped.")
    parser.add_argument("--aws", required=True, metavar="ADDRESS:PORT", help="what answers for AWS")
    parser.add_argument("--port", type=int, default=0, help="where to listen on 127.0.0.1 (default: a free port)")
    parser.add_argument("--var", action="append", default=[], metavar="KEY=VALUE", help="a variable or secret")
    parser.add_argument("--upstream", metavar="ADDRESS:PORT", help="a chatbot to proxy")
    parser.add_argument("--rate-limit", type=int, metavar="N", help="bind a RATE_LIMITER of N requests for each key")
    parser.add_argument("--storage", type=Path, metavar="FOLDER", help="bind an OUTBOX that keeps what waits here")
    parser.add_argument("--knowledge", type=Path, help="knowledge file (default: src/knowledge.json)")
    parser.add_argument("--no-assets", action="store_true", help="without the chat page")
    return parser.parse_args()


def stop_when_told() -> None:
    """Raise KeyboardInterrupt at the first Ctrl-C or SIGTERM, and let no further one interrupt the stopping.

    make hands SIGTERM on, so that it comes twice where the whole process group gets it.
    """

    def stop(*_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def bindings_of(arguments: argparse.Namespace) -> Bindings:
    """Return the bindings that the command line asks for."""
    if arguments.storage:
        arguments.storage.mkdir(parents=True, exist_ok=True)
    return Bindings(
        {**VARIABLES, **dict(item.partition("=")[::2] for item in arguments.var)},
        knowledge=arguments.knowledge or FOLDER / "src" / "knowledge.json",
        upstream=arguments.upstream,
        rate_limit=arguments.rate_limit,
        storage=arguments.storage and arguments.storage.resolve(),
        has_assets=not arguments.no_assets,
    )


def main() -> None:
    """Run the command line. What the Worker prints goes to the standard error output."""
    arguments = _arguments()
    stop_when_told()
    try:
        with worker(arguments.aws, port=arguments.port, bindings=bindings_of(arguments)) as url:
            print(url, flush=True)
            signal.pause()
    except KeyboardInterrupt:
        pass
    except RuntimeMissingError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
