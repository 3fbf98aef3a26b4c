"""The command line: `python -m operate doctor | dlq | redrive | release | rollback | export | import | forget | …`.

Exit codes: 0 done, 1 it could not be done or something is missing, 2 wrong arguments, 130 interrupted.
"""

import argparse
import sys

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
)

from operate.command_line import EXIT_FAILED, EXIT_INTERRUPTED, Commands, Run
from operate.commands import data, dead_letters, doctor, environments, forget, history, up, versions
from operate.environment import SIGN_IN, OperationError
from stack.command import MakeArgumentParser
from stack.interrupts import stop_when_told


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    chosen = _parser().parse_args(arguments)
    # What was started is stopped in order, also where a supervisor ends this process or the terminal closes.
    stop_when_told()
    command: Run = chosen.run
    try:
        return command(chosen)
    except (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError) as error:
        print(f"error: {error}. {SIGN_IN}", file=sys.stderr)
    except (OperationError, BotoCoreError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
    except ClientError as error:
        answer = error.response["Error"]
        print(f"error: AWS refuses {error.operation_name}: {answer.get('Message') or answer['Code']}", file=sys.stderr)
    except (KeyboardInterrupt, EOFError):  # Ctrl-C, or Ctrl-D at a question
        print("stopped", file=sys.stderr)
        return EXIT_INTERRUPTED
    return EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = MakeArgumentParser(prog="python -m operate", description="Operate Edge Analytics on AWS.")
    commands = Commands(parser.add_subparsers(dest="command", required=True))
    for module in (up, doctor, dead_letters, versions, data, history, forget, environments):
        module.declare(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
