"""Finds passwords: what is named as one in the languages visitors write, and what stands in a URL."""

import re
from collections.abc import Iterator

from edge_worker.redaction.span import MASKS, Span

LABEL = "[password]"

_NAMES = (
    r"pass(?:word|wort|phrase|code|wd)s?|pwd|pw|passwd|kennwort|mot de passe|mdp|contraseña|contrasena|clave|senha"
    r"|palavra[- ]passe|parola(?: d'ordine)?|wachtwoord|hasło|haslo|has[lł]em|пароль|паролем|lösenord(?:et)?"
    r"|adgangskode(?:n)?|kodeord(?:et)?|passord(?:et)?|salasana(?:ni)?|heslo|jelszó|jelszavam|şifre(?:m|si)?"
    r"|sifre(?:m)?"
    r"|parolam|κωδικ(?:ός|ο)ς?(?: πρόσβασης)?|mật khẩu|mat khau|kata sandi|sandi|密码|密碼|口令|パスワード|暗証番号"
    r"|비밀번호|비번|암호|รหัสผ่าน|كلمة المرور|كلمة السر|رمز عبور|گذرواژه|पासवर्ड"
    r"|סיסמ(?:ה|ת|א)\S{0,3}|পাসওয়ার্ড|கடவுச்சொல்|passcode"
)
_IS = (
    r"is|was|are|ist|lautet|war|est|était|es|era|é|è|são|is|jest|to|это|была|был|är|er|on|je|is:|olan|είναι|là|adalah"
    r"|yaitu"
    r"|是|为|為|は|が|는|은|이|가|คือ|هو|هي|है|הוא|היא|হল"
)
_NAMED = re.compile(
    rf"(?<![^\W\d_])(?:{_NAMES}){{1}}(?:[ ]?[(\[][^()\[\]\n]{{0,20}}[)\]])?[\"'`]?"
    rf"(?:[ ]{{0,2}}(?P<sign>:=?|=>?|->|→)[ ]{{0,2}}|[ ]{{0,2}}(?P<verb>{_IS})"
    rf"(?:[ :]{{1,2}}|(?<=[^\x00-\u024f])|(?=[\"'`]))"
    rf"|(?P<none>[ ](?:- )?|(?<=[^\x00-\u024f])))",
    re.IGNORECASE,
)
_WIDE_NAME = re.compile(
    "(?:密码|密碼|口令|パスワード|暗証番号|비밀번호|비번|암호|รหัสผ่าน)"
    rf"(?:(?P<sign>[ ]{{0,2}}[:=][ ]{{0,2}})|[ ]?(?P<verb>{_IS})[ :]{{0,2}}|(?P<none>[ ]?))"
)
# A part of every name. They are looked for one by one: a pattern that ignores case takes thirty times as long.
_HINTS = (
    *(
        "pass",
        "pwd",
        "pw",
        "wort",
        "woor",
        "mot de",
        "mdp",
        "contrase",
        "clave",
        "senha",
        "palavra",
        "parola",
        "hasl",
        "hasł",
    ),
    *("парол", "lösen", "kode", "salasan", "heslo", "jels", "şifre", "sifre", "κωδ", "mật", "mat khau", "sandi", "密"),
    *("口", "パ", "暗", "비", "암", "প", "ס", "รหัส", "كلمة", "رمز", "گذر", "प", "கட"),
)
# A word of its own as well: only with a sign, and what follows is no word.
_SHORT_NAME = re.compile(r"(?<![^\W\d_])pass[ ]{0,2}(?P<sign>[:=])[ ]{0,2}(?P<verb>)(?P<none>)", re.IGNORECASE)
_QUOTED = re.compile(r"([\"'`])([^\"'`\n]{1,64})\1|[“„«「『]([^”“»」』\n]{1,64})[”“»」』]")
_VALUE = re.compile(rf"[!-~\u00a1-\u024f\u0370-\u052f]{{1,128}}|[^\s{MASKS}]{{2,64}}")
_CLOSED = re.compile(r"[ ]*(?:$|[.,;!?\n)]|(?:and|und|et|y|e|i|en|och|og|ja|ve|и|oder|or|but|aber)\b)", re.IGNORECASE)
_SHORTEST_NUMBER = 4
_EDGE = "\"'`.,;!?)>"
# What people say of a password in place of it.
_SAID = re.compile(
    r"(?:not|no|nicht|wrong|in?correct\w*|invalid\w*|expired|weak|required|lost|forgot\w*|missing|compromised|secure|safe|too"
    r"|stored|hashed|reset|changed?|needed|empty|the|a|an|my|your|mandatory|optional|correct|right|protected|good|bad|strong|long"
    r"|short|same|different|unknown|leaked|stolen|blocked|case|accepted|rejected|visible|hidden|saved|encrypted|working|set"
    r"|fals(?:ch|o|a|e)|abgelaufen|ungültig|vergessen|gesperrt|verloren|zu|sicher|unsicher|weg|erforderlich|schwach|korrekt|richtig"
    r"|expir\w+|oubli\w+|perdu\w*|obligatoire|trop|inval\w+|faux|faible|bloqu\w+|olvid\w+|perdid\w+|caduc\w+|débil|muy|demasiado"
    r"|esquec\w+|errad\w+|fraca|muito|scadut\w+|dimenticat\w+|sbagliat\w+|errat\w+|verlopen|vergeten|onjuist|verkeerd|te|niet"
    r"|nieprawidłow\w+|błędn\w+|wygas\w+|zapomnian\w+|неверн\w+|неправильн\w+|ист[её]к\w*|забыт\w*|не|утерян\w*|устарел\w*"
    r"|fel|felaktig\w*|glömt|utgång\w*|forkert|glemt|feil|yanlış|unut\w+|hatalı|salah|lupa|sai|quên|hết|λάθος|ξέχασα"
    r"|错误|不正确|過期|过期|什么|什麼|多少|忘|無効|間違|何|틀|잘못|무엇|ผิด|อะไร|خطأ|منسية|गलत|भूल|שגויה?)(?:\b|(?<=[^\x00-\u052f]))",
    re.IGNORECASE,
)
# What begins a question or a request behind "Password:".
_ASKED = re.compile(
    r"(?:how|what|why|when|where|which|who|can|could|do|does|did|should|is|are|am|i|it|please|help|need|must|at|least|min\w*|max\w*"
    r"|wie|was|warum|wo|kann|ich|bitte|hilfe|mindestens|comment|pourquoi|où|quel\w*|je|aide|au|cómo|por|qué|dónde|cuál|puedo|ayuda"
    r"|como|onde|qual|posso|come|perché|dove|quale|hoe|waarom|wat|waar|kan|jak|dlaczego|gdzie|как|почему|где|что|можно|hur|varför"
    r"|hvordan|hvorfor|miten|nasıl|neden|bagaimana|kenapa|làm|tại|πώς|怎么|如何|为什么|どう|なぜ|어떻게|왜|อย่างไร|ยังไง|كيف|لماذا|कैसे"
    r"|क्यों|איך|למה)(?:\b|(?<=[^\x00-\u052f]))",
    re.IGNORECASE,
)
# Written beside each other without a sign between them, a password shows itself by what is in it.
_MIXED = re.compile(
    r"(?!(?:sha|md|pbkdf|bcrypt|scrypt|argon|base|oauth|utf|win|tls|v|x)\d)(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])[!-~]{6,}",
    re.IGNORECASE,
)
_IN_URL = re.compile(r"(?<=://)[^\s/@:]{0,64}:([^\s/@]{1,256})(?=@)")
_IN_COMMAND = re.compile(r"(?<!\S)(?:-u|--user)[ =][\"']?[^\s:\"']{1,64}:([^\s\"']{1,128})")
# The codes of a card or a telephone: four digits, or the three beside a card's number.
_CODE = re.compile(
    rf"(?<![^\W\d_])(?:pin(?:[ -]?code)?[ ]{{0,2}}(?:[:=]|(?:{_IS})\b)[ ]{{0,2}}(?=\d{{4}}(?!\d))"
    rf"|(?:cvv2?|cvc2?|cvn|card security code)[ ]{{0,2}}(?:[:=]|(?:{_IS})\b)?[ ]{{0,2}})(\d{{3,4}})(?![\d%]|[.,/:-]\d)",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Span]:
    """Find passwords in a folded text."""
    for pattern in (_IN_URL, _IN_COMMAND, _CODE):
        for match in pattern.finditer(text):
            yield Span(*match.span(1), LABEL)
    if not _may_name_one(text):
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


def _may_name_one(text: str) -> bool:
    """Tell whether a part of a name is in the text, in any case; a Turkish i is an i, as patterns take it."""
    folded = text.casefold().replace("i\u0307", "i").replace("\u0131", "i")
    return any(hint in folded for hint in _HINTS)


def _value(text: str, name: re.Match[str]) -> Span | None:
    """Give the span of what the name introduces, if that is a password."""
    begin = name.end()
    quoted = _QUOTED.match(text, begin)
    if quoted:
        group = 2 if quoted[2] else 3
        is_named = not name["none"] or _is_secret(quoted[group])
        return Span(*quoted.span(group), LABEL) if is_named else None
    match = _VALUE.match(text, begin)
    if not match:
        return None
    value = match[0].rstrip(_EDGE) or match[0]
    end = begin + len(value)
    return Span(begin, end, LABEL) if _is_password(text, value, end, name) else None


def _is_password(text: str, value: str, end: int, name: re.Match[str]) -> bool:
    if value.startswith(("[", "(")) or "://" in value:
        return False
    if name["sign"] is None and name["verb"] is None:
        return bool(_MIXED.match(value))
    if value.isdecimal() and len(value) < _SHORTEST_NUMBER:
        return False
    if not _is_word(value):
        return True
    if _SAID.match(value):
        return False
    return not _ASKED.match(value) if name["sign"] else bool(_CLOSED.match(text, end))


def _is_secret(value: str) -> bool:
    """Whether a value is neither a word nor several."""
    return " " not in value and not _is_word(value)


def _is_word(value: str) -> bool:
    """Whether a value is one that people write in a sentence: letters, an apostrophe, a hyphen between two."""
    return value.count("-") < 2 and value.replace("-", "").replace("'", "").replace("’", "").isalpha()  # noqa: PLR2004 - passphrases have more
