"""Finds keys and tokens: those with the form of a known service, and what is named as one."""

import re
from collections.abc import Iterator

from edge_worker.redaction.span import Span

LABEL = "[key]"

# Shorter words are no secrets, nor are plain numbers, and most questions have none as long.
_SHORTEST = 10
_LONG_WORD = re.compile(r"(?=[0-9.+/=:%-]{0,40}[A-Za-z_~])[A-Za-z0-9_.~+/=:%-]{10}")
# Each as its service documents it, a little shorter where one may be cut off.
_SERVICES = re.compile(
    r"""(?<![A-Za-z0-9])(?:
      sk-(?=[\w-]{0,40}\d)[\w-]{16,}                       # OpenAI, Anthropic, DeepSeek, OpenRouter, Langfuse
    | pk-lf-[\w-]{16,}                                     # Langfuse
    | AIza[\w-]{30,} | ya29\.[\w.-]{16,} | GOCSPX-[\w-]{16,} | 1//0[\w-]{20,}      # Google
    | gh[pousr]_\w{16,} | github_pat_\w{16,}               # GitHub
    | gl(?:pat|ptt|dt|rt|cbt|soat|ft|imt|agent|oas|wt)-[\w.-]{16,}                 # GitLab
    | xox[a-z]{1,2}-[\w.-]{8,} | xapp-\d-[\w-]{8,}         # Slack
    | (?:sk|pk|rk)_(?:live|test|prod)_\w{8,} | whsec_[\w+/=]{16,}                  # Stripe, Clerk
    | sk_(?=\w{0,30}\d)[0-9A-Za-z_]{20,}                   # ElevenLabs and others
    | SG\.[\w-]{12,}\.[\w-]{12,}                           # SendGrid
    | key-[0-9a-z]{32} | [0-9a-f]{32}-us\d{1,2}\b | (?:SK|AC)[0-9a-f]{32}  # Mailgun, Mailchimp, Twilio
    | npm_\w{16,} | pypi-[\w-]{16,} | rubygems_[0-9a-f]{32,} | cio[A-Za-z0-9]{32} | oy2[a-z0-9]{43}
    | (?:hf|api_org)_[A-Za-z0-9]{16,} | r8_\w{16,} | gsk_\w{16,} | xai-\w{16,} | pplx-\w{16,} | nvapi-[\w-]{16,}
    | (?:tvly|fw|lin_api|lin_oauth|figd|figu|ntn|rnd|sbp|sb_secret|fo1|nfp|vc[pkiar]|re|phc|phx)
      [_-](?=[\w-]{0,40}\d)[\w-]{20,}
    | secret_[A-Za-z0-9]{32,}                              # Notion
    | (?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA|AGPA|ANPA|ANVA|AIPA|APKA)[A-Z0-9]{16}\b     # AWS
    | do[opr]_v1_[0-9a-f]{32,} | shp(?:at|ca|pa|ss)_[0-9A-Za-z]{16,}               # DigitalOcean, Shopify
    | EAA[A-Za-z0-9]{24,} | EAAA[\w-]{20,} | sq0[a-z]{3}-[\w-]{16,}                # Meta, Square
    | gl(?:sa|c)_[\w=+/]{16,} | dapi[0-9a-f]{32} | dckr_(?:pat|oat)_[\w-]{16,}     # Grafana, Databricks, Docker
    | hv[sbr]\.[\w-]{16,} | s\.[A-Za-z0-9]{24}\b | [A-Za-z0-9]{14}\.atlasv1\.[\w-]{16,}            # HashiCorp
    | PMAK-[0-9a-f-]{20,} | pul-[0-9a-f]{32,} | NRAK-[A-Z0-9]{20,} | HRKU-[\w-]{20,} | sntry[su]_[\w+/=]{16,}
    | dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.]{16,} | pat[A-Za-z0-9]{14}\.[0-9a-f]{32,}               # Doppler, Airtable
    | v1\.0-[0-9a-f]{24}-[0-9a-f]{32,} | cf(?:ut|at|k)_[\w-]{20,}                  # Cloudflare
    | LTAI[A-Za-z0-9]{12,} | AKID[A-Za-z0-9]{13,} | y[0-3]_[\w-]{30,} | t1\.[\w-]{16,}\.[\w-]{16,} | AQVN[\w-]{20,}
    | \w{3}\dQ~[\w.~-]{24,}                                # Microsoft Entra
    | AGE-SECRET-KEY-1[0-9A-Z]{20,} | ATATT3[\w=-]{20,} | ATBB[A-Za-z0-9]{24,}     # age, Atlassian
    | [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:fx\b      # DeepL
    | \d{6,12}:[A-Za-z0-9_-]{33,36}(?![\w-])               # Telegram
    | [MNO][A-Za-z\d_-]{22,27}\.[\w-]{6}\.[\w-]{25,}       # Discord
    | (?:[psu]k\.)?eyJ[\w-]{12,}(?:\.[\w-]*){0,4}          # JSON Web Tokens (RFC 7519), Mapbox
    )""",
    re.VERBOSE | re.ASCII,
)
_WEBHOOK = re.compile(
    r"(?:hooks\.slack\.com/(?:services|workflows)|discord(?:app)?\.com/api/webhooks|\.webhook\.office\.com/webhookb2)"
    r"/([\w/@-]{16,})"
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PLAIN_KEY = re.compile(r"(?<![A-Za-z])key[\"'`]?[ ]{0,2}(?:[:=]|is)[ ]{0,2}[\"'`]?([A-Za-z0-9_-]{24,})", re.IGNORECASE)
_SCHEME = re.compile(r"\b(?:bearer|token|basic|digest|apikey)[ :]{1,2}\"?([\w.~+/=-]{8,})", re.IGNORECASE | re.ASCII)
_NAMED = re.compile(
    r"""(?:(?:api|access|secret|account|auth|client|private|signing|encryption|master|subscription|shared)[ _-]?
           (?:access[ _-]?)?(?:key|token|secret|schlüssel)|(?<![a-z])(?:token|secret|apikey|sig|signature|credential)
           |clé(?:[ ]d.?api|[ ]api|[ ]secr[eè]te)|clave[ ](?:de[ ])?(?:api|secreta)|chave[ ](?:de[ ])?(?:api|secreta)
           |chiave[ ](?:api|segreta)|(?:api|секретный|апи)[ -]?ключ|ключ[ ](?:api|доступа)|токен|klucz[ ]api
           |密钥|密鑰|令牌|秘密鍵|(?:api|アクセス)[ ]?キー|トークン|api[ ]?키|토큰|مفتاح|टोकन|โทเค็น)
        (?:[ ](?:id|value))?["'`]?[ ]{0,2}
        (?:[:=]|=>|(?:is|ist|est|es|è|é|jest|это|:|是|为|為|は|が|は、|는|은|هو|है|คือ)(?=[ \x21-\x7e]))[ ]{0,2}["'`]?
        ([A-Za-z0-9_.~+/=:%-]{10,})""",
    re.VERBOSE | re.IGNORECASE,
)
# Shorter ones show themselves by their mixture only.
_SHORT_VALUE = re.compile(r"[:=] {0,2}[\"'`]?[A-Za-z0-9]{8}")
_SHORT_NAMED = re.compile(
    r"(?:(?:api|access|secret|auth|client|private)[ _-]?(?:key|token|secret)|(?<![a-z])(?:token|secret|apikey))"
    r"[\"'`]? {0,2}[:=] {0,2}[\"'`]?([A-Za-z0-9]{8,9})(?![A-Za-z0-9_.~+/=:%-])",
    re.IGNORECASE,
)
_COOKIE = re.compile(
    r"(?<![A-Za-z])(?:phpsessid|jsessionid|asp\.net_sessionid|connect\.sid|session[_-]?id|sessid|sid|(?:csrf|xsrf)[_-]?token)"
    r"=\"?([\w%.~+/-]{8,})",
    re.IGNORECASE | re.ASCII,
)
_RAW = re.compile(r"(?<![A-Za-z0-9+/=_.-])[A-Za-z0-9+/_-]{40}(?![A-Za-z0-9+/=_-])")
_CHANGE = re.compile(r"[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
# A secret of 40 characters changes its kind of character about 25 times, a path or a name in a program rarely 12.
_LEAST_CHANGES = 12
_LEAST_CHANGES_OF_SHORT = 3


def find(text: str) -> Iterator[Span]:
    """Find the keys and tokens of a folded text."""
    if _SHORT_VALUE.search(text):
        yield from _short(text)
    # The first is asked for its speed only.
    if max(map(len, text.split()), default=0) < _SHORTEST or not _LONG_WORD.search(text):
        return
    yield from _private_keys(text)
    for match in _SERVICES.finditer(text):
        yield Span(match.start(), match.end(), LABEL)
    for pattern, is_secret in _NAMING:
        for match in pattern.finditer(text):
            if is_secret(match[1]):
                yield Span(*match.span(1), LABEL)
    for match in _RAW.finditer(text):
        if len(_CHANGE.findall(match[0])) >= _LEAST_CHANGES and not _is_hexadecimal(match[0]):
            yield Span(match.start(), match.end(), LABEL)


def _is_random_and_no_uuid(value: str) -> bool:
    return _is_random(value) and not _UUID.fullmatch(value)


def _short(text: str) -> Iterator[Span]:
    for match in _SHORT_NAMED.finditer(text):
        if len(_CHANGE.findall(match[1])) >= _LEAST_CHANGES_OF_SHORT:
            yield Span(*match.span(1), LABEL)


def _private_keys(text: str) -> Iterator[Span]:
    """Find blocks from BEGIN to END, or to the end of the text."""
    position = 0
    while begin := _PRIVATE_KEY.search(text, position):
        end = _KEY_END.search(text, begin.end())
        position = end.end() if end else len(text)
        yield Span(begin.start(), position, LABEL)


def _is_random(value: str) -> bool:
    """Whether a word is a token rather than a word of a language or a plain number."""
    has_digit = any(map(str.isdigit, value))
    has_letter = any(map(str.isalpha, value))
    return has_letter and (has_digit or "=" in value or len(_CHANGE.findall(value)) >= 4)  # noqa: PLR2004 - camelCase has fewer


def _is_hexadecimal(value: str) -> bool:
    return all(character in "0123456789abcdefABCDEF" for character in value)


_NAMING = (
    (_WEBHOOK, bool),
    (_SCHEME, _is_random),
    (_NAMED, _is_random),
    (_PLAIN_KEY, _is_random_and_no_uuid),
    (_COOKIE, _is_random),
)
