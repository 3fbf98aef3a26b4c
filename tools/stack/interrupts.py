"""How Ctrl-C, SIGTERM and SIGHUP end what we do: once, and never between a program's start and our knowing it."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop_when_told() -> None:
    """Raise KeyboardInterrupt at the first Ctrl-C, SIGTERM or SIGHUP, and let no further one interrupt the stopping.

    make hands SIGTERM on, so that it comes twice where the whole process group gets it.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for number in _ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in _ENDINGS:
        signal.signal(number, stop)


@contextmanager
def postponed() -> Iterator[Callable[[], None]]:
    """Let no interrupt happen until the function that is yielded is called; it raises the first that came.

    A program that is started in between has the signal handlers that it would have had: `exec` resets them.
    """
    # Python runs handlers in the main thread only, and lets no other one set them.
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    came: list[int] = []
    # None stands for a handler that was not set from Python; one that is ignored is inherited by programs and stays.
    handlers = {number: signal.getsignal(number) for number in _ENDINGS}
    own = {number: handler for number, handler in handlers.items() if handler not in (None, signal.SIG_IGN)}

    def resume() -> None:
        for number in list(own):
            signal.signal(number, own.pop(number))
        if came:
            first = came[0]
            came.clear()
            signal.raise_signal(first)

    for number in own:
        signal.signal(number, lambda caught, _frame: came.append(caught))
    try:
        yield resume
    finally:
        resume()
