"""`make up`."""

import argparse
import fcntl
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from operate.answers import DEFAULT_FILE, QUESTIONS, Answers, complete, load, save
from operate.checks.account import credentials
from operate.checks.machine import programs
from operate.command_line import EXIT_OK, Commands, confirm
from operate.emulator_plan import is_emulators
from operate.environment import NAMES, ROOT, UP_DIRECTORY, Environment, OperationError
from operate.finding import MISSING, OK
from operate.practice import copied_infrastructure, practice_variables
from operate.progress import Progress
from operate.up import OVERVIEW, Up
from operate.worker_targets import CloudflareWorker, LocalWorker
from operate.workspaces import Workspaces
from stack.emulator import Emulator, emulator
from stack.emulator_faults import adapt_policies
from stack.programs import ProgramError

_LOCAL = {"127.0.0.1", "localhost", "::1"}
_PRACTICE_ANSWERS = {"site": "docs.example.com", "mail": "owner@example.com"}


def declare(commands: Commands) -> None:
    """Declare the command's arguments."""
    parser = commands.add("up", _up, "bring an environment from nothing to its first report, or continue there")
    parser.add_argument("--yes", action="store_true", help="ask nothing: take answers from the file and defaults")
    parser.add_argument("--answers", type=Path, default=DEFAULT_FILE, help="where answers are kept (answers.toml)")
    parser.add_argument(
        "--practice", action="store_true", help="on an empty AWS on this machine, which is removed afterwards"
    )


def _up(chosen: argparse.Namespace) -> int:
    with ExitStack() as resources:
        infrastructure, build = ROOT / "infrastructure", UP_DIRECTORY
        if chosen.practice:
            build = Path(resources.enter_context(_practice()))
            infrastructure = copied_infrastructure(build)
        resources.enter_context(_lock(build))
        return _bring_up(chosen, infrastructure, build / chosen.environment)


def _bring_up(chosen: argparse.Namespace, infrastructure: Path, directory: Path) -> int:
    aws = _emulator_of_endpoint(directory)
    _check_programs()
    answers = _answers(chosen, is_practice=aws is not None)
    os.environ |= {"AWS_REGION": answers.region, "AWS_DEFAULT_REGION": answers.region}
    environment = Environment(chosen.environment)
    account = _account(environment)
    _show(environment, answers, account, aws)
    confirm(f"Type {environment.name} to make it: ", environment.name, yes=chosen.yes)
    workspaces = Workspaces(environment.name, answers, account, directory, infrastructure)
    run = Up(
        environment=environment,
        answers=answers,
        workspaces=workspaces,
        worker=CloudflareWorker(environment, answers.site, directory),
        progress=Progress.load(directory / f"progress-{account}.json"),
        directory=directory,
        environments=_environments(chosen.answers, environment.name),
        other_mails=[mail for name in NAMES if (mail := load(chosen.answers, name).get("mail"))],
    )
    if environment.name == "prod" and len(run.environments) > 1:
        # The free 25 units of the table are shared out once dev is told that it is not alone.
        run.left.append("make up ENVIRONMENT=dev again, which leaves prod its share of the table's free capacity")
    if aws:
        run.worker = LocalWorker(environment, answers.site, aws, directory)
        run.after_apply = lambda: adapt_policies(aws)
        run.workspaces = replace(workspaces, is_ignored=is_emulators)
        run.progress = Progress.load(directory / f"progress-{aws.address.replace(':', '-')}.json")
    for line in run.run():
        print(line, flush=True)
    print("\nNothing to do: everything was there." if not run.changed else "")
    if run.left:
        print("What is left for you:")
        for sentence in run.left:
            print(f"  - {sentence}")
    print(f"make doctor ENVIRONMENT={environment.name} looks at all of it at any time.")
    return EXIT_OK


def _check_programs() -> None:
    missing = [finding for finding in programs(os.environ) if finding.status == MISSING]
    if missing:
        raise OperationError("; ".join(f"{finding.what}: {finding.detail}" for finding in missing))


def _answers(chosen: argparse.Namespace, *, is_practice: bool) -> Answers:
    given = load(chosen.answers, chosen.environment)
    if chosen.answers != DEFAULT_FILE and not chosen.answers.is_file():
        raise OperationError(f"ANSWERS={chosen.answers} does not exist")
    if chosen.practice:
        given = _PRACTICE_ANSWERS | given
    can_ask = not chosen.yes and sys.stdin.isatty()
    where = f"{chosen.answers} [{chosen.environment}]"
    answers = complete(given, input if can_ask else None, examples=is_practice, where=where)
    if not chosen.practice:
        save(chosen.answers, chosen.environment, answers)
    return answers


def _account(environment: Environment) -> str:
    [finding, *_] = credentials(environment)
    if finding.status != OK:
        raise OperationError(f"{finding.what}: {finding.detail}")
    return str(environment.client("sts").get_caller_identity()["Account"])


def _show(environment: Environment, answers: Answers, account: str, aws: Emulator | None) -> None:
    where = aws.url if aws else "AWS"
    print(f"In account {account}, Region {environment.region}, at {where}, for {environment.name}:")
    for name, what in OVERVIEW.items():
        print(f"  {name:10} {what}")
    print("With:")
    for question in QUESTIONS:
        if value := getattr(answers, question.name):
            print(f"  {question.name:10} {value}")
    print(
        "It costs £0 a month up to 10,000 exchanges: all of it is in the always-free tier (make cost shows the\n"
        "limits), but for SAM's bucket of packages, a fraction of a cent.",
        flush=True,
    )


def _environments(answers: Path, name: str) -> list[str]:
    """Return all environments that have answers: one account's workspace is theirs together."""
    return sorted({name, *(known for known in NAMES if load(answers, known))})


def _emulator_of_endpoint(directory: Path) -> Emulator | None:
    """Return the emulator that AWS_ENDPOINT_URL names on this machine, if it does."""
    url = os.environ.get("AWS_ENDPOINT_URL", "")
    with suppress(ValueError):  # no URL at all, which the first call of AWS will say
        if urlsplit(url).hostname in _LOCAL:
            return Emulator(url=url.rstrip("/"), log=directory / "logs" / "emulator.log")
    return None


@contextmanager
def _practice() -> Iterator[str]:
    """Run an empty AWS in a folder of its own, with the variables that lead every program there; both go afterwards."""
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="practice-", dir=ROOT / "build", ignore_cleanup_errors=True) as directory:
        try:
            with emulator(Path(directory) / "aws") as aws:
                for name in [name for name in os.environ if name.startswith(("AWS_", "TF_", "CLOUDFLARE_"))]:
                    if name not in {"TF_PLUGIN_DIR", "TF_CLI_CONFIG_FILE"}:
                        del os.environ[name]
                os.environ |= practice_variables(aws, Path(directory))
                yield directory
        except ProgramError as error:
            raise OperationError(f"{error}") from None
        finally:
            print("The practice AWS and all that it held are removed.", flush=True)


@contextmanager
def _lock(build: Path) -> Iterator[None]:
    """Keep a second run of this clone out.

    Raises:
        OperationError: there is one already.
    """
    build.mkdir(parents=True, exist_ok=True)
    with (build / "lock").open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OperationError("another make up is running in this folder") from None
        yield
