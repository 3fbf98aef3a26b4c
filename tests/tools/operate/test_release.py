"""A release that does not work is rolled back, and no release claims what is not so."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError

from operate.environment import OperationError
from operate.release import release


class FakeFunction:
    """A function with published versions, whose alias points to one of them; a deployment may publish another."""

    service = "reporter"
    name = "edge-analytics-dev-reporter"
    alias: ClassVar[str] = "live"
    stack = "edge-analytics-dev-reporter"

    class environment:  # noqa: N801 - stands in the place of an instance
        name = "dev"

    def __init__(self, versions: Sequence[str] = ("6", "7"), live: str | None = "7") -> None:
        self._versions = list(versions)
        self._rejected: list[str] = []
        self.version = live
        self.variables: list[Mapping[str, str]] = []

    def versions(self) -> list[str]:
        return list(self._versions)

    def rejected(self) -> list[str]:
        return self._rejected

    def reject(self, version: str) -> None:
        self._rejected.append(version)

    def point_to(self, version: str) -> None:
        self.version = version

    def publish(self, _service: str, _environment: str, variables: Mapping[str, str]) -> None:
        """Deploy new code."""
        self.variables.append(variables)
        self._versions.append(str(int((self._versions or ["0"])[-1]) + 1))
        self.version = self._versions[-1]

    def nothing(self, _service: str, _environment: str, variables: Mapping[str, str]) -> None:
        """Deploy what is deployed already."""
        self.variables.append(variables)


def works(_function: Any) -> str:
    return "works"


def fails(_function: Any) -> str:
    raise OperationError("it fails: No module named 'reporter'")


def released(function: Any, deploy: Any, test: Any = works, **options: Any) -> str:
    return "\n".join(release(function, deploy, test, **options))


def test_a_release_that_works_stays() -> None:
    function = FakeFunction()

    said = released(function, function.publish)

    assert function.version == "8"
    assert said == "edge-analytics-dev-reporter:live is version 8 (before: 7) and works"


def test_a_release_that_does_not_work_is_rolled_back() -> None:
    function = FakeFunction()

    with pytest.raises(
        OperationError, match=r"No module named 'reporter'\. The alias was rolled back from version 8 to 7"
    ):
        released(function, function.publish, fails)

    assert (function.version, function.rejected()) == ("7", ["8"])


def test_the_same_again_after_a_rejected_release_is_no_success() -> None:
    function = FakeFunction()
    with pytest.raises(OperationError):
        released(function, function.publish, fails)

    with pytest.raises(OperationError, match="since version 8, which failed its smoke test: live is still version 7"):
        released(function, function.nothing)

    assert function.version == "7"


def test_nothing_new_after_a_rollback_by_hand_says_how_to_return() -> None:
    function = FakeFunction(live="6")

    with pytest.raises(OperationError, match=r"rolled back to 6\. To return to it: make rollback .* VERSION=7"):
        released(function, function.nothing)


def test_without_a_change_live_is_tested_all_the_same() -> None:
    function = FakeFunction()

    assert "version 7 (no changes) and works" in released(function, function.nothing)
    with pytest.raises(OperationError, match="Nothing had changed"):
        released(function, function.nothing, fails)


def test_the_first_release_has_no_version_to_go_back_to() -> None:
    function = FakeFunction([], live=None)
    function.environment = WithoutStack()  # type: ignore[assignment]

    with pytest.raises(OperationError, match="no other version"):
        released(function, function.publish, fails)

    assert function.rejected() == ["1"]


class WithoutStack:
    """An environment with no CloudFormation stack."""

    name = "dev"

    def client(self, _service: str) -> Any:
        class Formation:
            def describe_stacks(self, **_arguments: Any) -> None:
                raise ClientError({"Error": {"Code": "ValidationError", "Message": "does not exist"}}, "DescribeStacks")

        return Formation()


@pytest.mark.parametrize(
    ("live", "canary", "variables"),
    [("7", True, {}), ("6", True, {"CANARY": "no"}), ("7", False, {"CANARY": "no"})],
    ids=["as the environment has it", "after a rollback", "if asked for"],
)
def test_a_canary_starts_only_from_the_version_that_was_deployed_last(
    live: str, canary: bool, variables: dict[str, str]
) -> None:
    function = FakeFunction(live=live)

    released(function, function.publish, canary=canary)

    assert function.variables == [variables]


def test_a_deployment_that_fails_tests_nothing() -> None:
    function = FakeFunction()

    def fail(_service: str, _environment: str, _variables: Mapping[str, str]) -> None:
        raise OperationError("reporter was not deployed")

    with pytest.raises(OperationError, match="was not deployed"):
        released(function, fail, fails)

    assert function.version == "7"
