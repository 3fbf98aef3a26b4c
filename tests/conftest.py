"""What every test of this folder has."""

from collections.abc import Iterator
from functools import cache

import botocore.session
import hypothesis
import pytest

# How long an example takes says more about the machine than about the code. Each run has the same examples, so that a
# test fails for a change and never by chance; `--hypothesis-profile=search` looks for others.
hypothesis.settings.register_profile(
    "any machine", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("search", hypothesis.settings.get_profile("any machine"), derandomize=False)
hypothesis.settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def _descriptions_read_once() -> Iterator[None]:
    """Let all sessions of a run share what botocore has read: moto gives each test new ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        yield
