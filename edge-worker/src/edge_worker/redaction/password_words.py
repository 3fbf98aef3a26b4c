"""The words that name a password, and what people say of one in its place, in the languages visitors write."""

import re

NAMES = (
    r"pass(?:word|wort|phrase|code|wd)s?|pwd|pw|passwd|kennwort|mot de passe|mdp|contraseña|contrasena|clave|senha"
    r"|palavra[- ]passe|parola(?: d'ordine)?|wachtwoord|hasło|haslo|has[lł]em|пароль|паролем|lösenord(?:et)?"
    r"|adgangskode(?:n)?|kodeord(?:et)?|passord(?:et)?|salasana(?:ni)?|heslo|jelszó|jelszavam|şifre(?:m|si)?"
    r"|sifre(?:m)?"
    r"|parolam|κωδικ(?:ός|ο)ς?(?: πρόσβασης)?|mật khẩu|mat khau|kata sandi|sandi|密码|密碼|口令|パスワード|暗証番号"
    r"|비밀번호|비번|암호|รหัสผ่าน|كلمة المرور|كلمة السر|رمز عبور|گذرواژه|पासवर्ड"
    r"|סיסמ(?:ה|ת|א)\S{0,3}|পাসওয়ার্ড|கடவுச்சொல்|passcode"
    r"|wi-?fi[ -]key|wlan[ -]?(?:schlüssel|key)|netzwerkschlüssel|network key|clé wi-?fi"
)
IS = (
    r"is|was|are|ist|lautet|war|est|était|es|era|é|è|são|is|jest|to|это|была|был|är|er|on|je|is:|olan|είναι|là|adalah"
    r"|yaitu|este"
    r"|是|为|為|は|が|는|은|이|가|คือ|هو|هي|है|הוא|היא|হল"
)
# A part of every name. They are looked for one by one: a pattern that ignores case takes thirty times as long.
HINTS = (
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
        "key",
        "schlüssel",
        "clé wi",
    ),
    *("парол", "lösen", "kode", "salasan", "heslo", "jels", "şifre", "sifre", "κωδ", "mật", "mat khau", "sandi", "密"),
    *("口", "パ", "暗", "비", "암", "প", "ס", "รหัส", "كلمة", "رمز", "گذر", "प", "கட"),
)
# What people say of a password in place of it.
SAID = re.compile(
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
# The same, said of it with a verb: participles and adjectives by their endings.
SAID_OF_IT = re.compile(
    r"(?:\w{3,}(?:ed|ing|able|ible|ful|less)|ge\w{3,}t|\w{3,}(?:bar|los|ado|ada|ido|ida|ato|ata|uto|uta|é|ée)|\w{2,}(?:iert|ert)"
    r"|\w{2,}(?:ен|ён|ан|ян|ат|ят|ыт|ит|ут|ет)(?:а|о|ы)?|\w{3,}(?:ny|ný|né|ne|na|ná|any|ana|ane))\b",
    re.IGNORECASE,
)
# What begins a question or a request behind "Password:".
ASKED = re.compile(
    r"(?:how|what|why|when|where|which|who|can|could|do|does|did|should|is|are|am|i|it|please|help|need|must|at|least|min\w*|max\w*"
    r"|wie|was|warum|wo|kann|ich|bitte|hilfe|mindestens|comment|pourquoi|où|quel\w*|je|aide|au|cómo|por|qué|dónde|cuál|puedo|ayuda"
    r"|como|onde|qual|posso|come|perché|dove|quale|hoe|waarom|wat|waar|kan|jak|dlaczego|gdzie|как|почему|где|что|можно|hur|varför"
    r"|hvordan|hvorfor|miten|nasıl|neden|bagaimana|kenapa|làm|tại|πώς|怎么|如何|为什么|どう|なぜ|어떻게|왜|อย่างไร|ยังไง|كيف|لماذا|कैसे"
    r"|क्यों|איך|למה)(?:\b|(?<=[^\x00-\u052f]))",
    re.IGNORECASE,
)
# Written beside each other without a sign between them, a password shows itself by what is in it.
MIXED = re.compile(
    r"(?!(?:sha|md|pbkdf|bcrypt|scrypt|argon|base|oauth|utf|win(?:dows)?|tls|v|x|office|microsoft|iphone|android|python)-?\d)(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])[!-~]{6,}",
    re.IGNORECASE,
)
# What programs and their documentation write where the password would stand.
PLACEHOLDER = re.compile(
    r"[\"'`]?(?:[*•●]{3,}(?!\S)|\$\{\w{1,40}\}|\$\(|\{\{|<[A-Za-z _-]{1,40}>"
    r"|(?:os\.environ|os\.getenv|getenv|process\.env|env|secrets|System\.getenv)[.\[(]"
    r"|(?:null|None|nil|true|false|undefined|string|str)(?![^\s\"'`,;.?!)}]))"
)
