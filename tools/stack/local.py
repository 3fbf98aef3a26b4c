"""`make local`: the whole pipeline on this machine, until Ctrl-C."""

import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

from stack.programs import ProgramError
from stack.progress import Progress
from stack.stack import Variant, stack
from stack.worker import worker


def local(directory: Path, progress: Progress, *, port: int, upstream: str = "") -> int:
    """`make local`: keep the stack up and say where everything is, until Ctrl-C or SIGTERM.

    `upstream` is the http:// address of a chatbot that another Worker stands before. Raises ProgramError.
    """
    if upstream and urlsplit(upstream).scheme != "http":
        raise ProgramError(f"UPSTREAM is the http:// address of your chatbot, not {upstream}")
    with ExitStack() as resources:
        running = resources.enter_context(stack(directory / "stack", progress, Variant(worker_port=port)))
        parameters, proxy = running.parameters, "none: give UPSTREAM=http://<address of your chatbot>"
        token = running.worker_variables["COLLECTOR_TOKEN"]
        if upstream:
            with progress.step("Proxy: start"):
                proxy = resources.enter_context(
                    worker(
                        running.emulator,
                        running.worker_variables,
                        knowledge=running.knowledge,
                        log=running.directory / "logs" / "proxy.log",
                        upstream=urlsplit(upstream).netloc,
                    )
                )
        print(
            f"""
The stack is up. Ask the chatbot something:

  curl {running.worker_url}/query -H 'content-type: application/json' -d '{{"question": "What is a computer?"}}'

  Worker            {running.worker_url}   (a chat page in a browser)
  Collector         {running.worker_url}/v1/events   (Authorization: Bearer {token})
  Proxy             {proxy}
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
