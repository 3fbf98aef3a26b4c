"""Mail that SES would drop without a word is seen before a report is missed."""

from typing import Any

import boto3
import pytest

from operate.checks.account import delivery
from operate.finding import MISSING, OK, Finding


class Ses:
    """An account's SES."""

    exceptions = boto3.client("sesv2", region_name="eu-west-2").exceptions

    def __init__(self, *, sends: bool, suppressed: tuple[str, ...]) -> None:
        self._sends = sends
        self._suppressed = suppressed

    def get_account(self) -> dict[str, bool]:
        return {"SendingEnabled": self._sends}

    def get_suppressed_destination(self, EmailAddress: str) -> dict[str, Any]:  # noqa: N803 - as boto3 has it
        if EmailAddress not in self._suppressed:
            raise self.exceptions.NotFoundException(
                {"Error": {"Code": "NotFoundException"}}, "GetSuppressedDestination"
            )
        return {"SuppressedDestination": {"EmailAddress": EmailAddress, "Reason": "BOUNCE"}}


class Mailing:
    def __init__(self, ses: Ses, channels: str = "email") -> None:
        self._ses = ses
        self._published = {"report-channels": channels, "report-recipients": "me@mysite.org,you@mysite.org"}

    def __getitem__(self, name: str) -> str:
        return self._published[name]

    def client(self, _service: str) -> Ses:
        return self._ses


@pytest.mark.parametrize(
    ("sends", "suppressed", "expected"),
    [
        (True, (), [Finding("sending mail", OK, "SES sends")]),
        (
            True,
            ("you@mysite.org",),
            [
                Finding("sending mail", OK, "SES sends"),
                Finding(
                    "mail to you@mysite.org",
                    MISSING,
                    "SES sends nothing there since a bounce: "
                    "aws sesv2 delete-suppressed-destination --email-address you@mysite.org",
                ),
            ],
        ),
        (
            False,
            (),
            [
                Finding(
                    "sending mail",
                    MISSING,
                    "AWS has paused it for this account and Region; SES's console says why (Account dashboard)",
                )
            ],
        ),
    ],
    ids=["sends", "suppressed", "paused"],
)
def test_the_doctor_asks_ses(sends: bool, suppressed: tuple[str, ...], expected: list[Finding]) -> None:
    environment: Any = Mailing(Ses(sends=sends, suppressed=suppressed))

    assert list(delivery(environment)) == expected


def test_who_gets_no_mail_needs_no_ses() -> None:
    environment: Any = Mailing(Ses(sends=False, suppressed=()), channels="sns")

    assert list(delivery(environment)) == []
