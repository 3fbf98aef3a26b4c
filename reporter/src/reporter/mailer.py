"""Sends a report: by SES with an HTML and a text part, by SNS as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from reporter.settings import Settings


@dataclass(frozen=True, slots=True)
class Message:
    """A report ready to send. The subject holds nothing that a visitor typed."""

    subject: str
    html: str
    text: str
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    """Files of a mail by name; a topic takes none."""


class DeliveryError(RuntimeError):
    """Some addresses did not get a report; the message names them, with the reasons."""


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

    def send_to_all(
        self,
        message: Message,
        except_to: Container[str] = (),
        on_delivered: Callable[[str, str], None] = lambda _address, _message_id: None,
    ) -> dict[str, str]:
        """Send to every address, whichever of them the services refuse.

        Args:
            message: the report.
            except_to: addresses that have it.
            on_delivered: called after each delivery with the address and the service's message id.

        Returns:
            The message ids, by address.

        Raises:
            DeliveryError: some address was refused; the others were served.

        """
        delivered, refused = {}, []
        for address in self.addresses():
            if address in except_to:
                continue
            try:
                message_id = self.send(message, address)
            except Exception as error:  # noqa: BLE001 - whatever fails for one must not keep it from the others
                refused.append(f"{address} ({error})")
                continue
            delivered[address] = message_id
            on_delivered(address, message_id)
        if refused:
            raise DeliveryError(f"not delivered to {'; '.join(refused)}")
        return delivered

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
                    | _attached(message.attachments)
                },
            )
        return str(answer["MessageId"])


def _attached(files: Mapping[str, bytes]) -> dict[str, Any]:
    attachments = [
        {"FileName": name, "RawContent": content, "ContentType": "text/csv; charset=utf-8"}
        for name, content in files.items()
    ]
    return {"Attachments": attachments} if attachments else {}


def _content(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
