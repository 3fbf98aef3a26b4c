"""What the figures were measured on, and when."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from benchmarks.plan import Plan


def description(plan: Plan) -> dict[str, Any]:
    """Return what a reader must know to compare figures: the machine, the moment, the sizes of the run."""
    return {
        "begun": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor_name(),
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "plan": vars(plan),
    }


def sentence(machine: dict[str, Any]) -> str:
    """Return the same in a line."""
    return (
        f"Measured at {machine['begun']} on {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, Python {machine['python']}; load average before: {machine['load_average'][0]}"
    )


def _processor_name() -> str:
    """Return what /proc/cpuinfo calls the processor, or, where there is no such file, its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
