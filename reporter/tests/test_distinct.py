"""Sessions and visitors are counted by a key that nobody else has, so that chosen names are no more than others."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest

from reporter.application import Application
from reporter.exchange import Exchange
from reporter.period import day_bounds, parse_day
from reporter.private_settings import PrivateSettings
from reporter.request import Request
from reporter.rollups.distinct import KEPT, Distinct
from reporter.rollups.rollup import Rollup
from reporter.rollups.rollup_builder import roll_up
from reporter.settings import Settings
from stored import item

DAY = parse_day("2026-11-10")
KEY = PrivateSettings(act_key="k" * 72).names_key("demo.example.com")
CHOSEN = 2 * KEPT + 1


def names_with_small_hashes(key: bytes) -> list[str]:
    """Choose those of very many names that are, to who counts with this key, the smallest of far more."""
    by_hash = sorted((blake2b(f"{n}".encode(), digest_size=6, key=key).digest(), f"{n}") for n in range(100_000))
    return [name for _, name in by_hash[:CHOSEN]]


def seen(names: list[str], times: int = 1) -> Distinct:
    distinct = Distinct(KEY)
    for name in names * times:
        distinct.add(name)
    return Distinct.from_json(distinct.to_json(), most=0)


@pytest.mark.parametrize("guessed", [b"", b"edge-analytics"], ids=["no-key", "published-key"])
def test_names_chosen_without_the_key_do_not_swell_an_estimate(guessed: bytes) -> None:
    names = names_with_small_hashes(guessed)

    assert seen(names, times=20).count == pytest.approx(CHOSEN, rel=0.1)


def test_chosen_visitors_do_not_swell_the_number_of_those_with_two_names() -> None:
    names = names_with_small_hashes(b"")
    zone = ZoneInfo("America/New_York")  # midnight UTC is at 19:00
    asked = [(hour, name) for hour in (10, 12, 20, 22) for name in names]
    midnight, _ = day_bounds(DAY, zone)
    exchanges = (
        Exchange(id=f"{number}", moment_ms=midnight + hour * 3_600_000, outcome="answered", visitor=name)
        for number, (hour, name) in enumerate(asked)
    )

    assert roll_up(exchanges, DAY, zone, KEY).visitors_twice == pytest.approx(CHOSEN, rel=0.1)


def test_not_even_names_chosen_with_the_key_are_more_than_the_questions_they_came_with() -> None:
    forged, honest = seen(names_with_small_hashes(KEY)), seen([f"session {number}" for number in range(500)])

    forged.merge(honest)

    assert forged.count <= CHOSEN + 500


def test_a_rollup_of_an_earlier_version_is_read_and_no_longer_believed_beyond_its_questions() -> None:
    forged = Distinct(KEY)
    for name in names_with_small_hashes(KEY):
        forged.add(name)
    stored = forged.to_json()
    del stored["seen"]

    assert Distinct.from_json(stored, most=3_849).count == 3_849


def test_each_site_and_each_environment_has_a_key_of_its_own() -> None:
    keys = {
        PrivateSettings(act_key=secret * 72).names_key(site) for secret in "ab" for site in ("a.example", "b.example")
    }

    assert len(keys) == 4
    assert all(len(key) == 32 for key in keys)
    assert PrivateSettings().names_key("a.example") == b""


def test_a_daily_run_counts_with_the_key_of_its_environment_and_site(
    table: Any, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARAMETER_PREFIX", "/edge-analytics/dev")
    boto3.client("ssm").put_parameter(Name="/edge-analytics/dev/act-key", Value="k" * 72, Type="SecureString")
    table.put_item(Item=item("2026-11-10T09:00", session="s1"))
    application = Application.from_settings(Settings.from_environment())
    now = datetime(2026, 11, 11, 5, tzinfo=UTC)

    application.run(Request.parse({"report": "daily"}), now, by="1", remaining_ms=60_000)

    [stored] = [each for each in table.scan()["Items"] if each["sk"] == f"day#{DAY}"]
    expected = Distinct(KEY)
    expected.add("s1")
    assert Rollup.decode(bytes(stored["rollup"].value)).sessions.to_json() == expected.to_json()
