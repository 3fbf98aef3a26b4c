"""Imports the processor and invokes it once with the message body it is given; prints how long each took.

A program of its own: nothing else here imports the processor.
"""

import json
import os
import sys
import time

cores: list[int] = []
if hasattr(os, "sched_setaffinity"):  # where there is none, as on macOS, it has all cores, and says so
    cores = sorted(os.sched_getaffinity(0))[-1:]
    os.sched_setaffinity(0, cores)


class _Context:
    function_name = "processor"
    aws_request_id = "benchmark"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


sys.modules["yaml"] = None  # type: ignore[assignment]  # ua-parser takes it where it is, and on Lambda it is not

record = {"messageId": "1", "receiptHandle": "1", "body": sys.argv[1], "attributes": {}}

begun = time.perf_counter()
from processor.handler import handler  # noqa: E402 - what is measured

imported = time.perf_counter()
answer = handler({"Records": [record]}, _Context())
invoked = time.perf_counter()

if answer != {"batchItemFailures": []}:
    sys.exit(f"the message was not stored: {answer}")
print(
    json.dumps(
        {"import_ms": (imported - begun) * 1000, "invocation_ms": (invoked - imported) * 1000, "cores": len(cores)}
    )
)
