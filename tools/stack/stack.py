"""Brings the whole of Edge Analytics up on this machine, as production has it, and down again."""

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stack.deployment import Deployment
from stack.emulator import Emulator, emulator
from stack.function_log import last_lines
from stack.programs import ProgramError, exclusively, require_loopback, require_port, wait_until
from stack.progress import Progress
from stack.queue import Queue
from stack.queue_faults import QueueFaults, faulty_queue
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
class Variant:
    """How a stack differs from the usual one."""

    worker_port: int = 0
    """Where the Worker listens on 127.0.0.1; 0 for any free port."""
    upstream: str = ""
    """"address:port" of a chatbot to stand before; without one, the Worker answers by itself."""
    worker_url: str = ""
    """The public https:// address to which links in reports lead."""
    processor_parameters: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the processor's template that differ from their defaults."""
    queue_faults: QueueFaults | None = None
    """What is wrong with the queue as the Worker sees it."""
    with_reporter: bool = True
    """Whether the reporter is deployed too, which takes a third of the time."""
    waits_for_functions: bool = True
    """Whether the stack counts as started only when the functions are deployed, or as soon as the Worker is."""


@dataclass(frozen=True)
class Stack:
    """A running stack."""

    emulator: Emulator
    workspaces: Workspaces
    applications: Applications
    parameters: dict[str, str]
    """What the Terraform workspaces publish, by name; a function's are there once it is deployed."""
    worker_url: str
    worker_variables: Mapping[str, str]
    worker_log: Path
    knowledge: Path
    directory: Path
    processor: Future[None]
    """The deployment of the processor."""
    reporter: Future[None]
    """The deployment of the reporter."""

    def wait_for(self, deployed: Future[None]) -> None:
        """Wait until a function is deployed.

        Raises:
            ProgramError: its deployment fails.
        """
        deployed.result()
        self.parameters.update(published_parameters(self.emulator))

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

        with self.explained():
            wait_until(are_stored, what="the table to hold all events", seconds=seconds, every=0.25)
            self.queue.wait_until_empty(seconds=seconds)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Add to what goes wrong in the `with` block what the queues hold and what the processor last logged."""
        try:
            yield
        except ProgramError as error:
            queues = (self.queue, self.dead_letter_queue)
            logged = last_lines(self.emulator, self.parameters["processor-log-group-name"])
            raise ProgramError("\n".join([str(error), *(queue.describe() for queue in queues), logged])) from error

    def invoke_reporter(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Let the reporter do what its schedule or a person would ask for, and return its answer.

        Raises:
            ProgramError: it fails.
        """
        answer = self.emulator.client("lambda", read_timeout_seconds=180).invoke(
            FunctionName=f"{self.parameters['reporter-function-name']}:live", Payload=json.dumps(payload)
        )
        result = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            last = last_lines(self.emulator, self.parameters["reporter-log-group-name"])
            raise ProgramError(f"the reporter failed: {result}\n{last}")
        found: dict[str, Any] = json.loads(result)
        return found

    def send_weekly_report(self, *, week: str, site: str = SITE) -> dict[str, Any]:
        """Let the reporter make and send a weekly report, and return the mail that arrived.

        Args:
            week: an ISO week, such as 2026-W47.
            site: whose report.

        Raises:
            ProgramError: the reporter fails, or no mail arrives.
        """
        before = len(self.emulator.mails())
        answer = self.invoke_reporter({"report": "weekly", "week": week, "site": site, "force": True})
        mails = self.emulator.mails()[before:]
        if not mails:
            raise ProgramError(f"the reporter sent no mail; it answered {answer}")
        return mails[-1]


@contextmanager
def stack(directory: Path, progress: Progress, variant: Variant | None = None) -> Iterator[Stack]:
    """Run the stack for the length of the `with` block.

    Args:
        directory: for state, logs and everything that is built; it may exist already.
        progress: is told every step.
        variant: how it differs from the usual one.

    Raises:
        ProgramError: a part of it does not start.
    """
    variant = variant or Variant()
    require_loopback()
    require_port(variant.worker_port)
    with exclusively(directory), ExitStack() as resources:
        resources.callback(progress.say, "Stopped everything that was started")
        yield _start(directory, progress, variant, resources)
        progress.say("Stopping everything that was started")


def _start(directory: Path, progress: Progress, variant: Variant, resources: ExitStack) -> Stack:
    knowledge, worker_log = directory / "knowledge.json", directory / "logs" / "worker.log"
    progress.say(f"The chatbot knows {write_knowledge(knowledge)} answers")
    with progress.step("Emulator: start"):
        aws = resources.enter_context(emulator(directory))
    deployment = Deployment(workspaces(directory, aws), Applications(directory, aws), progress)
    resources.enter_context(deployment)
    deployment.begin(_variables(variant), variant.processor_parameters, with_reporter=variant.with_reporter)
    parameters = published_parameters(aws)
    faults = variant.queue_faults
    address = resources.enter_context(faulty_queue(aws.address, faults)) if faults is not None else ""
    with progress.step("Worker: start"):
        variables = configuration(aws, parameters)
        url = resources.enter_context(
            worker(
                aws,
                variables,
                knowledge=knowledge,
                log=worker_log,
                port=variant.worker_port,
                upstream=variant.upstream,
                aws=address,
            )
        )
    if variant.waits_for_functions:
        deployment.processor.result()
        deployment.reporter.result()
    parameters = published_parameters(aws)
    return Stack(
        aws,
        deployment.workspaces,
        deployment.applications,
        parameters,
        url,
        variables,
        worker_log,
        knowledge,
        directory,
        deployment.processor,
        deployment.reporter,
    )


def _variables(variant: Variant) -> dict[str, dict[str, Any]]:
    """Return the variables of each workspace."""
    links = {"worker_url": variant.worker_url} if variant.worker_url else {}
    return VARIABLES | {"reporter": VARIABLES["reporter"] | links}


def published_parameters(aws: Emulator) -> dict[str, str]:
    """Return the parameters that the workspaces publish, by name, without their common prefix."""
    pages = aws.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=PREFIX, Recursive=True)
    return {
        parameter["Name"].removeprefix(PREFIX): parameter["Value"] for page in pages for parameter in page["Parameters"]
    }
