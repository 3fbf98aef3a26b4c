import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from edge_worker.queue import Failure, Queue, entry, read_reply

URL = "https://sqs.eu-west-2.amazonaws.com/123456789012/events.fifo"
EVENT = {"id": "019aa6c5-1c00-7abc-8def-0123456789ab", "type": "exchange"}


def botocore_signature(url: str, body: str, headers: Mapping[str, str]) -> str:
    """What AWS's own SDK makes of the same request at the same time."""
    signed = {name: headers[name] for name in ("content-type", "x-amz-target")}
    request = AWSRequest("POST", url, data=body.encode(), headers=signed)
    signer = SigV4Auth(Credentials("AKIDEXAMPLE", "secret"), "sqs", "eu-west-2")
    request.context["timestamp"] = headers["x-amz-date"]
    request.headers["X-Amz-Date"] = headers["x-amz-date"]
    canonical = signer.canonical_request(request)
    return str(signer.signature(signer.string_to_sign(request, canonical), request))


@pytest.mark.parametrize("url", [URL, "http://127.0.0.1:4566/000000000000/events.fifo", "http://localhost/1/e.fifo"])
@pytest.mark.parametrize("question", ["", "Why?", "Wo ist der Schlüssel? 🔑" * 100])
def test_the_signature_is_the_one_that_botocore_makes(url: Any, question: str) -> None:
    request = Queue(url, "eu-west-2", "AKIDEXAMPLE", "secret").send_request([entry([EVENT | {"question": question}])])

    expected = botocore_signature(request.url, request.body, request.headers)
    assert request.headers["authorization"].endswith(f"Signature={expected}")
    assert (
        abs(
            datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
            - datetime.now(UTC).timestamp()
        )
        < 60
    )


def test_the_request_goes_to_the_host_of_the_queue() -> None:
    request = Queue("http://127.0.0.1:4566/000000000000/events.fifo", "eu-west-2", "AK", "S").send_request([])

    assert request.url == "http://127.0.0.1:4566/"
    assert urlsplit(request.url).netloc == "127.0.0.1:4566"


def test_the_request_names_queue_and_entries() -> None:
    body = json.loads(Queue(URL, "eu-west-2", "AK", "S").send_request([entry([EVENT], "3")]).body)

    assert body["QueueUrl"] == URL
    assert body["Entries"] == [
        {
            "Id": "3",
            "MessageBody": json.dumps({"version": 1, "events": [EVENT]}, separators=(",", ":")),
            "MessageGroupId": EVENT["id"],
            "MessageDeduplicationId": f"{EVENT['id']}:exchange",
        }
    ]


def test_a_taken_entry_is_no_failure() -> None:
    assert read_reply(200, json.dumps({"Successful": [{"Id": "0"}], "Failed": []}), ["0"]) == {}


@pytest.mark.parametrize(("sender_fault", "retryable"), [(True, False), (False, True)])
def test_an_entry_can_fail_inside_a_good_reply(sender_fault: bool, retryable: bool) -> None:
    failed = {"Id": "1", "SenderFault": sender_fault, "Code": "InternalError"}

    verdict = read_reply(200, json.dumps({"Successful": [{"Id": "0"}], "Failed": [failed]}), ["0", "1"])

    assert verdict == {"1": Failure("InternalError", retryable, is_rejected=sender_fault)}


@pytest.mark.parametrize(
    ("status", "text", "failure"),
    [
        (500, "", Failure("HTTP 500", retryable=True)),
        (503, "<html>", Failure("HTTP 503", retryable=True)),
        (429, "", Failure("HTTP 429", retryable=True)),
        (400, '{"__type": "com.amazonaws.sqs#RequestThrottled"}', Failure("RequestThrottled", retryable=True)),
        (400, '{"__type": "com.amazon#ThrottlingException"}', Failure("ThrottlingException", retryable=True)),
        (403, '{"__type": "com.amazon#InvalidClientTokenId"}', Failure("InvalidClientTokenId", retryable=False)),
        (404, "[]", Failure("HTTP 404", retryable=False)),
    ],
)  # fmt: skip
def test_a_refused_request_fails_every_entry(status: int, text: str, failure: Failure) -> None:
    assert read_reply(status, text, ["0", "1"]) == {"0": failure, "1": failure}


@given(st.integers(100, 599), st.text() | st.builds(json.dumps, st.recursive(st.none() | st.text(), st.lists)))
def test_a_reply_that_names_no_entry_is_never_taken_for_success(status: Any, text: Any) -> None:
    assert set(read_reply(status, text, ["0"])) == {"0"}
