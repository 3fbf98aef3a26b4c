"""Deploys a service with its output in a file, and knows whether there is anything to deploy."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from operate.environment import ROOT, OperationError
from operate.interruptible import run_interruptibly

_SOURCES = {
    "edge-worker": ("src", "public", "contract", "wrangler.jsonc", "uv.lock", "package-lock.json"),
    "processor": ("src", "contract", "deployment", "template.yaml", "samconfig.toml", "requirements.txt", "Makefile"),
    "reporter": ("src", "contract", "deployment", "template.yaml", "samconfig.toml", "requirements.txt", "Makefile"),
}
_LAST_LINES = 20


def deploy_quietly(logs: Path, service: str, environment: str, variables: Mapping[str, str]) -> None:
    """Run the service's own `make deploy`.

    Args:
        logs: folder for its output.
        service: whose folder.
        environment: `dev` or `prod`.
        variables: further variables for make.

    Raises:
        OperationError: it fails.
    """
    programs = os.pathsep.join(
        [str(ROOT / ".tools" / "bin"), str(ROOT / ".venv" / "bin"), os.environ.get("PATH", os.defpath)]
    )
    command = ["make", "--no-print-directory", "-C", str(ROOT / service), "deploy", f"ENVIRONMENT={environment}"]
    command += [f"{name}={value}" for name, value in variables.items()]
    # What was said to this make is not for the one below.
    inherited = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}}
    answer = run_interruptibly(
        command, ROOT, {**inherited, "PATH": programs, "SAM_CLI_TELEMETRY": "0"}, name=f"make -C {service} deploy"
    )
    log = logs / f"release-{service}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(f"{answer.stdout}{answer.stderr}", encoding="utf-8")
    if answer.returncode != 0:
        lines = (answer.stdout + answer.stderr).strip().splitlines()[-_LAST_LINES:]
        raise OperationError(f"{service} was not deployed. All of it is in {log}; the end:\n  " + "\n  ".join(lines))


def fingerprint(service: str, published: Mapping[str, str]) -> str:
    """Return the digest of all that a deployment is made from: the code, and what is published for it."""
    digest = hashlib.sha256(json.dumps(dict(published), sort_keys=True).encode())
    for name in _SOURCES[service]:
        place = ROOT / service / name
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()
