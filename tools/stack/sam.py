"""Builds and deploys the unchanged SAM applications to the emulator."""

import json
import platform
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.emulator import Emulator
from stack.programs import program_variables, run

ENVIRONMENT = "dev"


@dataclass(frozen=True)
class Applications:
    """The SAM applications of one stack: built in `directory`, deployed to the emulator."""

    directory: Path
    emulator: Emulator

    def build(self, source: Path) -> None:
        """Run `sam build`, with packages for this machine's Python and processor.

        The emulator runs the functions on this machine's Python, Lambda on the template's.

        Raises:
            ProgramError: it fails.
        """
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
                LAMBDA_PYTHON_VERSION=f"{sys.version_info.major}.{sys.version_info.minor}",
                LAMBDA_PLATFORM=package_platform(),
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

    def _log(self, source: Path) -> Path:
        return self.directory / "logs" / f"sam-{source.name}.log"

    def _variables(self, **changes: str) -> dict[str, str]:
        settings = self.directory / "sam" / "settings"
        settings.mkdir(parents=True, exist_ok=True)
        # With the last check for a newer SAM just made, none is made now.
        (settings / "metadata.json").write_text(
            json.dumps({"telemetryEnabled": False, "lastVersionCheck": int(time.time())})
        )
        return program_variables(
            **self.emulator.variables,
            SAM_CLI_TELEMETRY="0",
            SAM_CLI_POLL_DELAY="1",
            __SAM_CLI_APP_DIR=str(settings),
            **changes,
        )


def package_platform() -> str:
    """Return uv's name of this machine's platform, for which the emulator's functions are packaged."""
    machine = "aarch64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
    return f"{machine}-apple-darwin" if sys.platform == "darwin" else f"{machine}-manylinux_2_28"
