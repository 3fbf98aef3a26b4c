"""Words that say what a number beside them is: a telephone number, an order, a version."""

import re
from bisect import bisect_left, bisect_right
from enum import Enum
from functools import cached_property

from edge_worker.redaction.span import MASKS

_REACH_BEFORE = 32
_REACH_AFTER = 24


class Clue(Enum):
    """What a word says of the number beside it."""

    PHONE = "phone"
    CODE = "code"
    VERSION = "version"
    ADDRESS = "address"
    IDENTITY = "identity"
    CARD = "card"


# Stems match the words that begin with them, so that one covers the endings of its language.
_STEMS: dict[Clue, str] = {
    Clue.PHONE: (
        "telephon telefon téléphon teléfono telefono telefone telefoon telemóv telemov phone mobilnummer mobiltel"
        " handynummer rufnummer anruf whatsapp viber llámame llamame llamar llámenos appelez appeler joindre ligue-me"
        " chiama телефон мобильн позвон звон перезвон дзвон зателефон τηλέφων τηλεφων κινητ puhelin zadzwo komórk"
        " komork telefons cellulare celular celphone cellphone handphone móvil mobilne mobilní mobilen"
    ),
    Clue.CODE: (
        "order invoice bestell rechnung auftrag kundennummer sendung commande facture pedido factura encomenda fatura"
        " ordine fattura spedizione factuur заказ накладн замовлен zamówien zamowien faktur objednáv számla rendelés"
        " comand siparis sipariş pesanan παραγγελ tilau timestamp isbn barcode serial seriennummer artikel produkt"
        " product tracking shipment parcel ticket transaction referenc reklam txn booking reservation buchung réserv"
        " reserva prenotaz брон трек артикул"
    ),
    Clue.VERSION: (
        "version versión versão versione versie wersj версі верси verzi sürüm release firmware upgrad downgrad build"
        " kernel update aktualisier actualiz aggiorn обновл chapter kapitel section abschnitt paragraph"
    ),
    Clue.IDENTITY: (
        "ssn social sozialvers steuernummer steuerid sécurité passport reisepass pasaporte passeport nino insurance"
        " pesel personnummer fødselsnummer aadhaar aadhar cpf nif dni bsn burgerservice снилс"
        " identifikationsnummer rentenvers versichertennummer rodné rodne ausweis паспорт kimlik insee curp"
        " cedula cédula"
    ),
    Clue.CARD: "card visa mastercard maestro amex kredit karte carte tarjeta cartão carta kaart карт kart kort",
}
_WORDS: dict[Clue, str] = {
    Clue.PHONE: (
        "tel tlf tlfnr fon ph mob mobile mobil cell ring fax sms text callback call bel bellen gsm cep nomor hp wa sđt"
        " hotline portable portabel numaram handy handys ara arayın llame rappel rappeler тел моб номеру thoại gọi sdt"
        " zap telp"
    ),
    Clue.CODE: (
        "id no nr ref sku ean gtin upc asin item case code account konto compte cuenta uuid đơn hàng"
        " error fehler erreur po awb unix epoch hash commit user port row line page model part zip plz postcode"
    ),
    Clue.VERSION: "v ver rev release python node npm java php ruby go ios android chrome windows debian ubuntu phiên",
    Clue.ADDRESS: (
        "ip ipv4 ipv6 host server addr client peer address adresse dirección indirizzo endereço адрес ping ssh router"
        " vpn src dst saddr daddr rhost lhost"
    ),
    Clue.IDENTITY: (
        "tin itin sin nhs nir dob tc tckn rrn hetu sozialversicherungsnummer tfn rut cuit cuil cpr egn егн инн cnp oib"
        " jmbg nik cccd bvn"
    ),
    Clue.CARD: "pan cc",
}
# Scripts without spaces between words, and prefixes that are written together with a word.
_UNSPACED: dict[Clue, str] = {
    Clue.PHONE: (
        "电话 電話 手机 手機 联系方式 聯絡 致电 拨打 微信 携帯 ケータイ 連絡先 전화 휴대폰 핸드폰 연락처 โทร เบอร์ มือถือ"
        " هاتف جوال موبايل تليفون اتصل واتساب تلفن موبایل تماس फ़ोन फोन मोबाइल नंबर व्हाट्सएप कॉल"
        " טלפון נייד ফোন মোবাইল தொலைபேசி "
    ),
    Clue.CODE: (
        "订单 訂單 单号 快递 编号 编码 序列号 注文 伝票 商品番号 注文番号 追跡 주문 송장 운송장 คำสั่งซื้อ ออเดอร์ พัสดุ"
        " طلب فاتورة شحنة سفارش ऑर्डर चालान הזמנה 时间戳 タイムスタンプ"
    ),
    Clue.VERSION: "版本 升级 更新 バージョン 버전 เวอร์ชัน إصدار نسخه संस्करण गרסה",
    Clue.ADDRESS: "地址 アドレス 주소 ที่อยู่",
    Clue.IDENTITY: "身份证 身份證 证件 マイナンバー 주민등록 บัตรประชาชน เลขประจำตัว आधार הזהות ת.ז תעודת ملي هوية",
    Clue.CARD: "卡号 卡號 信用卡 银行卡 カード 카드 บัตร بطاقة कार्ड כרטיס کارت",
}


def _words(text: str) -> list[str]:
    return text.split()


_STEM_KINDS = [(tuple(_words(stems)), clue) for clue, stems in _STEMS.items()]
_STEM_START = 3
_STEM_STARTS = {stem[:_STEM_START] for stems, _ in _STEM_KINDS for stem in stems}
_WORD_KINDS = {word: clue for clue, words in _WORDS.items() for word in _words(words)}
_UNSPACED_KINDS = {word: clue for clue, words in _UNSPACED.items() for word in _words(words)}
_MY = frozenset(
    _words(
        "my mein meine meiner mon mi meu mio mijn mój moj мой min mitt benim mera meri mere our unsere notre nuestro"
    )
)
_NUMBER = frozenset(_words("number no num nummer numéro numero número номер numer numara"))
# "Phone no", "passport number": they say what kind of number follows no more than the word in front does.
_FILLERS = _NUMBER | frozenset(_words("nr id code"))
_PHONE_PAIRS = (
    (_MY, _NUMBER),
    (frozenset(_words("contact kontakt contacto contato contatto callback")), _FILLERS),
    (frozenset(_words("reach reached ring")), frozenset(_words("me us him her them"))),
)
_PUBLIC = frozenset(_words("media network networks platform post app club channel"))
_NAMING = frozenset({Clue.PHONE, Clue.IDENTITY, Clue.CARD})
_LETTERS = re.compile(r"[^\W\d_]+")
_WIDE_WORD = re.compile("|".join(sorted(map(re.escape, _UNSPACED_KINDS), key=len, reverse=True)))
_NEW_SENTENCE = re.compile(rf"[?!\n。？！{MASKS}]")
_OTHER_NUMBER = re.compile(r"\d{3}")


class Clues:
    """The telling words of one text, found in one pass."""

    def __init__(self, text: str) -> None:
        """`text` is folded; what was found in it before is masked."""
        self._text = text
        self._before: dict[int, Clue | None] = {}

    @cached_property
    def _found(self) -> list[tuple[int, int, Clue]]:
        """Start, end and meaning of each telling word; many a text has no number that asks for it."""
        text = self._text
        found: list[tuple[int, int, Clue]] = []
        previous, named = "", None
        for match in _LETTERS.finditer(text):
            word = match[0].lower()
            clue = (named if word in _FILLERS else None) or _kind_of_pair(previous, word) or _kind(word)
            previous, named = word, clue if clue in _NAMING else None
            if clue:
                found.append((match.start(), match.end(), clue))
        if not text.isascii():
            found += ((m.start(), m.end(), _UNSPACED_KINDS[m[0]]) for m in _WIDE_WORD.finditer(text))
            found.sort(key=lambda each: each[1])
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _, _ in self._found]

    @cached_property
    def _ends(self) -> list[int]:
        return [end for _, end, _ in self._found]

    @cached_property
    def _kinds(self) -> frozenset[Clue]:
        return frozenset(clue for _, _, clue in self._found)

    def has(self, clue: Clue) -> bool:
        """Tell whether there is such a clue anywhere."""
        return clue in self._kinds

    def of(self, start: int, end: int) -> Clue | None:
        """Give the clue for the number from `start` to `end`: the nearest before it, or else the nearest after it."""
        return self.before(start) or self._after(end)

    def before(self, start: int) -> Clue | None:
        """Give the nearest clue in front, in the same sentence."""
        if start not in self._before:
            self._before[start] = self._nearest_before(start)
        return self._before[start]

    def _nearest_before(self, start: int) -> Clue | None:
        index = bisect_right(self._ends, start) - 1
        if index < 0 or start - self._ends[index] > _REACH_BEFORE:
            return None
        between, clue = self._text[self._ends[index] : start], self._found[index][2]
        if _NEW_SENTENCE.search(between) or (clue is not Clue.PHONE and _OTHER_NUMBER.search(between)):
            return None
        return clue

    def end_before(self, start: int) -> int:
        """Give where the nearest clue in front ends; `start` where there is none."""
        index = bisect_right(self._ends, start) - 1
        return self._ends[index] if index >= 0 else start

    def _after(self, end: int) -> Clue | None:
        index = bisect_left(self._starts, end)
        if index == len(self._starts) or self._starts[index] - end > _REACH_AFTER:
            return None
        return None if _NEW_SENTENCE.search(self._text, end, self._starts[index]) else self._found[index][2]


def _kind_of_pair(previous: str, word: str) -> Clue | None:
    if previous == "social" and word in _PUBLIC:
        return Clue.CODE
    if any(previous in first and word in second for first, second in _PHONE_PAIRS):
        return Clue.PHONE
    return Clue.IDENTITY if previous == "steuer" and word in {"id", "idnr"} else None


def _kind(word: str) -> Clue | None:
    exact = _WORD_KINDS.get(word)
    if exact:
        return exact
    if word[:_STEM_START] not in _STEM_STARTS:
        return None
    return next((clue for stems, clue in _STEM_KINDS if word.startswith(stems)), None)
