"""Finds e-mail addresses: the @ first, then as far to both sides as an address can reach."""

import re
from collections.abc import Iterator

from edge_worker.redaction.span import KEEP, MASKS, Span

LABEL = "[email]"

# RFC 5321, section 4.5.3.1: 64 characters in front of the @, 255 behind it.
_LOCAL_LENGTH = 64
_DOMAIN_LENGTH = 255
_LATIN = "A-Za-z\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff"
# Everything from IPA on but general and CJK punctuation and full-width forms: letters, and the marks that \w misses.
_OTHER = rf"[^\x00-\u024f\u0300-\u036f\u1e00-\u1eff\u2000-\u206f\u3000-\u303f\ufe30-\ufe4f\uff00-\uffef{MASKS}]"
_LATIN_LABEL = rf"[{_LATIN}0-9](?:[{_LATIN}0-9_-]{{0,62}})"
_LABEL = rf"(?:{_LATIN_LABEL}|{_OTHER}{{1,63}})"
# Where no space ends a domain, its last label is one of those that exist, or the whole run of letters.
_WIDE_ENDINGS = (
    "公司|网络|網絡|中国|中國|香港|台湾|台灣|新加坡|澳門|商标|商城|在线|网址|网店|集团|我爱你|中文网|移动|政府|机构|组织机构"
    "|コム|みんな|ストア|クラウド|セール|ファッション|ポイント|닷컴|닷넷|한국|삼성|ไทย|คอม"
)
_ENDING = rf"(?:(?i:xn)--[A-Za-z0-9-]{{2,59}}|[A-Za-z\u00c0-\u024f]{{2,24}}|{_WIDE_ENDINGS}|{_OTHER}{{2,24}})"
_DOT = r"(?i:\.| ?[\[({<] ?(?:dot|punkt|punto|point|ponto|точка|点) ?[\])}>] ?)"
_DOMAIN = re.compile(rf"(?:{_LABEL}{_DOT}){{1,8}}{_ENDING}")
_SPELLED_DOMAIN = re.compile(rf"(?:{_LATIN_LABEL} (?:dot|punkt|punto|point) ){{1,4}}[a-z]{{2,24}}\b", re.IGNORECASE)
_PROVIDER = re.compile(
    r"(?:gmail|googlemail|yahoo|hotmail|outlook|live|icloud|proton(?:mail)?|gmx|aol|qq|163|126|mail|yandex|naver|web"
    r"|example)\.[a-z]{2,3}(?:\.[a-z]{2})?\b",
    re.IGNORECASE,
)
_LITERAL = re.compile(r"\[(?:IPv6:)?[0-9a-fA-F.:]{3,45}\]")
_AT = re.compile(
    r"(?P<sign>@|%40)|(?P<bracket> {0,2}[\[({<] ?(?:at|ät|@|arroba|собака) ?[\])}>] {0,2})|(?P<word> (?:at|@|arroba) )",
    re.IGNORECASE,
)
_HINT = re.compile(r"@|%40|[\[({< ](?:at|arroba|собака)[\])}> ]", re.IGNORECASE)
_PARTS_OF_HINTS = ("@", "%40", "at", "arroba", "собака")
_LATIN_LOCAL = re.compile(rf"[{_LATIN}0-9.!$%&'’*+^_|~-]")
_ANY_LOCAL = re.compile(r"[^\s@<>()\[\],;:\"" + MASKS + "]")
_SPELLED_LOCAL = re.compile(
    r"(?<![\w-])(?:[\w-]{1,30} (?:dot|punkt|punto|point|ponto|underscore) ){1,3}$", re.IGNORECASE
)
_NO_FIRST = ".'’!*|~-&"
_QUOTED = re.compile(r'"[^"\n]{1,62}"$')
_PATH = re.compile(r":[\w.~-]{0,64}[/.]\w")
_VERSION = re.compile(
    r"v?\d+(?:\.\d|[.-](?:x|alpha|beta|rc|dev|next|canary|nightly|pre|post|snapshot|final|lts|latest)\b)", re.IGNORECASE
)
_FILE = re.compile(r"\d+(?:\.\d+)?x\.(?:png|jpe?g|gif|svg|webp|avif|ico|pdf|psd)\b", re.IGNORECASE)
_NEXT_SENTENCE = re.compile(r"(?<=[a-z0-9])\.[A-Z][a-z]*$")


def find(text: str) -> Iterator[Span]:
    """Find the addresses of a folded text; those of repositories and packages are to be kept."""
    lower = text.lower()
    # The first is asked for its speed only.
    if not any(part in lower for part in _PARTS_OF_HINTS) or not _HINT.search(text):
        return
    end = 0
    for at in _AT.finditer(text):
        if at.start() < end:
            continue
        span = _address(text, at, end)
        if span:
            end = span.end
            yield span


def _address(text: str, at: re.Match[str], least: int) -> Span | None:
    end = _domain_end(text, at)
    start = _local_start(text, at.start(), least)
    if end is None or start == at.start():
        return None
    if not at["sign"]:
        spelled = _SPELLED_LOCAL.search(text, max(least, start - _LOCAL_LENGTH), start)
        start = spelled.start() if spelled else start
    domain = text[at.end() : end]
    if _VERSION.match(domain) or _FILE.match(domain) or _is_of_repository(text, start, end):
        return Span(start, end, KEEP)
    return Span(start, end, LABEL)


def _domain_end(text: str, at: re.Match[str]) -> int | None:
    begin, last = at.end(), at.end() + _DOMAIN_LENGTH
    if at["word"]:
        match = _SPELLED_DOMAIN.match(text, begin, last) or _PROVIDER.match(text, begin, last)
        return match.end() if match else None
    match = _LITERAL.match(text, begin, last) or _DOMAIN.match(text, begin, last)
    if not match:
        return None
    end = match.end()
    domain = text[begin:end]
    # "Write to ann@example.com.Thanks": a name that goes on in another style is the next sentence.
    if domain.count(".") > 1 and (sentence := _NEXT_SENTENCE.search(domain)):
        end = begin + sentence.start()
    return end


def _local_start(text: str, end: int, least: int) -> int:
    """Give where the part in front of the @ begins; `end` where there is none."""
    least = max(least, end - _LOCAL_LENGTH)
    if text[end - 1 : end] == '"':
        quoted = _QUOTED.search(text, least, end)
        return quoted.start() if quoted else end
    is_part = _LATIN_LOCAL if _LATIN_LOCAL.match(text, end - 1, end) else _ANY_LOCAL
    start = end
    while start > least and is_part.match(text, start - 1, start):
        start -= 1
    first = start
    while first < end and text[first] in _NO_FIRST:
        first += 1
    return first if first < end else start


def _is_of_repository(text: str, start: int, end: int) -> bool:
    """Whether the address is `git@host`, `user@host:path`, or the user and host of a URL."""
    in_url = text[max(0, start - 3) : start] == "://"
    return in_url or text.startswith("git@", start) or _PATH.match(text, end) is not None
