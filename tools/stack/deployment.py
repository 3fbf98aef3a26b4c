"""Applies the workspaces in their order; builds and deploys the applications beside that."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from stack.emulator_faults import adapt_policies
from stack.paths import PROCESSOR, REPORTER
from stack.programs import stop_programs
from stack.progress import Progress
from stack.sam import Applications
from stack.terraform import Workspaces

_THREADS = 4


@dataclass
class Deployment:
    """A deployment that goes on in the background; leaving the `with` block ends it."""

    workspaces: Workspaces
    applications: Applications
    progress: Progress
    processor: Future[None] = field(default_factory=Future)
    reporter: Future[None] = field(default_factory=Future)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_THREADS))

    def __enter__(self) -> Self:
        """Begin nothing yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop what still runs where something failed, and wait for the rest."""
        if error is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            stop_programs()
        self._pool.shutdown()
        self.applications.remove_temporary_files()

    def begin(
        self,
        variables: Mapping[str, Mapping[str, Any]],
        processor_parameters: Mapping[str, str],
        *,
        with_reporter: bool,
    ) -> None:
        """Apply the first workspace, which the Worker needs, and begin with the rest.

        Args:
            variables: of each workspace.
            processor_parameters: of the processor's template, that differ from their defaults.
            with_reporter: whether the reporter is deployed.

        Raises:
            ProgramError: something fails before the Worker could start.
        """
        sources = (PROCESSOR, REPORTER) if with_reporter else (PROCESSOR,)
        built = {source: self._pool.submit(self._build, source) for source in sources}
        self._apply("worker", variables)
        raise_first(list(built.values()))
        applied = self._pool.submit(self._apply, "processor", variables)
        self.processor = self._pool.submit(self._deploy, PROCESSOR, built[PROCESSOR], applied, processor_parameters)
        if not with_reporter:
            self.reporter.set_result(None)
            return
        self.reporter = self._pool.submit(self._deploy_reporter, built[REPORTER], applied, variables)

    def _deploy_reporter(
        self, built: Future[None], applied: Future[None], variables: Mapping[str, Mapping[str, Any]]
    ) -> None:
        # Its workspace reads what the processor's publishes.
        applied.result()
        self._apply("reporter", variables)
        self._deploy(REPORTER, built, applied, {})

    def _build(self, source: Path) -> None:
        with self.progress.step(f"SAM: build {source.name}"):
            self.applications.build(source)

    def _deploy(self, source: Path, built: Future[None], applied: Future[None], parameters: Mapping[str, str]) -> None:
        built.result()
        applied.result()
        with self.progress.step(f"SAM: deploy {source.name}"):
            self.applications.deploy(source, parameters)

    def _apply(self, workspace: str, variables: Mapping[str, Mapping[str, Any]]) -> None:
        with self.progress.step(f"Terraform: apply {workspace}"):
            self.workspaces.prepare(workspace, variables[workspace])
            self.workspaces.apply(workspace)
            adapt_policies(self.workspaces.emulator)


def raise_first(futures: Sequence[Future[None]]) -> None:
    """Raise what one of them has failed with already: there is no need to wait for the rest."""
    for future in futures:
        if future.done():
            future.result()
