"""Writes workerd's configuration: the unchanged Worker with the bindings that it has at Cloudflare."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
# As in wrangler.jsonc, and never there: this one makes workerd take the Pyodide bundle from the disk.
COMPATIBILITY_DATE = "2026-09-08"
COMPATIBILITY_FLAGS = ("python_workers", "enable_request_signal", "python_workers_development")
VARIABLES = {
    "SITE": "demo.example.com",
    "QUEUE_URL": "https://sqs.eu-west-2.amazonaws.com/000000000000/edge-analytics-dev-events.fifo",
    "AWS_REGION": "eu-west-2",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "VISITOR_KEY": "only-for-this-machine",
}

_RATE_LIMITER = "edge-analytics:rate-limiter"
_CONFIGURATION = """\
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "aws", external = (address = {aws}, http = ())),
{services}  ],
  sockets = [(name = "http", address = {listen}, http = (), service = {front})],
  extensions = [{extensions}],
);
const worker :Workerd.Worker = (
  modules = [
{modules}  ],
  bindings = [
{bindings}  ],
  globalOutbound = "aws",
  compatibilityDate = "{date}",
  compatibilityFlags = [{flags}],
{objects});
{workers}"""
_WITHOUT_CODE = """\
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [
{modules}  ],
  compatibilityDate = "{date}",
  compatibilityFlags = [{flags}],
);
"""
_SCRIPT = """\
const {name} :Workerd.Worker = (
  modules = [{module}],
  bindings = [{bindings}],
  compatibilityDate = "{date}",
);
"""


@dataclass(frozen=True)
class Bindings:
    """What the Worker is bound to.

    `upstream` is the "address:port" of a chatbot, bound as the service UPSTREAM; `rate_limit` how many requests a
    RATE_LIMITER lets through for each key; `storage` the folder where the Durable Object OUTBOX keeps what waits;
    `caller` a JavaScript Worker that takes the requests and has this one bound as ANALYTICS.
    """

    variables: Mapping[str, str] = field(default_factory=lambda: VARIABLES)
    knowledge: Path = FOLDER / "src" / "knowledge.json"
    upstream: str | None = None
    rate_limit: int | None = None
    storage: Path | None = None
    caller: Path | None = None
    has_assets: bool = True


@dataclass
class _Parts:
    """What is written into the configuration, besides the Worker's code. `front` is the service that is asked."""

    bindings: list[str]
    front: str = "main"
    services: list[str] = field(default_factory=list)
    workers: list[str] = field(default_factory=list)
    extensions: list[str] = field(default_factory=list)
    objects: str = ""


def configuration(folder: Path, aws: str, port: int, bound: Bindings) -> str:
    """Write the configuration that lies in `folder`: paths in it are relative to it."""
    parts = _Parts([f"(name = {_text(name)}, text = {_text(value)})" for name, value in bound.variables.items()])
    if bound.upstream:
        parts.services.append(f'(name = "upstream", external = (address = {_text(bound.upstream)}, http = ()))')
        parts.bindings.append('(name = "UPSTREAM", service = "upstream")')
    if bound.rate_limit is not None:
        module = _module(folder, _RATE_LIMITER, "internal = true, esModule", FOLDER / "runtime" / "rate_limiter.js")
        parts.extensions.append(f"(modules = [{module}])")
        limit = f'innerBindings = [(name = "most", text = "{bound.rate_limit}")]'
        parts.bindings.append(f'(name = "RATE_LIMITER", wrapped = (moduleName = "{_RATE_LIMITER}", {limit}))')
    if bound.storage:
        parts.services.append(f'(name = "storage", disk = (path = {_text(str(bound.storage))}, writable = true))')
        parts.bindings.append('(name = "OUTBOX", durableObjectNamespace = "Outbox")')
        parts.objects = (
            '  durableObjectNamespaces = [(className = "Outbox", uniqueKey = "outbox", enableSql = true)],\n'
            '  durableObjectStorage = (localDisk = "storage"),\n'
        )
    if bound.caller:
        _put_in_front(parts, folder, "caller", bound.caller, '(name = "ANALYTICS", service = "main")')
    elif bound.has_assets and not bound.upstream:  # before a chatbot, every page is the chatbot's
        parts.services.append(f'(name = "public", disk = (path = {_text(str(FOLDER / "public"))}))')
        wanted = '(name = "WORKER", service = "main"), (name = "PUBLIC", service = "public")'
        _put_in_front(parts, folder, "assets", FOLDER / "runtime" / "assets.js", wanted)
    return _CONFIGURATION.format(
        services=_lines(parts.services),
        front=_text(parts.front),
        extensions=", ".join(parts.extensions),
        aws=_text(aws),
        listen=_text(f"127.0.0.1:{port}"),
        modules=_lines(_modules(folder, bound.knowledge)),
        bindings=_lines(parts.bindings),
        date=COMPATIBILITY_DATE,
        flags=", ".join(map(_text, COMPATIBILITY_FLAGS)),
        objects=parts.objects,
        workers="".join(parts.workers),
    )


def worker_without_code(folder: Path) -> str:
    """Write the configuration, to lie in `folder`, of a Worker that has nothing but the SDK, and write its module."""
    module = folder / "empty.py"
    module.write_text(
        "from workers import WorkerEntrypoint\n\n\nclass Default(WorkerEntrypoint): ...\n", encoding="utf-8"
    )
    sdk = {name: path for name, path in module_files().items() if name.startswith("python_modules/workers/")}
    modules = [_module(folder, name, "pythonModule", path) for name, path in {module.name: module, **sdk}.items()]
    flags = ", ".join(map(_text, COMPATIBILITY_FLAGS))
    return _WITHOUT_CODE.format(modules=_lines(modules), date=COMPATIBILITY_DATE, flags=flags)


def _put_in_front(parts: _Parts, folder: Path, name: str, script: Path, bindings: str) -> None:
    module = _module(folder, script.name, "esModule", script)
    parts.front = name
    parts.services.append(f'(name = "{name}", worker = .{name})')
    parts.workers.append(_SCRIPT.format(name=name, module=module, bindings=bindings, date=COMPATIBILITY_DATE))


def module_files() -> dict[str, Path]:
    """Return the Worker's Python modules by their names: what runs here, and what a deployment uploads.

    workerd takes the first as the main one.
    """
    sources, vendored = FOLDER / "src", FOLDER / "python_modules"
    own = sorted(sources.rglob("*.py"), key=lambda path: (path != sources / "entry.py", path))
    others = sorted(vendored.rglob("*.py"))
    return {
        **{path.relative_to(sources).as_posix(): path for path in own},
        **{path.relative_to(FOLDER).as_posix(): path for path in others},
    }


def _modules(folder: Path, knowledge: Path) -> list[str]:
    modules = [_module(folder, name, "pythonModule", path) for name, path in module_files().items()]
    return [*modules, _module(folder, "knowledge.json", "data", knowledge.resolve())]


def _module(folder: Path, name: str, kind: str, path: Path) -> str:
    return f"(name = {_text(name)}, {kind} = embed {_text(os.path.relpath(path, folder))})"


def _text(value: str) -> str:
    """Return a text literal of Cap'n Proto, which is UTF-8 and has no escapes for other characters."""
    return json.dumps(value, ensure_ascii=False)


def _lines(items: Iterable[str]) -> str:
    return "".join(f"    {item},\n" for item in items)
