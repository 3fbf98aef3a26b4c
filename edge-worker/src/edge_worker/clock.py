"""The time, as events have it."""

import time


def now_ms() -> float:
    """Milliseconds since 1970 UTC. A deployed Worker's clock moves only with input and output."""
    return time.time() * 1000
