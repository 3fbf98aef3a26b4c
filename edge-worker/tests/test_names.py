from hashlib import blake2b

import pytest

from edge_worker import names

KEY = "a-key-of-sixteen-characters"
NOON = 1763726400000
DAY = 86_400_000
ID = "019aa6c5-1c00-7abc-8def-0123456789ab"
PROOF_KEY = names.rating_key("a secret", "a.example")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:1:2:3", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("2001:DB8:1:2::1", "2001:db8:1:2::2", True),
        ("not an address", "another", False),
        (None, "", True),
    ],
)
def test_the_rate_limit_counts_by_address_and_network(one: str | None, other: str | None, same: bool) -> None:
    assert (names.limit_key(KEY, one, NOON) == names.limit_key(KEY, other, NOON)) == same


def test_names_differ_by_day_kind_and_key() -> None:
    made = {
        names.session_name(KEY, "ann", NOON),
        names.session_name(KEY, "ann", NOON + DAY),
        names.session_name(KEY + "x", "ann", NOON),
        names.visitor_name(KEY, "ann", "", NOON),
        names.limit_key(KEY, "ann", NOON),
    }

    assert len({name and name[:16] for name in made}) == 5
    assert names.session_name(KEY, None, NOON) is None
    assert names.session_name(KEY, "ann", NOON) == names.session_name(KEY, "ann", NOON + DAY // 2 - 1)


def test_only_the_key_of_one_day_is_kept() -> None:
    for day in range(5):
        names.visitor_name(KEY, "192.0.2.7", "", NOON + day * DAY)

    assert names._key_of_day.cache_info().currsize == 1


def test_an_id_with_its_proof_is_known_and_no_other() -> None:
    given = names.with_proof(ID, PROOF_KEY)

    assert names.has_proof(given, PROOF_KEY)
    assert names.without_proof(given) == names.without_proof(ID) == ID
    for forged in (ID, f"{ID}.", f"{ID}.0123456789abcdef", given[:-1], given + "0", given.upper(), "é." + given[-16:]):
        assert not names.has_proof(forged, PROOF_KEY)
    assert not names.has_proof(given, names.rating_key("another", "a.example"))
    assert not names.has_proof(given, names.rating_key("a secret", "b.example"))


def test_chosen_sessions_do_not_swell_an_estimate() -> None:
    """An estimate of many names counts the smallest hashes: whoever could choose those would choose the estimate."""

    def is_small(name: str) -> bool:
        # As the reporter's estimate hashes names; its key is public.
        return blake2b(name.encode(), digest_size=6, key=b"edge-analytics").digest()[0] < 8

    chosen = [name for number in range(20_000) if is_small(name := f"session-{number}")]
    recorded = [str(names.session_name(KEY, name, NOON)) for name in chosen]

    assert len(chosen) > 500
    assert sum(map(is_small, recorded)) / len(recorded) < 0.08
