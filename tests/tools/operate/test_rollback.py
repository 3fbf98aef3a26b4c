"""A broken version is taken out of service."""

from typing import Any, ClassVar

import pytest

from operate.environment import OperationError
from operate.rollback import roll_back


class FakeFunction:
    """A function with some versions, whose alias points to one of them."""

    name = "edge-analytics-dev-reporter"
    alias: ClassVar[str] = "live"

    def __init__(self, version: str | None, versions: list[str]) -> None:
        self.version = version
        self._versions = versions

    def versions(self) -> list[str]:
        return self._versions

    def point_to(self, version: str) -> None:
        self.version = version


@pytest.mark.parametrize(
    ("asked_for", "target"), [(None, "7"), ("3", "3"), ("12", "12")], ids=["default", "older", "newer"]
)
def test_the_alias_goes_back_to_the_version_before_or_the_one_asked_for(asked_for: str | None, target: str) -> None:
    function: Any = FakeFunction("10", ["3", "7", "10", "12"])

    said = roll_back(function, asked_for)

    assert function.version == target
    assert said == f"edge-analytics-dev-reporter:live is now version {target}, was 10"


@pytest.mark.parametrize(
    ("asked_for", "versions"),
    [(None, ["10", "12"]), ("9", ["3", "10"]), ("x", ["3", "10"]), ("²", ["3", "10"]), ("$LATEST", ["3", "10"])],
)
def test_without_a_version_to_go_back_to_nothing_is_changed(asked_for: str | None, versions: list[str]) -> None:
    function: Any = FakeFunction("10", versions)

    with pytest.raises(OperationError, match=", ".join(versions)) as raised:
        roll_back(function, asked_for)

    assert function.version == "10"
    assert asked_for is None or f"version {asked_for}" in str(raised.value)


def test_what_is_not_deployed_cannot_be_rolled_back() -> None:
    function: Any = FakeFunction(None, [])

    with pytest.raises(OperationError, match="is not deployed"):
        roll_back(function)
