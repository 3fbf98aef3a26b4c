"""One Worker in workerd for all tests of this folder, and the queue it sends to."""

from collections.abc import Iterator

import pytest
import pytest_socket

import workerd
from configuration import VARIABLES
from queue_server import QueueServer, serving
from worker_client import ACT_KEY, COLLECTOR_TOKEN, CONVERSATIONS_SECRET, Worker

SECRETS = {
    "COLLECTOR_TOKEN": COLLECTOR_TOKEN,
    "ACT_KEY": ACT_KEY,
    "CONVERSATIONS_SECRET": CONVERSATIONS_SECRET,
    "CONVERSATIONS_TABLE": "events",
    "CONVERSATIONS_ACCESS_KEY_ID": VARIABLES["AWS_ACCESS_KEY_ID"],
    "CONVERSATIONS_SECRET_ACCESS_KEY": VARIABLES["AWS_SECRET_ACCESS_KEY"],
}


@pytest.fixture(scope="session")
def queue_server() -> Iterator[tuple[QueueServer, str]]:
    pytest_socket.enable_socket()
    queue = QueueServer(VARIABLES["AWS_ACCESS_KEY_ID"], VARIABLES["AWS_SECRET_ACCESS_KEY"], VARIABLES["AWS_REGION"])
    with serving(queue) as address:
        yield queue, address


@pytest.fixture
def queue(queue_server: tuple[QueueServer, str]) -> QueueServer:
    queue_server[0].reset()
    return queue_server[0]


@pytest.fixture(scope="session")
def worker(queue_server: tuple[QueueServer, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    log = tmp_path_factory.mktemp("worker") / "log"
    with (
        log.open("wb") as file,
        workerd.worker(queue_server[1], variables=SECRETS, log=file) as url,
    ):
        yield Worker(url, log)
