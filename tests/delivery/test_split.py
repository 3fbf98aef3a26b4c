"""A service's folder is complete in itself: on its own, as `git subtree split` gives it, it tests green."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.paths import BUILD, PROGRAMS
from local.programs import environment
from tests.delivery.checkout import copy

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("service", ["edge-worker", "processor", "reporter"])
def test_a_service_split_off_tests_green(service: str) -> None:
    repository = copy(BUILD / "test" / "split" / service, service)
    # Elsewhere there is no folder beside it, and no tool but those that its README asks for.
    path = os.pathsep.join([str(PROGRAMS), str(Path(sys.executable).parent), os.environ["PATH"]])

    answer = subprocess.run(
        ["make", "test", f"PYTHON={sys.executable}"],
        cwd=repository,
        env=environment(PATH=path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer.stdout[-6000:]
    assert " passed" in answer.stdout
