"""Whether the Worker at Cloudflare has what it sends with."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from operate.environment import ROOT, Environment
from operate.finding import MISSING, OK, UNKNOWN, Finding
from operate.worker_targets import SECRETS, CloudflareWorker

LOCAL = {"127.0.0.1", "localhost", "::1"}


def worker_secrets(environment: Environment) -> Iterator[Finding]:
    """Yield which of its secrets the Worker lacks."""
    what = "the Worker's secrets"
    if urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).hostname in LOCAL:
        yield Finding(what, OK, "an emulator's Worker runs on this machine and needs none")
        return
    worker = CloudflareWorker(environment, "", ROOT / "build" / "doctor")
    if (reason := worker.missing()) is not None:
        yield Finding(what, UNKNOWN, reason)
        return
    found = worker.secrets()
    command = f"make -C edge-worker secrets ENVIRONMENT={environment.name}"
    if found is None:
        yield Finding(what, UNKNOWN, "wrangler does not tell; is there a Worker? make -C edge-worker deploy")
    elif missing := [name for name in SECRETS if name not in found]:
        yield Finding(what, MISSING, f"it has no {', '.join(missing)}, so it records nothing: {command}")
    else:
        yield Finding(what, OK, ", ".join(SECRETS))
