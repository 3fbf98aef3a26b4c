"""Brings the whole of Edge Analytics up on this machine, as production has it, and down again."""

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.emulator import Emulator, emulator
from stack.emulator_faults import adapt_policies
from stack.paths import PROCESSOR, REPORTER
from stack.programs import ProgramError, exclusively, require_port, wait_until
from stack.progress import Progress
from stack.queue import Queue
from stack.sam import ENVIRONMENT, Applications
from stack.sample_traffic.corpus import write_knowledge
from stack.terraform import Workspaces, workspaces
from stack.worker import SITE, configuration, worker

PREFIX = f"/edge-analytics/{ENVIRONMENT}/"
SENDER = "reports@example.com"
RECIPIENT = "owner@example.com"
TIME_ZONE = "Europe/London"

VARIABLES: dict[str, dict[str, Any]] = {
    "worker": {"environment": ENVIRONMENT, "alert_email": RECIPIENT},
    "processor": {"environment": ENVIRONMENT, "deletion_protection": False},
    "reporter": {
        "environment": ENVIRONMENT,
        "report_sender": SENDER,
        "report_recipients": [RECIPIENT],
        "report_sites": [SITE],
        "report_time_zone": TIME_ZONE,
    },
}


@dataclass(frozen=True)
class Stack:
    """A running stack."""

    emulator: Emulator
    workspaces: Workspaces
    applications: Applications
    parameters: Mapping[str, str]
    """What the Terraform workspaces publish, by name."""
    worker_url: str
    worker_variables: Mapping[str, str]
    worker_log: Path
    knowledge: Path
    directory: Path

    @property
    def queue(self) -> Queue:
        """The queue of events."""
        return Queue(self.emulator.client("sqs"), self.parameters["queue-url"])

    @property
    def dead_letter_queue(self) -> Queue:
        """Where messages end that could not be stored."""
        return Queue(self.emulator.client("sqs"), self.parameters["dead-letter-queue-url"])

    def items(self) -> list[dict[str, Any]]:
        """Return everything in the table, with DynamoDB's types (`{"S": ...}`)."""
        pages = self.emulator.client("dynamodb").get_paginator("scan")
        return [item for page in pages.paginate(TableName=self.parameters["table-name"]) for item in page["Items"]]

    def wait_until_stored(self, exchanges: Iterable[str], rated: Iterable[str] = (), *, seconds: float) -> None:
        """Wait until exchanges and ratings that the Worker took are in the table and the queue is empty.

        The Worker sends an event after its response, so an empty queue alone says nothing.

        Args:
            exchanges: the ids of exchanges.
            rated: the ids of rated ones.
            seconds: how long to wait for the table, and then for the queue.

        Raises:
            ProgramError: something is missing after that.
        """
        missing = {("outcome", identifier) for identifier in exchanges} | {
            ("rating", identifier) for identifier in rated
        }

        def are_stored() -> bool:
            missing.difference_update((name, item["sk"]["S"]) for item in self.items() for name in item)
            return not missing

        wait_until(are_stored, what="the table to hold all events", seconds=seconds, every=0.25)
        self.queue.wait_until_empty(seconds=seconds)

    def send_weekly_report(self, *, week: str, site: str = SITE) -> dict[str, Any]:
        """Let the reporter make and send a weekly report, and return the mail that arrived.

        Args:
            week: an ISO week, such as 2026-W47.
            site: whose report.

        Raises:
            ProgramError: the reporter fails, or no mail arrives.
        """
        before = len(self.emulator.mails())
        payload = {"report": "weekly", "week": week, "site": site, "force": True}
        answer = self.emulator.client("lambda", read_timeout_seconds=180).invoke(
            FunctionName=f"{self.parameters['reporter-function-name']}:live", Payload=json.dumps(payload)
        )
        result = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            raise ProgramError(f"the reporter failed: {result}")
        mails = self.emulator.mails()[before:]
        if not mails:
            raise ProgramError(f"the reporter sent no mail; it answered {result}")
        return mails[-1]


@contextmanager
def stack(
    directory: Path,
    progress: Progress,
    *,
    worker_port: int = 0,
    processor_parameters: Mapping[str, str] | None = None,
    with_reporter: bool = True,
) -> Iterator[Stack]:
    """Run the stack for the length of the `with` block.

    Args:
        directory: for state, logs and everything that is built; it may exist already.
        progress: is told every step.
        worker_port: where the Worker listens on 127.0.0.1; 0 for any free port.
        processor_parameters: parameters of the processor's template that differ from their defaults.
        with_reporter: whether the reporter is deployed too, which takes a third of the time.

    Raises:
        ProgramError: a part of it does not start.
    """
    require_port(worker_port)
    with (
        exclusively(directory),
        _running(
            directory,
            progress,
            worker_port=worker_port,
            processor_parameters=processor_parameters,
            with_reporter=with_reporter,
        ) as started,
    ):
        yield started


@contextmanager
def _running(
    directory: Path,
    progress: Progress,
    *,
    worker_port: int,
    processor_parameters: Mapping[str, str] | None,
    with_reporter: bool,
) -> Iterator[Stack]:
    knowledge = directory / "knowledge.json"
    worker_log = directory / "logs" / "worker.log"
    progress.say(f"The chatbot knows {write_knowledge(knowledge)} answers")
    with ExitStack() as resources:
        with progress.step("Emulator: start"):
            aws = resources.enter_context(emulator(directory))
        spaces = workspaces(directory, aws)
        applications = Applications(directory, aws)
        _deploy(spaces, applications, progress, processor_parameters or {}, with_reporter=with_reporter)
        parameters = published_parameters(aws)
        with progress.step("Worker: start"):
            variables = configuration(aws, parameters)
            url = resources.enter_context(worker(aws, variables, knowledge=knowledge, log=worker_log, port=worker_port))
        resources.callback(progress.say, "Stopping everything that was started")
        yield Stack(aws, spaces, applications, parameters, url, variables, worker_log, knowledge, directory)


def _deploy(
    spaces: Workspaces,
    applications: Applications,
    progress: Progress,
    processor_parameters: Mapping[str, str],
    *,
    with_reporter: bool,
) -> None:
    """Apply the workspaces in their order; build and deploy the applications beside that, as soon as they can be."""

    def build(source: Path) -> None:
        with progress.step(f"SAM: build {source.name}"):
            applications.build(source)

    def deploy(source: Path, built: Future[None], parameters: Mapping[str, str]) -> None:
        built.result()
        with progress.step(f"SAM: deploy {source.name}"):
            applications.deploy(source, parameters)

    sources = (PROCESSOR, REPORTER) if with_reporter else (PROCESSOR,)
    with ThreadPoolExecutor(3) as pool:
        built = {source: pool.submit(build, source) for source in sources}
        try:
            _apply("worker", spaces, progress)
            _raise_first(built.values())
            _apply("processor", spaces, progress)
            _raise_first(built.values())
            deployed = [pool.submit(deploy, PROCESSOR, built[PROCESSOR], processor_parameters)]
            if with_reporter:
                _apply("reporter", spaces, progress)
                deployed.append(pool.submit(deploy, REPORTER, built[REPORTER], {}))
            for future in deployed:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _raise_first(futures: Iterable[Future[None]]) -> None:
    """Raise what one of them has failed with already: there is no need to wait for the rest."""
    for future in futures:
        if future.done():
            future.result()


def _apply(workspace: str, spaces: Workspaces, progress: Progress) -> None:
    with progress.step(f"Terraform: apply {workspace}"):
        spaces.prepare(workspace, VARIABLES[workspace])
        spaces.apply(workspace)
        adapt_policies(spaces.emulator)


def published_parameters(aws: Emulator) -> dict[str, str]:
    """Return the parameters that the workspaces publish, by name, without their common prefix."""
    pages = aws.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=PREFIX, Recursive=True)
    return {
        parameter["Name"].removeprefix(PREFIX): parameter["Value"] for page in pages for parameter in page["Parameters"]
    }
