"""Where things lie in this repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"
BUILD = ROOT / "build"
PROGRAMS = ROOT / ".tools" / "bin"
VIRTUAL_ENVIRONMENT = ROOT / ".venv"
EMULATOR = TOOLS / "stack" / "ministack"
EDGE_WORKER = ROOT / "edge-worker"
INFRASTRUCTURE = ROOT / "infrastructure"
PROCESSOR = ROOT / "processor"
REPORTER = ROOT / "reporter"
