"""Reads the workflows: what starts them, and what they do."""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from stack.paths import ROOT

DIRECTORY = ROOT / ".github" / "workflows"
FILES = sorted(file.stem for file in DIRECTORY.glob("*.yml"))
# What others call, and no change starts.
REUSABLE = ["service"]
NAMES = [name for name in FILES if name not in REUSABLE]


@cache
def text(name: str) -> str:
    """Return a workflow as it is written."""
    return (DIRECTORY / f"{name}.yml").read_text(encoding="utf-8")


@cache
def workflow(name: str) -> dict[str, Any]:
    """Return a workflow, its triggers under the key `on`."""
    document: dict[Any, Any] = yaml.safe_load(text(name))
    # YAML 1.1 takes a bare `on` for a truth value.
    return {"on" if key is True else key: value for key, value in document.items()}


@cache
def jobs(name: str) -> dict[str, dict[str, Any]]:
    """Return the jobs of a workflow, each call of a reusable one replaced by the job that it starts."""
    return {job: _called(definition) if "uses" in definition else definition for job, definition in _jobs(name)}


def _jobs(name: str) -> Iterable[tuple[str, dict[str, Any]]]:
    found: dict[str, dict[str, Any]] = workflow(name)["jobs"]
    return found.items()


def _called(call: dict[str, Any]) -> dict[str, Any]:
    inputs = call["with"]
    [job] = [job for _, job in _jobs(Path(call["uses"]).stem) if job["if"] == f"inputs.task == '{inputs['task']}'"]
    written = json.dumps({**job, **{key: value for key, value in call.items() if key not in ("uses", "with")}})
    for key, value in inputs.items():
        written = written.replace(f"${{{{ inputs.{key} }}}}", value)
    resolved: dict[str, Any] = json.loads(written)
    return resolved


def steps(name: str) -> list[dict[str, Any]]:
    """Return the steps of all jobs."""
    return [step for job in jobs(name).values() for step in job["steps"]]


def started_by(changed: Iterable[str], event: str = "pull_request") -> set[str]:
    """Return the workflows that an event with these changed files starts, by their path filters."""
    files = list(changed)
    return {
        name
        for name in NAMES
        if event in workflow(name)["on"]
        and any(matches(file, pattern) for pattern in workflow(name)["on"][event]["paths"] for file in files)
    }


def matches(file: str, pattern: str) -> bool:
    """Whether GitHub's filter pattern takes a path: `*` stays within a folder's name, `**` does not."""
    parts = re.split(r"(\*\*|\*)", pattern)
    expression = "".join({"**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(expression, file) is not None
