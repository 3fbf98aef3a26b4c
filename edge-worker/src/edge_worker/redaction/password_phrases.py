"""Finds passwords that are not introduced by their name; here only what is no word counts as one."""

import re
from collections.abc import Iterator

from edge_worker.redaction.password_words import IS, MIXED, NAMES
from edge_worker.redaction.span import MASKS

_VALUE = rf"[^\s{MASKS}]{{6,64}}"
# Both halves of what somebody signs in with: "credentials are admin / Adm1n!23", "login: bob:Adm1n!23".
_PAIR = re.compile(
    r"(?<![^\W\d_])(?:credentials?|creds|log-?in(?:daten)?|zugangsdaten|identifiants?|credenciales|credenciais|credenziali"
    r"|inloggegevens|dane logowania|логин|账号|帐号|アカウント|계정)(?:[ ](?:is|are|sind|lauten|son|sont|são|sono|to))?"
    rf"[ :：]{{1,2}}[^\s/:|{MASKS}]{{1,64}}[ ]?[/:|][ ]?(?P<value>(?!/){_VALUE})",
    re.IGNORECASE,
)
# "I set abc123 as my password"
_AS_ONE = re.compile(
    rf"(?P<value>(?<!\S){_VALUE})[ ](?:as|als|comme|como|come|som|jako|как|sebagai|làm)"
    rf"(?:[ ][^\W\d_]{{1,8}}){{0,2}}[ ](?:{NAMES})",
    re.IGNORECASE,
)
# "... and the new one is abc124"
_OTHER_ONE = re.compile(
    r"(?<![^\W\d_])(?:new|old|other|second|neue[sr]?|alte[sr]?|nouveau|ancien|nuev[ao]|nov[ao]|nuov[ao]|nieuwe|nowe|новый|старый)"
    rf"(?:[ ]one)?(?:[ ](?:{IS})[ ]|[ ]?:[ ])(?P<value>{_VALUE})",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")


def find(text: str, *, is_one_named: bool) -> Iterator[tuple[int, int]]:
    """Give the bounds of what a folded text says is a password; `is_one_named` tells whether it names any."""
    if not _DIGIT.search(text):
        return  # each has one
    for pattern in (_PAIR, _AS_ONE, _OTHER_ONE) if is_one_named else (_PAIR,):
        for match in pattern.finditer(text):
            value = match["value"].rstrip("\"'`.,;?)>")
            if "://" not in value and MIXED.match(value):
                yield match.start("value"), match.start("value") + len(value)
