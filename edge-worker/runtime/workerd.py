"""Runs the unchanged Worker in workerd on this machine.

All that the Worker fetches goes to one address, in plain HTTP with the original Host header, so that production URLs
and signatures stay as they are. The first line of output is the URL; `--help` tells the
options.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

FOLDER = Path(__file__).resolve().parent.parent
VARIABLES = {
    "SITE": "demo.example.com",
    "QUEUE_URL": "https://sqs.eu-west-2.amazonaws.com/000000000000/edge-analytics-dev-events.fifo",
    "AWS_REGION": "eu-west-2",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "VISITOR_KEY": "only-for-this-machine",
}
STOP_SECONDS = 10

_RATE_LIMITER = "edge-analytics:rate-limiter"

_CONFIGURATION = """\
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "aws", external = (address = {aws}, http = ())),
{services}  ],
  sockets = [(name = "http", address = {listen}, http = (), service = "main")],
  extensions = [{extensions}],
);
const worker :Workerd.Worker = (
  modules = [
{modules}  ],
  bindings = [
{bindings}  ],
  globalOutbound = "aws",
  compatibilityDate = "2024-11-01",
  compatibilityFlags = ["python_workers"],
);
"""


class RuntimeMissingError(RuntimeError):
    """workerd or the vendored modules are not installed."""


@contextmanager
def worker(
    aws: str,
    *,
    port: int = 0,
    variables: Mapping[str, str] | None = None,
    knowledge: Path | None = None,
    upstream: str | None = None,
    rate_limit: int | None = None,
    log: IO[bytes] | None = None,
) -> Iterator[str]:
    """Run the Worker while the context lasts; yields its URL once it listens, after about three seconds.

    `aws` is the "address:port" that answers for AWS and for everything else the Worker fetches. `port` 0 takes a free
    one. `variables` are added to VARIABLES. `upstream` is the "address:port" of a chatbot to stand
    before, bound as the service UPSTREAM; it takes the variable PROXY_MAPPING too. `rate_limit` is how many requests a
    RATE_LIMITER lets through for each key; without it, none is bound. `log` takes what the Worker prints.
    Raises RuntimeMissingError.
    """
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder, "worker.capnp")
        configuration.write_text(
            _configuration(
                Path(folder),
                aws,
                port=port,
                variables={**VARIABLES, **(variables or {})},
                knowledge=knowledge,
                upstream=upstream,
                rate_limit=rate_limit,
            ),
            encoding="utf-8",
        )
        read_end, write_end = os.pipe()
        process = subprocess.Popen(
            [_binary(), "serve", str(configuration), "--experimental", "--verbose", f"--control-fd={write_end}"],
            pass_fds=[write_end],
            stdout=log or sys.stderr,
            stderr=subprocess.STDOUT if log else None,
            start_new_session=True,  # Ctrl-C is for us; we then end workerd
        )
        os.close(write_end)
        try:
            with os.fdopen(read_end) as control:
                line = control.readline()
                if not line:
                    raise RuntimeError(f"workerd ended with status {process.wait()}; its log says why")
                yield f"http://127.0.0.1:{json.loads(line)['port']}"
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _configuration(
    folder: Path,
    aws: str,
    *,
    port: int,
    variables: Mapping[str, str],
    knowledge: Path | None,
    upstream: str | None,
    rate_limit: int | None,
) -> str:
    sources, modules, own = FOLDER / "src", FOLDER / "python_modules", FOLDER / "runtime"
    if not (modules / "workers").is_dir():
        raise RuntimeMissingError("python_modules is missing: run `make setup` in the edge-worker folder")
    # workerd takes the first module as the main one.
    python = [("local_main.py", own / "local_main.py"), *((path.name, path) for path in sorted(own.glob("_*.py")))]
    python += [(path.relative_to(sources).as_posix(), path) for path in sorted(sources.rglob("*.py"))]
    python += [(path.relative_to(FOLDER).as_posix(), path) for path in sorted(modules.rglob("*.py"))]
    lines = [_module(folder, name, "pythonModule", path) for name, path in python]
    lines += [
        _module(folder, path.relative_to(FOLDER).as_posix(), "data", path)
        for path in sorted((FOLDER / "public").rglob("*"))
        if path.is_file() and not upstream  # before a chatbot, every page is the chatbot's
    ]
    lines.append(_module(folder, "knowledge.json", "data", (knowledge or sources / "knowledge.json").resolve()))
    bindings = [f"    (name = {json.dumps(name)}, text = {json.dumps(value)}),\n" for name, value in variables.items()]
    services = ""
    if upstream:
        services = f'    (name = "upstream", external = (address = {json.dumps(upstream)}, http = ())),\n'
        bindings.append('    (name = "UPSTREAM", service = "upstream"),\n')
    extensions = ""
    if rate_limit is not None:
        module = _module(folder, _RATE_LIMITER, "internal = true, esModule", own / "rate_limiter.js")
        extensions = f"(modules = [{module}])"
        bindings.append(
            f'    (name = "RATE_LIMITER", wrapped = (moduleName = "{_RATE_LIMITER}", '
            f'innerBindings = [(name = "most", text = "{rate_limit}")])),\n'
        )
    return _CONFIGURATION.format(
        services=services,
        extensions=extensions,
        aws=json.dumps(aws),
        listen=json.dumps(f"127.0.0.1:{port}"),
        modules="".join(lines),
        bindings="".join(bindings),
    )


def _module(folder: Path, name: str, kind: str, path: Path) -> str:
    return f"    (name = {json.dumps(name)}, {kind} = embed {json.dumps(os.path.relpath(path, folder))}),\n"


def _binary() -> str:
    found = next((FOLDER / "runtime" / "node_modules" / "@cloudflare").glob("workerd-*/bin/workerd*"), None)
    if found is None:
        raise RuntimeMissingError("workerd is missing: run `make setup` in the edge-worker folder")
    return str(found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run the Worker in workerd until it is told to stop.")
    parser.add_argument("--aws", required=True, metavar="ADDRESS:PORT", help="what answers for AWS")
    parser.add_argument("--port", type=int, default=0, help="where to listen on 127.0.0.1 (default: a free port)")
    parser.add_argument("--var", action="append", default=[], metavar="KEY=VALUE", help="a variable or secret")
    parser.add_argument("--upstream", metavar="ADDRESS:PORT", help="a chatbot to stand before")
    parser.add_argument("--rate-limit", type=int, metavar="N", help="bind a RATE_LIMITER of N requests for each key")
    parser.add_argument("--knowledge", type=Path, help="knowledge file (default: src/knowledge.json)")
    return parser.parse_args()


def main() -> None:
    """Run the command line. What the Worker prints goes to the standard error output."""
    arguments = _arguments()
    variables = dict(item.partition("=")[::2] for item in arguments.var)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with worker(
            arguments.aws,
            port=arguments.port,
            variables=variables,
            knowledge=arguments.knowledge,
            upstream=arguments.upstream,
            rate_limit=arguments.rate_limit,
        ) as url:
            print(url, flush=True)
            signal.pause()
    except KeyboardInterrupt:
        pass
    except RuntimeMissingError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
