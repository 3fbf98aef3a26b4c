"""A client of the Worker, as plain as HTTP."""

import http.client
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Body = bytes | Iterable[bytes] | None

COLLECTOR_TOKEN = "only-for-these-tests"
ACT_KEY = "only-for-the-links-of-these-tests"
CONVERSATIONS_SECRET = "only-for-the-page-of-these-tests"


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found


class Worker:
    """A client of the Worker."""

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self.address = urlsplit(url).netloc
        self.host_and_port = ("127.0.0.1", urlsplit(url).port)
        self._log = log

    def send(self, method: str, path: str, body: Body = None, headers: dict[str, str] | None = None) -> Reply:
        connection = http.client.HTTPConnection(self.address, timeout=120)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, found, response.read().decode())
        finally:
            connection.close()

    def ask(self, question: str, headers: dict[str, str] | None = None, **more: str) -> Reply:
        return self.send("POST", "/query", json.dumps({"question": question, **more}).encode(), headers)

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    @property
    def log_lines(self) -> list[dict[str, Any]]:
        """The lines that the Worker itself logged."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
