"""Runs a module as `python -m` does; Ctrl-C while it is still being imported ends it without a traceback."""

import os
import runpy
import sys

EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the module that the arguments `-m MODULE …` name."""
    module = sys.argv[2]
    # As with `-m`, packages of the present folder can be imported; this one's are in PYTHONPATH.
    sys.path[0] = os.getcwd()  # noqa: PTH109 - pathlib takes its time to import, in which nobody would catch an interrupt
    del sys.argv[1:3]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(EXIT_INTERRUPTED)
