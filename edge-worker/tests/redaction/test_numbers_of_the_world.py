"""What maintained libraries, too large for the Worker, know of numbers is what the detectors know of them."""

import re
from collections.abc import Callable, Iterator

import phonenumbers
import pytest
import stdnum.br.cpf
import stdnum.cn.ric
import stdnum.es.dni
import stdnum.iban
import stdnum.in_.aadhaar
import stdnum.luhn
import stdnum.no.fodselsnummer
import stdnum.th.pin
import stdnum.tr.tckimlik
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from edge_worker.redaction import identity, payment, redact
from edge_worker.redaction.calling_codes import is_international
from edge_worker.redaction.numbers import passes_luhn

# Their national numbers are found without any word beside them.
COUNTRIES = (
    "AT AU BE BR CA CH CN DE EG FR GB GR HU ID IE IL IN IR IT JP KR MX NG NL NZ PH PK RO RU SA SE TH TR TW UA US VN ZA"
)


def examples(regions: list[str], form: int) -> Iterator[tuple[str, str]]:
    for region in regions:
        for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE):
            number = phonenumbers.example_number_for_type(region, kind)
            if number:
                yield region, phonenumbers.format_number(number, form)


@pytest.mark.parametrize("form", [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL])
def test_numbers_of_every_country_are_found_with_their_calling_code(form: int) -> None:
    written = examples(sorted(phonenumbers.SUPPORTED_REGIONS), form)

    missed = {region for region, number in written if redact(f"it is {number} ok") != "it is [phone] ok"}

    # New Caledonia's is written as a date would be, and Tajikistan's ends like a social security number.
    assert missed <= {"NC", "TJ"}


def test_numbers_of_many_countries_are_found_without_it() -> None:
    written = examples(COUNTRIES.split(), PhoneNumberFormat.NATIONAL)

    missed = [(region, number) for region, number in written if redact(f"it is {number}") != "it is [phone]"]

    assert len(missed) <= 2, missed


def test_a_word_beside_it_makes_a_number_of_any_country_known() -> None:
    written = examples(sorted(phonenumbers.SUPPORTED_REGIONS), PhoneNumberFormat.NATIONAL)

    missed = {number for _, number in written if redact(f"phone: {number} ok") != "phone: [phone] ok"}

    # What is left has fewer than six digits, the form of a date, or that of a social security number.
    assert {number for number in missed if len(re.sub(r"\D", "", number)) > 5} <= {
        "20.12.34",
        "75.12.34",
        "372 12 3456",
    }


@given(st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True))
def test_a_valid_number_has_a_calling_code(digits: str) -> None:
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return

    if phonenumbers.is_valid_number(number):
        assert is_international(digits)


@given(st.from_regex(r"[0-9]{12,19}", fullmatch=True))
def test_the_check_digit_of_cards_is_luhns(number: str) -> None:
    assert passes_luhn(number) == (stdnum.luhn.is_valid(number) and set(number) != {"0"})


def structures() -> dict[str, str]:
    """The IBAN registry as the library has it: `4!a6!n8!n` for the part behind the check digits of each country."""
    found = {country: stdnum.iban._ibandb.info(country)[0][1] for country in payment._IBAN_LENGTHS}
    return {country: properties["bban"] for country, properties in found.items()}


def test_the_length_of_an_iban_is_the_registrys() -> None:
    lengths = {country: 4 + sum(map(int, re.findall(r"(\d+)!", bban))) for country, bban in structures().items()}

    assert lengths == payment._IBAN_LENGTHS


@given(st.sampled_from(sorted(payment._IBAN_LENGTHS)), st.sampled_from([str, str.lower]), st.booleans(), st.data())
def test_an_iban_of_every_country_is_found(
    country: str, case: Callable[[str], str], is_grouped: bool, data: st.DataObject
) -> None:
    length = payment._IBAN_LENGTHS[country] - 4
    account = data.draw(st.text("0123456789", min_size=length, max_size=length))
    check = 98 - int(f"{account}{int(country[0], 36)}{int(country[1], 36)}00") % 97
    number = f"{country}{check:02d}{account}"
    if is_grouped:
        number = " ".join(re.findall(".{1,4}", number))

    assert redact(f"pay {case(number)} now") == "pay [iban] now"


@pytest.mark.parametrize(
    ("ours", "theirs", "form"),
    [
        (identity._brazilian, stdnum.br.cpf.is_valid, r"[0-9]{11}"),
        (identity._indian, stdnum.in_.aadhaar.is_valid, r"[2-9][0-9]{11}"),
        (identity._turkish, stdnum.tr.tckimlik.is_valid, r"[1-9][0-9]{10}"),
        (identity._thai, stdnum.th.pin.is_valid, r"[1-8][0-9]{12}"),
        (identity._spanish, stdnum.es.dni.is_valid, r"[0-9]{8}[A-HJ-NP-TV-Z]"),
    ],
)
def test_check_digits_of_identity_numbers_are_right(
    ours: Callable[[str], bool], theirs: Callable[[str], bool], form: str
) -> None:
    @given(st.from_regex(form, fullmatch=True))
    def compare(number: str) -> None:
        if theirs(number):
            assert ours(number)

    compare()


@pytest.mark.parametrize(
    "number",
    [
        "529.982.247-25", "11010519491231002X", "12345678Z", "X1234567L", "S1234567D", "A123456789", "131052-308T",
        "811228-9874", "RSSMRA85T10A562S", "2 55 08 14 168 025 38", "900101-1234567", "85.07.30-033.28",
        "1-1037-02071-81-1", "10000000146", "2341 2341 2346", "ABCPD1234F", "HEGG560427MVZRRL04",
    ],
)  # fmt: skip
def test_identity_numbers_are_found_by_their_check_digits(number: str) -> None:
    assert redact(f"mine is {number} ok") == "mine is [id] ok"
