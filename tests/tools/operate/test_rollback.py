"""A broken version is taken out of service."""

import re
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from operate.environment import OperationError
from operate.rollback import roll_back


class FakeFunction:
    """A function with some versions, whose alias points to one of them."""

    service = "reporter"
    name = "edge-analytics-dev-reporter"
    alias: ClassVar[str] = "live"

    class environment:  # noqa: N801 - stands in the place of an instance
        name = "dev"

    def __init__(self, version: str | None, versions: list[str], rejected: Sequence[str] = ()) -> None:
        self.version = version
        self._versions = versions
        self._rejected = list(rejected)

    def versions(self) -> list[str]:
        return self._versions

    def rejected(self) -> list[str]:
        return self._rejected

    def point_to(self, version: str) -> None:
        self.version = version


def works(_function: Any, *, version: str) -> str:
    return f"tested as {version}"


def fails(_function: Any, *, version: str) -> str:
    raise OperationError(f"version {version} fails")


@pytest.mark.parametrize(
    ("asked_for", "target"), [(None, "7"), ("3", "3"), ("12", "12")], ids=["default", "older", "newer"]
)
def test_the_alias_goes_back_to_the_version_before_or_the_one_asked_for(asked_for: str | None, target: str) -> None:
    function: Any = FakeFunction("10", ["3", "7", "10", "12"])

    said = roll_back(function, asked_for, test=works)

    assert function.version == target
    assert said == f"edge-analytics-dev-reporter:live is now version {target}, was 10, and tested as {target}"


@pytest.mark.parametrize(
    ("asked_for", "versions"),
    [(None, ["10", "12"]), ("9", ["3", "10"]), ("x", ["3", "10"]), ("²", ["3", "10"]), ("$LATEST", ["3", "10"])],
)
def test_without_a_version_to_go_back_to_nothing_is_changed(asked_for: str | None, versions: list[str]) -> None:
    function: Any = FakeFunction("10", versions)

    with pytest.raises(OperationError, match=", ".join(map(re.escape, versions))) as raised:
        roll_back(function, asked_for, test=works)

    assert function.version == "10"
    assert asked_for is None or f"VERSION={asked_for}" in str(raised.value)


def test_what_is_not_deployed_cannot_be_rolled_back() -> None:
    function: Any = FakeFunction(None, [])

    with pytest.raises(OperationError, match="is not deployed"):
        roll_back(function, test=works)


def test_a_version_that_a_release_rejected_is_passed_over() -> None:
    function: Any = FakeFunction("10", ["3", "7", "10"], rejected=["7"])

    roll_back(function, test=works)

    assert function.version == "3"


def test_where_only_rejected_versions_are_older_they_are_named_as_such() -> None:
    function: Any = FakeFunction("10", ["7", "10"], rejected=["7"])

    with pytest.raises(OperationError, match=r"7 \(rejected\), 10"):
        roll_back(function, test=works)


def test_a_version_that_does_not_work_is_not_made_live() -> None:
    function: Any = FakeFunction("10", ["7", "10"])

    with pytest.raises(OperationError, match=r"version 7 fails\. The alias still points to version 10"):
        roll_back(function, test=fails)

    assert function.version == "10"
