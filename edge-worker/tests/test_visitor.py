from typing import Any

import pytest

from edge_worker.visitor import read_visitor

KEY = "a-key-of-sixteen-characters"
NOON = 1763726400000
HEADERS = {"cf-connecting-ip": "192.0.2.7", "user-agent": "Firefox/140.0"}
DAY = 86_400_000


def name(headers: Any = HEADERS, key: Any = KEY, now_ms: Any = NOON) -> Any:
    return read_visitor(headers, None, key, now_ms).visitor


def test_a_visitor_keeps_one_name_for_a_day() -> None:
    assert name() == name(now_ms=NOON + DAY // 2 - 1)


@pytest.mark.parametrize(
    "other",
    [
        {"now_ms": NOON + DAY // 2},
        {"key": "another-key-of-that-length"},
        {"headers": HEADERS | {"cf-connecting-ip": "192.0.2.8"}},
        {"headers": HEADERS | {"user-agent": "Safari"}},
    ],
    ids=["next day", "key", "address", "user agent"],
)
def test_the_name_changes_with(other: dict[str, Any]) -> None:
    assert name() != name(**other)


def test_the_name_is_sixteen_hexadecimal_digits() -> None:
    assert len(name()) == 16
    assert int(name(), 16)


def test_without_an_address_there_is_no_name() -> None:
    assert name({"user-agent": "Firefox/140.0"}) is None


def test_nothing_recorded_contains_the_address() -> None:
    assert "192.0.2.7" not in repr(read_visitor(HEADERS, None, KEY, NOON))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en-GB,en;q=0.5", "en-GB"),
        (" de ;q=1", "de"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("*", None),
        ("", None),
        ("english-language-of-the-british-isles-and-more", None),
        ("en_GB", None),
    ],
)
def test_the_first_language_is_taken(accepted: str, language: str | None) -> None:
    assert read_visitor({"accept-language": accepted}, None, KEY, NOON).language == language


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://www.Example.com/path?token=secret", "www.example.com"),
        ("https://user:password@example.com:8443/", "example.com"),
        ("about:blank", None),
        ("http://[broken", None),
        ("", None),
        ("https://" + "a" * 300, None),
    ],
)
def test_a_referrer_is_reduced_to_its_host(referrer: str, host: str | None) -> None:
    assert read_visitor({"referer": referrer}, None, KEY, NOON).referrer == host


@pytest.mark.parametrize(
    ("runtime", "header", "country"),
    [("GB", "FR", "GB"), (None, "T1", "T1"), (None, "gb", None), ("United Kingdom", None, None), (None, None, None)],
)
def test_the_runtime_knows_the_country_better_than_the_header(
    runtime: str | None, header: str | None, country: str | None
) -> None:
    headers = {"cf-ipcountry": header} if header else {}

    assert read_visitor(headers, runtime, KEY, NOON).country == country


def test_a_long_user_agent_is_cut() -> None:
    assert len(read_visitor({"user-agent": "x" * 1000}, None, KEY, NOON).user_agent or "") == 512
