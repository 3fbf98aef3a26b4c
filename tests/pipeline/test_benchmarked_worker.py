"""The Worker with the variants that `make bench` compares."""

from pathlib import Path

import pytest
import urllib3

from benchmarks.local_servers import Queue, serving
from benchmarks.worker import VARIANTS, assemble, worker
from stack.programs import wait_until

pytestmark = pytest.mark.stack


def test_each_variant_answers_and_all_but_one_record(tmp_path: Path) -> None:
    queue = Queue()
    assemble(tmp_path / "worker")
    with serving(queue) as sink, worker(tmp_path / "worker", sink=sink, log=tmp_path / "worker.log") as running:
        answers = {
            variant: urllib3.request(
                "POST", f"{running.url}/query", json={"question": "Why?"}, headers={"variant": variant}, retries=False
            ).json()
            for variant in VARIANTS
        }
        ids = {variant: answer.get("id") for variant, answer in answers.items()}
        recorded = {identifier[:36] for identifier in ids.values() if identifier}
        wait_until(lambda: queue.ids.keys() >= recorded, what="the events", seconds=60, every=0.1)

    assert {variant for variant, identifier in ids.items() if identifier} == {"fire_and_forget", "blocking"}
    assert queue.ids.keys() == recorded
