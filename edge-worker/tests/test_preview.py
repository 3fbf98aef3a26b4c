import gzip
import json
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from commands.http_message import read_request, read_response
from commands.preview import main

REQUEST = b"POST /v1/chat/completions HTTP/1.1\nContent-Type: application/json\n\n"
ASKED = b'{"model": "m", "user": "ann@example.com", "messages": [{"role": "user", "content": "Why?"}]}'
ANSWERED = b'{"model": "m-1", "choices": [{"message": {"content": "Because."}, "finish_reason": "stop"}]}'
RESPONSE = b"HTTP/1.1 200 OK\nContent-Type: application/json\n\n"


def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], request: bytes, response: bytes, *options: str) -> Any:
    (tmp_path / "request").write_bytes(request)
    (tmp_path / "response").write_bytes(response)
    files = ["--request", str(tmp_path / "request"), "--response", str(tmp_path / "response")]
    code = main([*files, *options])
    captured = capsys.readouterr()
    assert code in (0, 2)
    return json.loads(captured.out) if code == 0 else captured.err


def test_an_exchange_is_shown_as_the_worker_would_record_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], contract: Draft7Validator
) -> None:
    shown = run(tmp_path, capsys, REQUEST + ASKED, RESPONSE + ANSWERED)

    contract.validate({"version": 1, "events": [shown["event"]]})
    assert shown["recorded"] is True
    assert (shown["event"]["question"], shown["event"]["answer"]) == ("Why?", "Because.")
    assert "ann" not in shown["event"]["session"]


def test_what_is_not_recorded_has_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    request = b"POST /v1/embeddings HTTP/1.1\n\n" + b'{"input": "Why?"}'

    assert run(tmp_path, capsys, request, RESPONSE + b"{}") == {
        "recorded": False,
        "reason": "/v1/embeddings is no chat; if it is yours, set PROXY_MAPPING",
    }


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"HTTP/1.1 100 Continue\n\n",
        b"HTTP/1.1 103 Early Hints\nLink: </a>\n\nHTTP/1.1 100 Continue\n\n",
        b"HTTP/1.1 200 Connection established\n\n",
        b"HTTP/2 307 \nlocation: /other\n\n",
    ],
)
@pytest.mark.parametrize("status", [b"HTTP/1.1 200 OK", b"HTTP/2 200 ", b"HTTP/2 200", b"HTTP/3 200"])
def test_messages_are_read_as_curl_prints_them(end: bytes, before: bytes, status: bytes) -> None:
    head = (before + status + b"\nContent-Type: text/plain\nset-cookie: a\nSet-Cookie: b\n\n").replace(b"\n", end)

    message = read_response(head + b"one\n\ntwo")

    assert (message.start, message.body) == (("200",), b"one\n\ntwo")
    assert message.headers == {"content-type": "text/plain", "set-cookie": "a, b"}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n", b"hello world"),
        (b"5\nhello\n0\n\n", b"hello"),
        (b"hello world", b"hello world"),
        (b'{"a": 1}', b'{"a": 1}'),
        (b"data: a\n\n", b"data: a\n\n"),
    ],
)
def test_a_chunked_body_is_read_as_sent_and_as_curl_decodes_it(body: bytes, found: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    assert read_response(head + body).body == found


def test_a_request_may_have_the_whole_url() -> None:
    assert read_request(
        b"post https://api.example.com/v1/chat HTTP/2\nA: 1\nCookie: a=b\ncookie: c=d\n\n{}"
    ).headers == {
        "a": "1",
        "cookie": "a=b; c=d",
    }


def _raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(body) + compressor.flush()


@pytest.mark.parametrize(
    ("coding", "compress"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", _raw_deflate),
        ("identity", bytes),
        ("GZIP", bytes),
    ],
)
def test_a_compressed_reply_is_decoded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], coding: str, compress: Any
) -> None:
    head = RESPONSE.rstrip() + b"\nContent-Encoding: " + coding.encode() + b"\n\n"

    shown = run(tmp_path, capsys, REQUEST + ASKED, head + compress(ANSWERED))

    assert shown["event"]["answer"] == "Because."


@pytest.mark.parametrize("library", ["brotli", "backports.zstd"])
def test_brotli_and_zstandard_are_decoded(library: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compress = pytest.importorskip(library).compress
    coding = b"br" if library == "brotli" else b"zstd"

    shown = run(
        tmp_path,
        capsys,
        REQUEST + ASKED,
        RESPONSE.rstrip() + b"\nContent-Encoding: " + coding + b"\n\n" + compress(ANSWERED),
    )

    assert shown["event"]["answer"] == "Because."


def test_a_mapping_reads_what_has_no_known_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    request = b'POST /ask HTTP/1.1\n\n{"q": "Why?"}'

    shown = run(tmp_path, capsys, request, RESPONSE + b'{"a": "Yes."}', "--mapping", '{"question": "q", "answer": "a"}')

    assert shown["event"]["answer"] == "Yes."


@pytest.mark.parametrize(
    ("request_", "response", "options", "problem"),
    [
        (b"{}", RESPONSE, (), "begin the request with a line such as: POST"),
        (REQUEST + ASKED, b"{}", (), "begin the response with a status line"),
        (b"", b"", (), "begin the request"),
        (REQUEST, RESPONSE, ("--format", "x"), "FORMAT=x: write one of auto, openai-chat"),
        (REQUEST, RESPONSE, ("--mapping", "{"), "MAPPING: not JSON"),
        (REQUEST, RESPONSE, ("--request", "no-such-file"), "REQUEST=no-such-file cannot be read: No such file"),
        (REQUEST, RESPONSE, ("--response", ""), "RESPONSE is missing"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], request_: bytes, response: bytes, options: Any, problem: str
) -> None:
    assert problem in run(tmp_path, capsys, request_, response, *options)


@pytest.mark.parametrize("command", ["preview", "redact"])
def test_a_command_runs_without_what_is_vendored_for_the_runtime(command: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", f"commands.{command}", *(["--help"] if command == "preview" else [])],
        cwd=Path(__file__).parents[1],
        env={"PYTHONPATH": "src"},
        input="",
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, run.stderr) == (0, "")
