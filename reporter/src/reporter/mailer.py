"""Sends a report: by SES with an HTML and a text part, by SNS as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from reporter.settings import Settings


@dataclass(frozen=True, slots=True)
class Message:
    """A report ready to send. The subject holds nothing that a visitor typed."""

    subject: str
    html: str
    text: str


class Mailer:
    """The channels a report leaves by."""

    def __init__(self, settings: Settings, clients: Callable[[str], Any]) -> None:
        self._settings = settings
        self._clients = clients

    def addresses(self) -> list[str]:
        """Return every mailbox and topic that a report goes to."""
        mailboxes = self._settings.recipients if "email" in self._settings.channels else ()
        topics = (self._settings.topic_arn,) if "sns" in self._settings.channels else ()
        return [*mailboxes, *topics]

    def send(self, message: Message, address: str) -> str:
        """Send to one address and return the message id the service gave."""
        if address == self._settings.topic_arn:
            answer = self._clients("sns").publish(TopicArn=address, Subject=message.subject[:100], Message=message.text)
        else:
            answer = self._clients("sesv2").send_email(
                FromEmailAddress=self._settings.sender,
                Destination={"ToAddresses": [address]},
                Content={
                    "Simple": {
                        "Subject": _content(message.subject),
                        "Body": {"Html": _content(message.html), "Text": _content(message.text)},
                    }
                },
            )
        return str(answer["MessageId"])


def _content(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
