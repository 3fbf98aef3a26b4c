"""`make local`: the whole pipeline on this machine, until Ctrl-C."""

import threading
from contextlib import suppress
from pathlib import Path

from stack.progress import Progress
from stack.stack import stack


def local(directory: Path, progress: Progress, *, port: int) -> int:
    """`make local`: keep the stack up and say where everything is, until Ctrl-C or SIGTERM."""
    with stack(directory / "stack", progress, worker_port=port) as running:
        parameters = running.parameters
        print(
            f"""
The stack is up. Ask the chatbot something:

  curl {running.worker_url}/query -H 'content-type: application/json' -d '{{"question": "What is a computer?"}}'

  Worker            {running.worker_url}   (a chat page in a browser)
  Queue             {parameters["queue-url"]}
  DLQ               {parameters["dead-letter-queue-url"]}
  Table             {parameters["table-name"]}
  Mails             {running.emulator.url}/_ministack/ses/messages
  Logs              {running.directory / "logs"}

In another terminal, this lets the AWS command line and make dlq, redrive, report, export, forget work on it:

  export {" ".join(f"{name}={value}" for name, value in running.emulator.variables.items())}

Ctrl-C stops it.
""",
            flush=True,
        )
        with suppress(KeyboardInterrupt):  # how it is meant to end
            threading.Event().wait()
    return 0
