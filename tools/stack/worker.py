"""Runs the unchanged Worker in workerd, with its calls to AWS going to the emulator."""

import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from stack.emulator import Emulator
from stack.paths import EDGE_WORKER
from stack.programs import ProgramError, program_variables, running

SITE = "demo.example.com"
_ID_LENGTH = 36


def stored_id(visible_id: str) -> str:
    """Return an exchange's id. What visitors get is longer: it proves that the answer was given."""
    return visible_id[:_ID_LENGTH]


def configuration(emulator: Emulator, parameters: Mapping[str, str], environment: str = "dev") -> dict[str, str]:
    """Return the Worker's variables and secrets, with a fresh access key of the sender.

    Args:
        emulator: where the sender's identity is.
        parameters: the published parameters, by their names.
        environment: whose they are, `dev` or `prod`.
    """
    act_key = emulator.client("ssm").get_parameter(Name=f"/edge-analytics/{environment}/act-key", WithDecryption=True)
    key = emulator.client("iam").create_access_key(UserName=parameters["sender-user-name"])["AccessKey"]
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_REGION": emulator.variables["AWS_REGION"],
        "QUEUE_URL": parameters["queue-url"],
        "SITE": SITE,
        "VISITOR_KEY": secrets.token_hex(32),
        "COLLECTOR_TOKEN": secrets.token_hex(16),
        "ACT_KEY": act_key["Parameter"]["Value"],
    }


@contextmanager
def worker(
    emulator: Emulator,
    variables: Mapping[str, str],
    *,
    knowledge: Path,
    log: Path,
    port: int = 0,
    upstream: str = "",
    aws: str = "",
) -> Iterator[str]:
    """Run the Worker for the length of the `with` block and give its URL.

    Args:
        emulator: gets what the Worker sends to AWS.
        variables: the Worker's variables and secrets.
        knowledge: the file of what it answers by itself.
        log: the file that its output is added to.
        port: where it listens on 127.0.0.1; 0 for any free port.
        upstream: "address:port" of a chatbot to stand before.
        aws: "address:port" of what gets it in the emulator's place, and passes it on.

    Raises:
        ProgramError: it does not start.
    """
    command: list[str | Path] = [
        sys.executable,
        EDGE_WORKER / "runtime" / "workerd.py",
        "--aws",
        aws or emulator.address,
        "--port",
        str(port),
        "--knowledge",
        knowledge,
        "--storage",
        log.with_suffix(".outbox"),
        *(("--upstream", upstream) if upstream else ()),
        *(word for name, value in variables.items() for word in ("--var", f"{name}={value}")),
    ]
    with running(command, cwd=EDGE_WORKER, env=program_variables(), log=log) as process:
        url = process.stdout.readline().strip() if process.stdout else ""
        if not url:
            raise ProgramError(f"the Worker does not start; its log: {log}")
        yield url
