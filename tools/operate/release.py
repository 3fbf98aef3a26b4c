"""Deploys a service and stays with the new version only if it answers."""

import os
import subprocess
from collections.abc import Callable, Iterator

from operate.environment import ROOT, OperationError
from operate.lambda_function import Function

Deploy = Callable[[str, str], None]


def make_deploy(service: str, environment: str) -> None:
    """Run the service's own `make deploy`, with the programs of the root environment first on the path.

    Raises:
        OperationError: it fails.
    """
    programs = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    command = ["make", "--no-print-directory", "-C", str(ROOT / service), "deploy", f"ENVIRONMENT={environment}"]
    if subprocess.run(command, env={**os.environ, "PATH": programs}, check=False).returncode != 0:
        raise OperationError(f"{service} was not deployed; what it said is above. The alias still points where it did")


def release(function: Function, deploy: Deploy = make_deploy) -> Iterator[str]:
    """Deploy, test through the alias, and take the alias back if the test fails. Yields lines that say what happens.

    A gradual deployment that triggers the alarm is rolled back by CodeDeploy before this test.

    Raises:
        OperationError: it was not deployed, or was rolled back.
    """
    before = function.version
    deploy(function.service, function.environment.name)
    after = function.version
    try:
        answer = function.smoke()
    except OperationError as error:
        if before is None or before == after:
            raise OperationError(f"{error}. There is no other version to go back to") from None
        function.point_to(before)
        raise OperationError(f"{error}. The alias was rolled back from version {after} to {before}") from None
    yield f"{function.name}:live is version {after} (before: {before or 'none'}) and answers {answer}"
