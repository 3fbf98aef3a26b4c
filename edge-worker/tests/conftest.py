"""Unit tests reach no network; the contract's schema and examples come from the folder this service owns."""

import json
from pathlib import Path

import hypothesis
import pytest
import pytest_socket
from jsonschema import Draft7Validator

# How long an example takes says more about the machine than about the code. Each run has the same examples, so that a
# test fails for a change and never by chance; `--hypothesis-profile=search` looks for others.
hypothesis.settings.register_profile(
    "any machine", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("search", hypothesis.settings.get_profile("any machine"), derandomize=False)
hypothesis.settings.load_profile("any machine")

CONTRACT = Path(__file__).parent.parent / "contract" / "analytics-event"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage of property tests: it is another at every run, and takes twice as long."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("no_cover")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("runtime"):
        pytest_socket.enable_socket()
    else:
        pytest_socket.disable_socket(allow_unix_socket=True)


@pytest.fixture(scope="session")
def contract() -> Draft7Validator:
    return Draft7Validator(json.loads((CONTRACT / "v1.schema.json").read_text(encoding="utf-8")))
