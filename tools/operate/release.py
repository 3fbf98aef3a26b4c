"""Deploys a service and keeps the new version only if it works."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping

from operate.broken_stack import remove_a_broken_stack
from operate.environment import ROOT, OperationError
from operate.event_source import start_reading
from operate.lambda_function import Function
from operate.smoke_test import smoke_test

Deploy = Callable[[str, str, Mapping[str, str]], None]
Test = Callable[[Function], str]


def make_build(service: str, environment: str) -> None:
    """Install what a service's deployment needs and build it, with no credentials. Raises OperationError."""
    if _make("build", service, environment, {}) != 0:
        raise OperationError(f"{service} was not built; what it said is above")


def make_deploy_built(service: str, environment: str, variables: Mapping[str, str]) -> None:
    """Deploy what `make_build` has built, and install nothing. Raises OperationError."""
    make_deploy(service, environment, {**variables, "BUILT": "yes"})


def make_deploy(service: str, environment: str, variables: Mapping[str, str]) -> None:
    """Run the service's own `make deploy`.

    Args:
        service: whose folder.
        environment: `dev` or `prod`.
        variables: further variables for make.

    Raises:
        OperationError: it fails.
    """
    if _make("deploy", service, environment, variables) != 0:
        raise OperationError(
            f"{service} was not deployed; what it said is above. The alias `live` still points where it did"
        )


def _make(target: str, service: str, environment: str, variables: Mapping[str, str]) -> int:
    """Run a target of a service's own Makefile, with the programs of the root environment first on the path."""
    programs = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    command = ["make", "--no-print-directory", "-C", str(ROOT / service), target, f"ENVIRONMENT={environment}"]
    command += [f"{name}={value}" for name, value in variables.items()]
    # What was said to this make is not for the one below.
    made = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "BUILT"}
    inherited = {name: value for name, value in os.environ.items() if name not in made}
    return subprocess.run(command, env={**inherited, "PATH": programs}, check=False).returncode


def release(
    function: Function, deploy: Deploy = make_deploy, test: Test = smoke_test, *, canary: bool = True
) -> Iterator[str]:
    """Deploy, test through the alias, and roll back if the test fails. Yields lines that say what happens.

    A gradual deployment that triggers the alarm is rolled back by CodeDeploy before this test.

    Args:
        function: of the service.
        deploy: builds and deploys.
        test: raises OperationError where the version does not work.
        canary: whether a new version may get a part of the traffic first, where the environment does so.

    Raises:
        OperationError: it was not deployed, was rolled back, or there was nothing new although live is not the newest.
    """
    yield from remove_a_broken_stack(function)
    before, known = function.version, function.versions()
    # CodeDeploy starts from the version that the stack deployed last; after a rollback the alias is on another one.
    gradual = canary and (before is None or before == known[-1])
    deploy(function.service, function.environment.name, {} if gradual else {"CANARY": "no"})
    after, newest = function.version, [version for version in function.versions() if version not in known]
    if after is None:
        raise OperationError(f"{function.name} has no alias `{function.alias}` although it was deployed")
    if not newest and known and after != known[-1]:
        raise OperationError(_nothing_new(function, after, known[-1]))
    try:
        done = test(function)
    except OperationError as error:
        raise OperationError(_roll_back(function, error, before, after)) from None
    yield from start_reading(function)
    change = "no changes" if before == after else f"before: {before or 'none'}"
    yield f"{function.name}:{function.alias} is version {after} ({change}) and {done}"


def _nothing_new(function: Function, live: str, newest: str) -> str:
    back = f"make rollback SERVICE={function.service} ENVIRONMENT={function.environment.name} VERSION={newest}"
    if newest in function.rejected():
        return (
            f"nothing has changed since version {newest}, which failed its smoke test: live is still version {live}. "
            f"Fix {function.service} and release again"
        )
    return f"nothing has changed since version {newest}, but live was rolled back to {live}. To return to it: {back}"


def _roll_back(function: Function, error: OperationError, before: str | None, after: str) -> str:
    """Take a version that failed its test out of service; return what to say."""
    function.reject(after)
    if before is None:
        return f"{error}. There is no other version to go back to"
    if before == after:
        return f"{error}. Nothing had changed; `make rollback SERVICE={function.service}` goes back to an older version"
    function.point_to(before)
    return f"{error}. The alias was rolled back from version {after} to {before}"
