"""Finds passwords: what is named as one in the languages visitors write, and what stands in a URL."""

import re
from collections.abc import Iterator

from edge_worker.redaction import password_phrases
from edge_worker.redaction.password_words import ASKED, HINTS, IS, MIXED, NAMES, PLACEHOLDER, SAID, SAID_OF_IT
from edge_worker.redaction.span import MASKS, Span

LABEL = "[password]"

# Between a name and a colon, what says that the colon introduces something else.
_OTHER = r"user|username|account|konto|login|id|order|ticket|error|code|email|mail|version|and|und|et|y|or|oder"
_NAMED = re.compile(
    rf"(?:(?<![^\W\d_])(?:{NAMES})|(?<=[a-z])(?:pass(?:word|wort|phrase|code|wd)|kennwort))"
    r"(?:[ ]?[(\[][^()\[\]\n]{0,20}[)\]])?[\"'`]?"
    rf"(?:[ ]{{0,2}}(?P<sign>:=?|=>?|->|→)[ ]{{0,2}}|[ ]{{0,2}}(?P<verb>{IS})"
    rf"(?:[ :]{{1,2}}|(?<=[^\x00-\u024f])|(?=[\"'`]))"
    rf"|(?P<far>(?:[ ](?!(?:{_OTHER})\b)[^\W\d_]{{1,20}}){{1,4}}(?:[ ]{{0,2}}[:=]|[ ](?:{IS}):?(?=[ ]))[ ]{{0,2}})"
    rf"|(?P<none>[ ](?:- )?|(?<=[^\x00-\u024f])))",
    re.IGNORECASE,
)
_WIDE_NAME = re.compile(
    "(?:密码|密碼|口令|パスワード|暗証番号|비밀번호|비번|암호|รหัสผ่าน)"
    rf"(?:(?P<sign>[ ]{{0,2}}[:=][ ]{{0,2}})|[ ]?(?P<verb>{IS})[ :]{{0,2}}"
    rf"|(?P<far>[\u0e00-\uffef]{{1,8}}[ :]{{0,2}}(?=[!-~]))|(?P<none>[ ]?))"
)
# A word of its own as well: only with a sign, and what follows is no word.
_SHORT_NAME = re.compile(
    r"(?<![^\W\d_])pass(?:[ ]{0,2}(?P<sign>[:=])[ ]{0,2}|[ ](?P<verb>(?P<far>(?:is|was)[ ])))(?P<none>)", re.IGNORECASE
)
_QUOTED = re.compile(r"([\"'`])([^\"'`\n]{1,64})\1|[“„«»「『]([^”“«»」』\n]{1,64})[”“«»」』]")
_VALUE = re.compile(rf"[!-~\u00a1-\u024f\u0370-\u052f]{{1,128}}|[^\s{MASKS}]{{2,64}}")
_CLOSED = re.compile(r"[ ]*(?:$|[.,;!?\n)]|(?:and|und|et|y|e|i|en|och|og|ja|ve|и|oder|or|but|aber)\b)", re.IGNORECASE)
_SHORTEST_NUMBER = 4
# Behind a verb, a word of a script that no keyboard types passwords in is said of the password.
_OTHER_SCRIPTS = "\u0530"
_EDGE = "\"'`.,;!?)>"
_IN_URL = re.compile(r"(?<=://)[^\s/@:]{0,64}:([^\s/@]{1,256})(?=@)")
_IN_COMMAND = re.compile(r"(?<!\S)(?:-u|--user)[ =][\"']?[^\s:\"']{1,64}:([^\s\"']{1,128})")
# Of MySQL the option has no space behind it; with one it asks for the password.
_AS_OPTION = re.compile(
    r"(?<!\S)(?:(?:mysql|mariadb)[\w-]{0,12}(?: [^\n|;]{0,80}?)? -p(?!ort)|sshpass -p ?"
    r"|redis-cli(?: [^\n|;]{0,80}?)? -a )[\"']?((?=[A-Za-z]*[^A-Za-z\s\"'])[^\s\"']{4,128})"
)
# The codes of a card or a telephone: four digits, or the three beside a card's number.
_UNIT = r" ?(?:mm|cm|m|km|mg|g|kg|px|ms|s|h|x|days|[€$£])(?![^\W\d_])"
_CODE = re.compile(
    rf"(?<![^\W\d_])(?:pin(?:[ -]?code)?[ ]{{0,2}}(?:[:=]|(?:{IS})\b)[ ]{{0,2}}(?=\d{{4}}(?!\d))"
    rf"|(?:cvv2?|cvc2?|cvn|card security code|sicherheitscode|code de sécurité|código de segurança"
    r"|código de seguridad|codice di sicurezza|安全码|セキュリティコード)"
    rf"[ ]{{0,2}}(?:[:=]|(?:{IS})\b)?[ ]{{0,2}})(\d{{3,4}})(?![\d%]|[.,/:-]\d|{_UNIT})",
    re.IGNORECASE,
)
_ONE_TIME = re.compile(
    r"(?<![^\W\d_])(?:otp(?:[ -]?code)?|tan|one[- ]time (?:pass)?code"
    r"|(?:verification|confirmation|login|security|2fa) code"
    r"|(?:bestätigungs|verifizierungs|prüf)code|code de (?:vérification|confirmation)|código de verificaci[óo]n"
    r"|código de verificação|codice di verifica|код подтверждения|验证码|驗證碼|認証コード|확인 코드|인증번호)"
    rf"[ ]{{0,2}}(?:[:=]|(?:{IS})(?![^\W\d_]))?[ ]{{0,2}}(\d{{4,8}})(?![\d%]|[.,/:-]\d|{_UNIT})",
    re.IGNORECASE,
)
_CODE_DIGITS = re.compile(r"\d{3}")
_ASCII_HINTS = tuple(hint for hint in HINTS if hint.isascii())


def find(text: str) -> Iterator[Span]:
    """Find passwords in a folded text."""
    for pattern in _possible(text):
        for match in pattern.finditer(text):
            yield Span(*match.span(1), LABEL)
    is_one_named = _may_name_one(text)
    for bounds in password_phrases.find(text, is_one_named=is_one_named):
        yield Span(*bounds, LABEL)
    if not is_one_named:
        return
    for pattern in (_NAMED, _WIDE_NAME) if not text.isascii() else (_NAMED,):
        for match in pattern.finditer(text):
            span = _value(text, match)
            if span:
                yield span
    for match in _SHORT_NAME.finditer(text):
        span = _value(text, match)
        if span and _is_secret(text[span.start : span.end]):
            yield span


def _possible(text: str) -> Iterator[re.Pattern[str]]:
    """Give the patterns that can match at all, by what is in each of their matches and in few texts."""
    if "://" in text:
        yield _IN_URL
    if "-u" in text:
        yield _IN_COMMAND
    if " -p" in text or " -a " in text:
        yield _AS_OPTION
    if _CODE_DIGITS.search(text):
        yield from (_CODE, _ONE_TIME)


def _may_name_one(text: str) -> bool:
    """Tell whether a part of a name is in the text, in any case; a Turkish i is an i, as patterns take it."""
    if text.isascii():
        lower = text.lower()
        return any(hint in lower for hint in _ASCII_HINTS)
    folded = text.casefold().replace("i\u0307", "i").replace("\u0131", "i")
    return any(hint in folded for hint in HINTS)


def _value(text: str, name: re.Match[str]) -> Span | None:
    """Give the span of what the name introduces, if that is a password."""
    begin = name.end()
    if PLACEHOLDER.match(text, begin):
        return None
    quoted = _QUOTED.match(text, begin)
    if quoted:
        group = 2 if quoted[2] else 3
        is_named = not name["none"] or _is_secret(quoted[group])
        return Span(*quoted.span(group), LABEL) if is_named else None
    match = _VALUE.match(text, begin)
    if not match:
        return None
    value = match[0].rstrip(_EDGE) or match[0]
    # What is no word may well end with the one of these signs that passwords are asked to have.
    if MIXED.match(value) and match[0][len(value) :].startswith("!"):
        value += "!"
    end = begin + len(value)
    return Span(begin, end, LABEL) if _is_password(text, value, end, name) else None


def _is_password(text: str, value: str, end: int, name: re.Match[str]) -> bool:
    if value.startswith(("[", "(")) or "://" in value:
        return False
    if name["far"] or (name["sign"] is None and name["verb"] is None):
        return bool(MIXED.match(value))
    if (not name["sign"] and value[0] >= _OTHER_SCRIPTS) or (value.isdecimal() and len(value) < _SHORTEST_NUMBER):
        return False
    return not _is_word(value) or not (SAID.match(value) or _is_said(text, value, end, name))


def _is_said(text: str, value: str, end: int, name: re.Match[str]) -> bool:
    """Whether a word belongs to a question behind the name, or is said of the password."""
    if name["sign"]:
        return bool(ASKED.match(value))
    return bool(SAID_OF_IT.fullmatch(value)) or not _CLOSED.match(text, end)


def _is_secret(value: str) -> bool:
    """Whether a value is neither a word nor several."""
    return " " not in value and not _is_word(value)


def _is_word(value: str) -> bool:
    """Whether a value is one that people write in a sentence: letters, an apostrophe, a hyphen between two."""
    return value.count("-") < 2 and value.replace("-", "").replace("'", "").replace("’", "").isalpha()  # noqa: PLR2004 - passphrases have more
