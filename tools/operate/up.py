"""Brings an environment from nothing to its first report, or on from where it stands.

Every step looks first whether there is anything to do, so it may be interrupted anywhere and run again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from operate.answers import HCP, S3, Answers
from operate.broken_stack import missing_part
from operate.environment import SERVICES, Environment, OperationError
from operate.event_source import start_reading
from operate.first_report import ask, send, unverified_addresses, wait_until_stored
from operate.lambda_function import Function
from operate.progress import Progress
from operate.quiet_deployment import deploy_quietly, fingerprint
from operate.release import release
from operate.stacks import settle
from operate.workspaces import ACCOUNT, ORDER, Change, Workspaces

_IDENTITY = "aws_sesv2_email_identity"
_SAM_STACK = "aws-sam-cli-managed-default"

OVERVIEW = {
    "account": "budgets that mail at the first cent, and the identities of GitHub and HCP if you use them",
    "worker": "a queue and its dead-letter queue, the Worker's IAM user, alarms and their topic",
    "processor": "the table, the processor's role, log group and alarm",
    "reporter": "schedules, mail identities, the reporter's role, log group and alarms, a dashboard",
    "functions": "the processor and the reporter (SAM), each tested before it stays",
    "Worker": "the Cloudflare Worker with its secrets",
}


class WorkerTarget(Protocol):
    """Where the Worker runs."""

    def missing(self) -> str | None:
        """Say what a person has to do first, or None."""

    def fingerprint(self) -> str:
        """Return what stands for all that it is made from."""

    def running(self) -> AbstractContextManager[str]:
        """Have it run, and give its URL."""


@dataclass
class Up:
    """One run of `make up`."""

    environment: Environment
    answers: Answers
    workspaces: Workspaces
    worker: WorkerTarget
    progress: Progress
    directory: Path
    after_apply: Callable[[], None] = lambda: None
    """What an emulator needs after each apply; nothing on AWS."""
    environments: Sequence[str] = ("dev",)
    """All that live in the account."""
    other_mails: Sequence[str] = ()
    """The addresses of the other environments."""
    changed: int = 0
    left: list[str] = field(default_factory=list)
    """What only a person can do, as sentences."""

    def run(self) -> Iterator[str]:
        """Do all steps; yield lines that say what happens.

        Raises:
            OperationError: a step fails.
        """
        steps: list[tuple[str, Callable[[], Iterator[str]]]] = [
            ("State: where Terraform notes what it made", self._state),
            ("Terraform: account", partial(self._apply, ACCOUNT, self._account_variables())),
            *((f"Terraform: {name}", partial(self._apply, name, self._variables(name))) for name in ORDER),
            *((f"Release: {service}", partial(self._release, service)) for service in SERVICES),
        ]
        total = len(steps) + 3
        for number, (name, step) in enumerate(steps, start=1):
            yield f"[{number:>2}/{total}] {name}"
            yield from (f"        {line}" for line in step())
        yield from self._use(total)

    def _state(self) -> Iterator[str]:
        if self.answers.state == S3:
            yield from self._bucket()
        self.workspaces.write_backend()
        yield {S3: f"in the bucket {self.answers.bucket}", HCP: f"at HCP, {self.answers.organization}"}.get(
            self.answers.state, "in this folder; keep it (git ignores it)"
        )

    def _bucket(self) -> Iterator[str]:
        storage = self.environment.client("s3")
        if self.answers.bucket in {bucket["Name"] for bucket in storage.list_buckets()["Buckets"]}:
            return
        where = {} if self.answers.region == "us-east-1" else {"LocationConstraint": self.answers.region}
        storage.create_bucket(Bucket=self.answers.bucket, **({"CreateBucketConfiguration": where} if where else {}))
        storage.put_public_access_block(
            Bucket=self.answers.bucket,
            PublicAccessBlockConfiguration=dict.fromkeys(
                ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
            ),
        )
        storage.put_bucket_versioning(Bucket=self.answers.bucket, VersioningConfiguration={"Status": "Enabled"})
        self.changed += 1
        yield f"bucket {self.answers.bucket} made, private and versioned"

    def _account_variables(self) -> dict[str, object]:
        return {
            "region": self.answers.region,
            "environments": list(self.environments),
            "budget_email": self.answers.mail,
            # One account has one identity for an address, whichever environments use it.
            "mail_addresses": sorted({self.answers.mail, *self.other_mails}),
        }

    def _variables(self, workspace: str) -> dict[str, object]:
        found = dict(self.answers.variables[workspace])
        if workspace == "processor":
            found["shares_account"] = len(self.environments) > 1
        if workspace == "reporter":
            found["create_identities"] = False
        return found

    def _apply(self, workspace: str, variables: Mapping[str, object]) -> Iterator[str]:
        changes = self.workspaces.plan(workspace, variables)
        if any(change.type == _IDENTITY and "delete" in change.actions for change in changes):
            # An environment that made its own identities keeps them.
            variables = {**variables, "create_identities": True}
            changes = self.workspaces.plan(workspace, variables)
        if not changes:
            # A run that was killed just after its apply has not done this.
            self.after_apply()
            yield "nothing to do"
            return
        _refuse_to_replace(workspace, changes)
        yield f"{_counted(changes)} ..."
        self.workspaces.apply(workspace, variables)
        self.after_apply()
        self.changed += 1
        yield "done"

    def _release(self, service: str) -> Iterator[str]:
        function = Function(self.environment, service)
        digest = fingerprint(service, self.environment.published)
        if self.progress.done.get(service) == digest and missing_part(function) is None:
            started = list(start_reading(function))
            self.changed += len(started)
            yield from started or [f"nothing to do: {function.name}:live is version {function.version}"]
            return
        for stack in (_SAM_STACK, function.stack):
            yield from settle(self.environment, stack)
        yield "building, deploying and testing ..."
        yield from release(function, partial(deploy_quietly, self.directory / "logs"))
        self.progress.note(service, digest)
        self.changed += 1

    def _use(self, total: int) -> Iterator[str]:
        """Deploy the Worker, ask it, and send the first report."""
        missing = self.worker.missing()
        with ExitStack() as resources:
            url = ""
            yield f"[{total - 2:>2}/{total}] Worker"
            made_from = self.worker.fingerprint()
            is_current = self.changed == 0 and self.progress.done.get("worker") == made_from
            if "question" in self.progress.done and is_current and missing is None:
                yield "        nothing to do"
            elif missing:
                yield f"        not yet: {missing}"
                self.left.append(missing)
            else:
                url = resources.enter_context(self.worker.running())
                self.progress.note("worker", made_from)
                yield f"        it runs: {url}"
            yield f"[{total - 1:>2}/{total}] A question through the Worker into the table"
            if url:
                identifier = ask(url)
                yield "        asked; waiting for it to be stored ..."
                yield f"        stored after {wait_until_stored(self.environment, self.answers.site, identifier):.0f} s"
                self.progress.note("question", identifier)
                self.changed += 1
            else:
                yield f"        {'nothing to do' if 'question' in self.progress.done else 'not yet'}"
        yield f"[{total:>2}/{total}] The first report"
        yield from (f"        {line}" for line in self._report())

    def _report(self) -> Iterator[str]:
        if "report" in self.progress.done:
            yield f"nothing to do: that of {self.progress.done['report']} was sent"
            return
        unverified = unverified_addresses(self.environment) if "email" in self.environment["report-channels"] else []
        if unverified:
            left = f"follow the link in the mail that AWS has sent to {', '.join(unverified)}, then make up again"
            self.left.append(left)
            yield f"not yet: {left}"
            return
        if "question" not in self.progress.done:
            yield "not yet: nothing was asked"
            return
        week = send(self.environment, self.answers.site)
        self.progress.note("report", week)
        self.changed += 1
        yield f"sent to {self.environment['report-recipients']}: {week} so far"


def _counted(changes: Sequence[Change]) -> str:
    made = sum(1 for change in changes if "create" in change.actions)
    updated = sum(1 for change in changes if change.actions == ("update",))
    return ", ".join(f"{count} resources to {what}" for count, what in ((made, "create"), (updated, "update")) if count)


def _refuse_to_replace(workspace: str, changes: Sequence[Change]) -> None:
    """Refuse what would delete something: `make up` only adds and updates.

    Raises:
        OperationError: the plan deletes.
    """
    deleted = [change.address for change in changes if "delete" in change.actions]
    if deleted:
        raise OperationError(
            f"the plan of {workspace} would delete or replace {', '.join(deleted)}; make up does not do that. "
            f"If you mean it: make -C infrastructure deploy WORKSPACE={workspace}"
        )
