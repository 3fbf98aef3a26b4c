"""A release that does not answer is rolled back."""

from collections.abc import Sequence
from typing import Any

import pytest

from operate.environment import OperationError
from operate.release import release


class FakeFunction:
    """A function whose alias points to version 7 until something is deployed."""

    service = "processor"
    name = "edge-analytics-dev-processor"

    class environment:  # noqa: N801
        name = "dev"

    def __init__(self, versions: Sequence[str | None], *, broken: bool = False) -> None:
        self._versions = list(versions)
        self._broken = broken
        self.pointed_to: list[str] = []

    @property
    def version(self) -> str | None:
        return self._versions.pop(0)

    def point_to(self, version: str) -> None:
        self.pointed_to.append(version)

    def smoke(self) -> Any:
        if self._broken:
            raise OperationError("it fails: No module named 'processor'")
        return {"batchItemFailures": []}


def nothing(_service: str, _environment: str) -> None:
    """Deploy nothing."""


def test_a_release_that_answers_stays() -> None:
    function = FakeFunction(["7", "8"])

    lines = list(release(function, nothing))  # type: ignore[arg-type]

    assert function.pointed_to == []
    assert "version 8 (before: 7)" in lines[0]


def test_a_release_that_does_not_answer_is_taken_back() -> None:
    function = FakeFunction(["7", "8"], broken=True)

    with pytest.raises(
        OperationError, match=r"No module named 'processor'\. The alias was rolled back from version 8 to 7"
    ):
        list(release(function, nothing))  # type: ignore[arg-type]

    assert function.pointed_to == ["7"]


@pytest.mark.parametrize("versions", [[None, "1"], ["7", "7"]], ids=["first", "unchanged"])
def test_there_is_not_always_a_version_to_go_back_to(versions: list[str | None]) -> None:
    function = FakeFunction(versions, broken=True)

    with pytest.raises(OperationError, match="no other version"):
        list(release(function, nothing))  # type: ignore[arg-type]

    assert function.pointed_to == []


def test_a_deployment_that_fails_tests_nothing() -> None:
    function = FakeFunction(["7"], broken=True)

    def fail(_service: str, _environment: str) -> None:
        raise OperationError("processor was not deployed")

    with pytest.raises(OperationError, match="was not deployed"):
        list(release(function, fail))  # type: ignore[arg-type]

    assert function.pointed_to == []
