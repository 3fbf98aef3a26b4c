"""Deployments while messages flow: one that is good, and one that is broken and rolled back by hand."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stack.paths import PROCESSOR, ROOT
from stack.programs import ProgramError, program_variables, run
from stack.stack import Stack

_SECONDS_BROKEN = 4
_ROLLBACKS = 5


@dataclass(frozen=True)
class Deployments:
    """Deploys the processor again and again, and keeps the fault injection in its way."""

    running: Stack
    parameters: Mapping[str, str]
    """Of the processor's template."""
    table_endpoint: str
    timeout: int
    """Of the function, in seconds: shorter than in production, so that many time-outs fit into a test."""

    @property
    def function(self) -> str:
        """The function's name."""
        return self.running.parameters["processor-function-name"]

    def version(self) -> str:
        """Return the version that the alias points to."""
        alias: dict[str, Any] = self._client.get_alias(FunctionName=self.function, Name="live")
        return str(alias["FunctionVersion"])

    def injure(self) -> None:
        """Publish the deployed code once more, with the failing table's address and the short time-out."""
        variables = self._client.get_function_configuration(FunctionName=self.function)["Environment"]["Variables"]
        self._client.update_function_configuration(
            FunctionName=self.function,
            Timeout=self.timeout,
            Environment={"Variables": {**variables, "AWS_ENDPOINT_URL_DYNAMODB": self.table_endpoint}},
        )
        version = self._client.publish_version(FunctionName=self.function)["Version"]
        self._client.update_alias(FunctionName=self.function, Name="live", FunctionVersion=version)

    def deploy(self, name: str, *, broken: bool = False) -> None:
        """Deploy a changed copy of what was built, with `sam deploy`.

        Raises:
            ProgramError: the alias has not moved to a new version.
        """
        before = self.version()
        copy = self.running.directory / "chaos" / name
        built = copy / "sam" / PROCESSOR.name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.running.directory / "sam" / PROCESSOR.name, built)
        code = built / "Function"
        (code / "DEPLOYMENT").write_text(name, encoding="utf-8")
        if broken:
            (code / "processor" / "handler.py").write_text("raise RuntimeError('broken')\n", encoding="utf-8")
        replace(self.running.applications, directory=copy).deploy(PROCESSOR, self.parameters)
        if self.version() == before:
            raise ProgramError(f"after the deployment of {name}, the alias still points to version {before}")

    def break_and_roll_back(self, log: Path) -> None:
        """Deploy a version that cannot even be imported, and roll it back with the documented command.

        Raises:
            ProgramError: the alias does not point to the version before again.
        """
        before = self.version()
        self.deploy("broken", broken=True)
        time.sleep(_SECONDS_BROKEN)
        self._roll_back(log)
        if self.version() != before:
            raise ProgramError(f"after the rollback, the alias points to version {self.version()}, not {before}")

    def _roll_back(self, log: Path) -> None:
        """Try as often as somebody at a keyboard would: the command tests a version, which the faults hit as well."""
        for attempt in range(1, _ROLLBACKS + 1):
            try:
                run(
                    ["make", "--no-print-directory", "rollback"],
                    cwd=ROOT,
                    env=program_variables(**self.running.emulator.variables),
                    log=log,
                )
            except ProgramError:
                if attempt == _ROLLBACKS:
                    raise
            else:
                return

    @property
    def _client(self) -> Any:
        return self.running.emulator.client("lambda")
