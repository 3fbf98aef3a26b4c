"""Points a function's alias to an earlier version."""

from collections.abc import Callable

from operate.environment import OperationError
from operate.lambda_function import Function
from operate.smoke_test import smoke_test

Test = Callable[..., str]


def roll_back(function: Function, version: str | None = None, *, test: Test = smoke_test) -> str:
    """Test an earlier version, and let the alias point to it, all of its traffic at once.

    Args:
        function: whose alias.
        version: which to go back to; by default the newest before the present one that no release has rejected.
        test: raises OperationError where the version does not work.

    Returns:
        What was done, as a line to print.

    Raises:
        OperationError: there is no such version, it does not work, or nothing is deployed.
    """
    present = function.version
    if present is None:
        command = f"make release SERVICE={function.service} ENVIRONMENT={function.environment.name}"
        raise OperationError(f"{function.name} is not deployed: {command}")
    versions, rejected = function.versions(), function.rejected()
    known = ", ".join(f"{found} (rejected)" if found in rejected else found for found in versions) or "none"
    if version is not None:
        if version not in versions:
            raise OperationError(f"VERSION={version} does not exist; {function.name} has {known}")
        if version == present:
            raise OperationError(f"{function.name}:{function.alias} is version {present} already")
        target = version
    else:
        older = [found for found in versions if int(found) < int(present) and found not in rejected]
        if not older:
            raise OperationError(f"{function.name} has no version older than {present} to go back to; it has {known}")
        target = older[-1]
    try:
        done = test(function, version=target)
    except OperationError as error:
        raise OperationError(f"{error}. The alias still points to version {present}") from None
    function.point_to(target)
    return f"{function.name}:{function.alias} is now version {target}, was {present}, and {done}"
