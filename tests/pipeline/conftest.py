"""One stack for all tests of a run."""

import sys
from collections.abc import Iterator

import pytest

from stack.paths import BUILD
from stack.progress import Progress
from stack.stack import Stack, stack


@pytest.fixture(scope="session")
def running(pytestconfig: pytest.Config) -> Iterator[Stack]:
    """A running stack, whose queue hides a message for one second only, so that failures come to an end."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        progress = Progress(sys.stderr)
        started = stack(BUILD / "test" / "stack", progress)
        found = started.__enter__()
    queue = found.queue
    queue.client.set_queue_attributes(QueueUrl=queue.url, Attributes={"VisibilityTimeout": "1"})
    try:
        yield found
    finally:
        with capture.global_and_fixture_disabled():
            started.__exit__(None, None, None)
