"""Points a function's alias to an earlier version."""

from operate.environment import OperationError
from operate.lambda_function import Function


def roll_back(function: Function, version: str | None = None) -> str:
    """Let the alias point to an earlier version, all of its traffic at once.

    Args:
        function: whose alias.
        version: which to go back to; by default the newest that is older than the present one.

    Returns:
        What was done, as a line to print.

    Raises:
        OperationError: there is no such version, or nothing is deployed.
    """
    present = function.version
    if present is None:
        raise OperationError(f"{function.name} is not deployed")
    versions = function.versions()
    if version:
        target = version if version in versions else None
    else:
        target = max((found for found in versions if int(found) < int(present)), key=int, default=None)
    if target is None:
        known = ", ".join(versions) or "none"
        wanted = f"version {version} to go back to" if version else f"version older than {present}"
        raise OperationError(f"{function.name} has no {wanted}; it has: {known}")
    function.point_to(target)
    return f"{function.name}:{function.alias} is now version {target}, was {present}"
