"""The benchmarks' client understands whatever pieces an answer comes in."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from benchmarks.connection import Connection, content_length


@contextmanager
def answering(*pieces: bytes) -> Iterator[tuple[Connection, list[bytes]]]:
    """Serve one request with an answer in these pieces, and keep what was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            peer, _ = listener.accept()
            with peer:
                asked.append(peer.recv(65_536))
                for piece in pieces:
                    peer.sendall(piece)

        server = threading.Thread(target=serve)
        server.start()
        with closing(Connection("127.0.0.1", listener.getsockname()[1], timeout_seconds=5)) as connection:
            yield connection, asked
        server.join()


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",),
        (b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 4\r", b"\n\r\n", b"bo", b"dy"),
    ],
    ids=["at once", "in pieces"],
)
def test_an_answer_is_read_to_its_end(pieces: tuple[bytes, ...]) -> None:
    with answering(*pieces) as (connection, asked):
        answer = connection.post("/query", "variant: none\r\n", b"{}")

    assert answer == (200, b"body")
    [request] = asked
    assert request.startswith(b"POST /query HTTP/1.1\r\nhost: 127.0.0.1:")
    assert request.endswith(b"\r\nvariant: none\r\ncontent-length: 2\r\n\r\n{}")


def test_an_answer_that_ends_early_is_an_error() -> None:
    with (
        answering(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbody") as (connection, _),
        pytest.raises(ConnectionError, match="broke off"),
    ):
        connection.post("/query", "", b"")


def test_a_message_without_a_length_has_no_body() -> None:
    assert content_length(b"GET / HTTP/1.1\r\nhost: x") == 0
