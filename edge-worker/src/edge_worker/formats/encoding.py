"""Takes off the content codings of a body: gzip and deflate, brotli and zstd where a library for them is installed."""

import importlib
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from edge_worker.formats.exchange import Reply

_MOST_BYTES = 4_194_304
"""A small body can expand to any size: no more of it is made."""
_AUTOMATIC = zlib.MAX_WBITS | 32
_TEXT_STARTS = (b"{", b"[", b"data", b"event", b"id", b":", b"retry")


def decoded_reply(
    status: int, headers: Mapping[str, str], body: bytes, tail: bytes = b"", *, is_whole: bool = True
) -> Reply:
    """Build a reply without its codings. One that cannot be decoded is as good as one of which nothing was seen."""
    text = decode_body(body, headers.get("content-encoding", ""))
    if text is None:
        return Reply(status, headers, b"", is_whole=False)
    return Reply(status, headers, text, tail if text is body else b"", is_whole=is_whole and len(text) < _MOST_BYTES)


def decode_body(body: bytes, codings: str) -> bytes | None:
    """Decode a body, or the beginning of one.

    Args:
        body: As it was received, or already decoded: runtimes leave the header when they decode.
        codings: The Content-Encoding header.

    Returns:
        The decoded body, at most 4 MiB of it; None where there is no library for it.
    """
    for coding in reversed([each.strip().lower() for each in codings.split(",") if each.strip()]):
        if coding == "identity" or body.lstrip().startswith(_TEXT_STARTS):
            continue
        decode = _DECODERS.get(coding)
        decoded = decode(body) if decode and body else None
        if decoded is None:
            return b"" if not body else None
        body = decoded
    return body


def _inflate(body: bytes) -> bytes | None:
    for window_bits in (_AUTOMATIC, -zlib.MAX_WBITS):
        try:
            return zlib.decompressobj(window_bits).decompress(body, _MOST_BYTES)
        except zlib.error:
            continue
    return None


def _brotli(body: bytes) -> bytes | None:
    library = _installed("brotli")
    if library is None:
        return None
    try:
        text: bytes = library.Decompressor().process(body, output_buffer_limit=_MOST_BYTES)
    except library.error:
        return None
    return text


def _zstd(body: bytes) -> bytes | None:
    library = _installed("compression.zstd") or _installed("backports.zstd")
    if library is None:
        return None
    try:
        text: bytes = library.ZstdDecompressor().decompress(body, _MOST_BYTES)
    except (library.ZstdError, EOFError):
        return None
    return text


def _installed(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


_DECODERS: Mapping[str, Callable[[bytes], bytes | None]] = {
    "gzip": _inflate,
    "x-gzip": _inflate,
    "deflate": _inflate,
    "br": _brotli,
    "zstd": _zstd,
}
