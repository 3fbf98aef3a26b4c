"""Builds and deploys the unchanged SAM applications to the emulator."""

import json
import platform
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.emulator import Emulator
from stack.programs import ProgramError, program_variables, run

ENVIRONMENT = "dev"


@dataclass(frozen=True)
class Applications:
    """The SAM applications of one stack: built in `directory`, deployed to the emulator."""

    directory: Path
    emulator: Emulator

    def build(self, source: Path) -> None:
        """Run `sam build`, with packages for this machine's Python and processor.

        The emulator runs the functions on this machine's Python, Lambda on the template's. What has been fetched once
        needs no network.

        Raises:
            ProgramError: it fails.
        """
        try:
            self._build(source, UV_OFFLINE="1")
        except ProgramError:
            self._build(source)

    def remove_temporary_files(self) -> None:
        """Remove what SAM leaves behind, also where it was stopped."""
        shutil.rmtree(self._temporary, ignore_errors=True)

    def _build(self, source: Path, **changes: str) -> None:
        run(
            [
                "sam",
                "build",
                "--config-env",
                ENVIRONMENT,
                "--build-dir",
                self._built(source),
                "--parameter-overrides",
                *self._parameters({}),
            ],
            cwd=source,
            env=self._variables(
                **build_variables(),
                **changes,
            ),
            log=self._log(source),
        )

    def deploy(self, source: Path, parameters: Mapping[str, str] | None = None) -> None:
        """Run the service's own deployment, which runs `sam deploy`.

        Args:
            source: the application's folder.
            parameters: template parameters that differ from their defaults.

        Raises:
            ProgramError: it fails.
        """
        run(
            [
                sys.executable,
                "-m",
                "deployment",
                "--environment",
                ENVIRONMENT,
                "--template",
                self._built(source) / "template.yaml",
                *self._parameters(parameters or {}),
            ],
            cwd=source,
            env=self._variables(),
            log=self._log(source),
        )

    def stack_name(self, source: Path) -> str:
        """Return the name of the CloudFormation stack."""
        return f"edge-analytics-{ENVIRONMENT}-{source.name}"

    def _parameters(self, parameters: Mapping[str, str]) -> list[str]:
        architecture = "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
        chosen = {"Architecture": architecture, "Environment": ENVIRONMENT, **parameters}
        return [f"{name}={value}" for name, value in chosen.items()]

    def _built(self, source: Path) -> Path:
        return self.directory / "sam" / source.name

    @property
    def _temporary(self) -> Path:
        return self.directory / "sam" / "tmp"

    def _log(self, source: Path) -> Path:
        return self.directory / "logs" / f"sam-{source.name}.log"

    def _variables(self, **changes: str) -> dict[str, str]:
        settings = self.directory / "sam" / "settings"
        settings.mkdir(parents=True, exist_ok=True)
        self._temporary.mkdir(exist_ok=True)
        # With the last check for a newer SAM just made, none is made now.
        (settings / "metadata.json").write_text(
            json.dumps({"telemetryEnabled": False, "lastVersionCheck": int(time.time())})
        )
        return program_variables(
            **self.emulator.variables,
            SAM_CLI_TELEMETRY="0",
            SAM_CLI_POLL_DELAY="1",
            TMPDIR=str(self._temporary),
            __SAM_CLI_APP_DIR=str(settings),
            **changes,
        )


def build_variables() -> dict[str, str]:
    """Return for what the functions are packaged: this machine, on which the emulator runs them."""
    return {
        "LAMBDA_PYTHON_VERSION": f"{sys.version_info.major}.{sys.version_info.minor}",
        "LAMBDA_PLATFORM": package_platform(),
    }


def package_platform() -> str:
    """Return uv's name of this machine's platform, for which the emulator's functions are packaged."""
    machine = "aarch64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
    return f"{machine}-apple-darwin" if sys.platform == "darwin" else f"{machine}-manylinux_2_28"
