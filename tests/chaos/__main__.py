"""`make chaos`: sends events through a stack that fails in every way it can, and counts what arrives."""

import argparse
import json
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from types import FrameType

import botocore.exceptions

from stack.paths import BUILD
from stack.programs import ProgramError, wait_until
from stack.progress import Progress
from stack.queue import Queue
from stack.stack import Stack, Variant, stack
from tests.chaos.deployments import Deployments
from tests.chaos.edge import SITE, run_edge
from tests.chaos.function_faults import dying_function
from tests.chaos.table_faults import TableFaults, faulty_table
from tests.chaos.traffic import Traffic, traffic
from tests.chaos.verdict import Verdict, judge

_TIMEOUTS = {"stream": 20, "drain": 40}
_VISIBILITY_SECONDS = 12
_LONGEST_QUEUE = 4_000
_CHUNK = 200
_GRACE_SECONDS = 900


def main() -> int:
    """Run the fault tests; return 0 only if nothing is missing, nothing double, and only the invalid dead."""
    parser = argparse.ArgumentParser(prog="tests.chaos", description=__doc__)
    parser.add_argument("--events", type=int, default=20_000, help="how many events are sent (default: 20000)")
    parser.add_argument("--seed", type=int, default=1, help="of everything that is random (default: 1)")
    parser.add_argument("--mode", choices=sorted(_TIMEOUTS), default="stream", help="of the processor")
    parser.add_argument("--directory", type=Path, default=BUILD, help="where chaos.json goes")
    chosen = parser.parse_args()
    directory = chosen.directory.resolve()
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    progress = Progress()
    parameters = {"Mode": chosen.mode, "DrainSchedule": "rate(1 minute)"}
    try:
        with stack(directory / "chaos" / "stack", progress, Variant(processor_parameters=parameters)) as running:
            edge = run_edge(running, progress)
            progress.say(f"Edge: {asdict(edge)}")
            verdict = _run(running, parameters, traffic(chosen.events, chosen.seed), chosen.seed, progress)
    except ProgramError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    result = json.dumps({"mode": chosen.mode, "seed": chosen.seed, **asdict(verdict), "edge": asdict(edge)}, indent=2)
    (directory / "chaos.json").write_text(result + "\n", encoding="utf-8")
    print(result)
    if not (verdict.is_good and edge.is_good):
        print("error: not everything is where it must be, once; see the figures above", file=sys.stderr)
        return 1
    return 0


def _run(running: Stack, parameters: dict[str, str], sent: Traffic, seed: int, progress: Progress) -> Verdict:
    # A message that was in a killed function's hands is shown again after this, not after three minutes.
    queue = running.queue
    queue.client.set_queue_attributes(QueueUrl=queue.url, Attributes={"VisibilityTimeout": str(_VISIBILITY_SECONDS)})
    faults = TableFaults(random.Random(seed))
    begun = time.monotonic()
    with faulty_table(running.emulator.url, faults) as endpoint:
        deployments = Deployments(running, parameters, endpoint, _TIMEOUTS[parameters["Mode"]])
        deployments.injure()
        with _drained(deployments, enabled=parameters["Mode"] == "drain"):
            with dying_function(running.directory, deployments.function, random.Random(seed + 1)) as deaths:
                half = len(sent.entries) // 2
                with progress.step(f"Send the first half of {len(sent.entries)} messages, {sent.events} events"):
                    _send(queue, sent.entries[:half])
                with progress.step("Deploy a new version in mid-flight"):
                    deployments.deploy("good")
                    deployments.injure()
                with progress.step("Deploy a broken version in mid-flight, and roll it back by hand"):
                    deployments.break_and_roll_back(running.directory / "logs" / "rollback.log")
                with progress.step("Send the second half"):
                    _send(queue, sent.entries[half:])
                with progress.step("Wait until few are left"):
                    wait_until(lambda: queue.depth() < _CHUNK, what="the queue", seconds=_GRACE_SECONDS, every=1)
            progress.say(f"Injected: {dict(faults.injected | deaths)}")
            with progress.step("Wait until the queue is empty"):
                queue.wait_until_empty(seconds=_GRACE_SECONDS)
    others = [item for item in running.items() if not item["pk"]["S"].startswith(f"site#{SITE}#")]
    return judge(sent, others, _bodies(running.dead_letter_queue), time.monotonic() - begun)


def _send(queue: Queue, entries: list[dict[str, str]]) -> None:
    """Send with the queue kept short: the emulator goes through all of it for each message it hands out."""
    for start in range(0, len(entries), _CHUNK):
        wait_until(lambda: queue.depth() < _LONGEST_QUEUE, what="the queue", seconds=_GRACE_SECONDS, every=0.5)
        queue.send(entries[start : start + _CHUNK])


@contextmanager
def _drained(deployments: Deployments, *, enabled: bool) -> Iterator[None]:
    """Invoke the alias as the schedule does, only without a pause, so that the test ends sooner."""
    done = threading.Event()
    client = deployments.running.emulator.client("lambda", read_timeout_seconds=180)

    def work() -> None:
        while not done.is_set():
            with suppress(botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError):
                client.invoke(
                    FunctionName=f"{deployments.function}:live", Payload=json.dumps({"source": "tests.chaos"})
                )
            done.wait(1)

    thread = threading.Thread(target=work, daemon=True)
    if enabled:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if enabled:
            thread.join()


def _bodies(queue: Queue) -> list[str]:
    """Take the messages off a queue and return their texts."""
    bodies = []
    while messages := queue.client.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            bodies.append(message["Body"])
            queue.client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
