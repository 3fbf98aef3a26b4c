"""What is kept of a person is erased everywhere, and nothing else is."""

import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operate.dead_letter_queue import DeadLetterQueue
from operate.environment import OperationError
from operate.forget import Found, RollUp, Subject, erase, find
from operate.stored_items import StoredItems
from tests.tools.operate.account import SITE, Account, event, item, new_id

DAY = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ZONE = ZoneInfo("Europe/London")
SESSION = Subject("session", "s1")


def feedback(number: int) -> dict[str, object]:
    return {"type": "feedback", "id": new_id(DAY, number), "site": SITE, "rating": "up"}


def forget(
    subject: Subject, stored: StoredItems, dead_letters: DeadLetterQueue, roll_up: RollUp = lambda _site, _day: None
) -> dict[str, Any]:
    return erase(subject, find(subject, stored, dead_letters), stored, dead_letters, roll_up=roll_up, zone=ZONE)


@pytest.mark.parametrize("attribute", ["session", "visitor"])
def test_all_items_of_the_person_go_and_all_others_stay(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue, attribute: str
) -> None:
    other = "visitor" if attribute == "session" else "session"
    account.put(
        item(DAY, 1, **{attribute: "s1"}),
        item(DAY + timedelta(days=3), 2, **{attribute: "s1"}),
        item(DAY, 3, site="unreported.example.com", **{attribute: "s1"}),
        item(DAY, 4, **{attribute: "s10"}),
        item(DAY, 5, **{other: "s1"}),
        item(DAY, 6, question="s1"),
    )

    receipt = forget(Subject(attribute, "s1"), stored, dead_letters)

    assert {int(found[-1]) for found in account.ids()} == {4, 5, 6}
    assert receipt["items"] == 3
    assert len(set(receipt["keys"])) == 3


def test_the_pages_of_an_exchanges_origins_go_with_it(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue
) -> None:
    mine, other = item(DAY, 1, session="s1"), item(DAY, 2, session="s2")
    pages = [
        {
            "pk": f"{owner['pk']}#origins",
            "sk": f"{owner['sk']}#{'0123456789abcdef'}",
            "expires_at": owner["expires_at"],
            "origins": {"abcd/77"},
        }
        for owner in (mine, other)
    ]
    account.put(mine, other, *pages)

    receipt = forget(SESSION, stored, dead_letters)

    assert receipt["items"] == 2
    assert receipt["rollups_refreshed"] == [f"{SITE} {DAY:%Y-%m-%d}"]
    assert account.ids() == {other["sk"], pages[1]["sk"]}


def test_a_session_of_another_site_may_have_the_same_name(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue
) -> None:
    account.put(item(DAY, 1, session="s1"), item(DAY, 2, site="other.example.com", session="s1"))
    account.fail(event(DAY, 3, session="s1"))
    account.fail(event(DAY, 4, site="other.example.com", session="s1"))

    forget(Subject("session", "s1", SITE), stored, dead_letters)

    assert {int(found[-1]) for found in account.ids()} == {2}
    assert [json.loads(body)["events"][0]["site"] for body in account.dead_letter_bodies()] == ["other.example.com"]


def test_dead_letters_of_the_person_go_and_all_others_stay(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue
) -> None:
    account.fail(event(DAY, 1, session="s1"))
    account.fail(event(DAY, 2, session="s2"))

    receipt = forget(SESSION, stored, dead_letters)

    [body] = account.dead_letter_bodies()
    assert json.loads(body)["events"][0]["session"] == "s2"
    assert receipt["dead_letter_events"] == 1


def test_of_a_dead_letter_of_several_people_only_the_persons_events_go(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue
) -> None:
    others = [event(DAY, 2, session="s2"), {"type": "unknown", "anything": ["ü", 1.5]}]
    account.fail(others[0], event(DAY, 1, session="s1"), others[1])

    forget(SESSION, stored, dead_letters)

    [body] = account.dead_letter_bodies()
    assert json.loads(body) == {"version": 1, "events": others}


def test_a_rating_goes_with_its_exchange_wherever_the_two_are(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue
) -> None:
    account.put(item(DAY, 1, session="s1"))
    account.fail(feedback(1))
    account.fail(event(DAY, 2, session="s1"))
    account.put(item(DAY, 2, rating="down"))  # its exchange is in the DLQ
    account.put(item(DAY, 3, rating="down"))
    account.fail(feedback(4))

    receipt = forget(SESSION, stored, dead_letters)

    assert {int(found[-1]) for found in account.ids()} == {3}
    assert [json.loads(body)["events"][0]["id"] for body in account.dead_letter_bodies()] == [new_id(DAY, 4)]
    assert (receipt["items"], receipt["dead_letter_events"]) == (2, 2)


@pytest.mark.parametrize(
    "body",
    ["not JSON", "[]", "{}", '{"events": 3}', '{"events": ["s10"]}', "[" * 5000, '{"events": [{"site": 3, "id": []}]}'],
    ids=["text", "array", "empty", "number", "text-event", "deep", "wrong-types"],
)
def test_a_malformed_dead_letter_stays_and_disturbs_nobody(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue, body: str
) -> None:
    account.fail(body=body)
    account.put(item(DAY, 1, session="s1"))

    forget(SESSION, stored, dead_letters)

    assert account.dead_letter_bodies() == [body]
    assert account.ids() == set()


def test_a_malformed_dead_letter_with_the_persons_name_goes_whole(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue
) -> None:
    account.fail(body='{"events": [{"session": "s1"}')
    account.fail(body='{"events": [{"session": "s10"}')

    receipt = forget(SESSION, stored, dead_letters)

    assert len(receipt["unreadable_dead_letters"]) == 1
    assert account.dead_letter_bodies() == ['{"events": [{"session": "s10"}']


def test_a_malformed_event_of_the_person_goes_too(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue
) -> None:
    account.fail({"type": "exchange", "session": "s1", "id": "no id", "site": SITE})

    forget(SESSION, stored, dead_letters)

    assert account.dead_letter_bodies() == []


def test_looking_changes_nothing(account: Account, stored: StoredItems, dead_letters: DeadLetterQueue) -> None:
    account.put(item(DAY, 1, session="s1"))
    account.fail(event(DAY, 2, session="s1"))

    found = find(SESSION, stored, dead_letters)

    assert (len(found.keys), found.events) == (1, 1)
    assert len(account.ids()) == 1
    assert len(account.dead_letter_bodies()) == 1


def test_doing_it_twice_finds_nothing_the_second_time(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue
) -> None:
    account.put(item(DAY, 1, session="s1"))
    account.fail(event(DAY, 2, session="s1"))
    forget(SESSION, stored, dead_letters)

    found = find(SESSION, stored, dead_letters)

    assert not found
    assert found == Found(keys=[], ids=frozenset(), events=0, questions=frozenset(), texts=frozenset(), unreadable=[])


def test_the_rollups_of_the_local_days_are_refreshed(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue
) -> None:
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # half past midnight in London
    account.put(item(DAY, 1, session="s1"), item(DAY, 2, session="s1"), item(late, 3, session="s1"))
    renewed: list[tuple[str, str]] = []

    receipt = forget(SESSION, stored, dead_letters, lambda site, day: renewed.append((site, day)))

    assert renewed == [(SITE, day) for day in ("2026-07-01", "2026-07-02", "2026-11-20")]
    assert receipt["rollups_refreshed"] == [f"{SITE} {day}" for _, day in renewed]


def test_a_rollup_that_cannot_be_made_is_in_the_receipt(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue
) -> None:
    account.put(item(DAY, 1, session="s1"))

    def fail(_site: str, _day: str) -> None:
        raise OperationError("the reporter is not deployed")

    receipt = forget(SESSION, stored, dead_letters, fail)

    assert receipt["rollups_not_refreshed"] == [f"{SITE} 2026-11-20: the reporter is not deployed"]
    assert account.ids() == set()


def test_many_items_and_dead_letters_are_found_across_pages(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue
) -> None:
    account.put(*(item(DAY, number, session=f"s{number % 2}") for number in range(40)))
    for number in range(40, 70):
        account.fail(event(DAY, number, session=f"s{number % 2}"))

    receipt = forget(SESSION, stored, dead_letters)

    assert (receipt["items"], receipt["dead_letter_events"]) == (20, 15)
    assert len(account.ids()) == 20
    assert len(account.dead_letter_bodies()) == 15


PEOPLE = st.sampled_from(["s1", "s2", None])


@given(kept=st.lists(PEOPLE, max_size=6), failed=st.lists(st.lists(PEOPLE, min_size=1, max_size=4), max_size=4))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whoever_asks_what_is_left_is_what_was_there_without_the_person(
    account: Account,
    stored: StoredItems,
    dead_letters: DeadLetterQueue,
    kept: list[str | None],
    failed: list[list[str | None]],
) -> None:
    account.clear()
    people = {}
    for number, person in enumerate(kept):
        account.put(item(DAY, number, **({"session": person} if person else {})))
        people[new_id(DAY, number)] = person
    letters = []
    for outer, group in enumerate(failed):
        events = [
            event(DAY, 100 + 10 * outer + inner, **({"session": person} if person else {}))
            for inner, person in enumerate(group)
        ]
        account.fail(*events)
        letters += events

    forget(SESSION, stored, dead_letters)

    assert account.ids() == {identifier for identifier, person in people.items() if person != "s1"}
    left = [one["id"] for body in account.dead_letter_bodies() for one in json.loads(body)["events"]]
    assert sorted(left) == sorted(one["id"] for one in letters if one.get("session") != "s1")


def test_after_it_no_item_and_no_message_holds_a_planted_word(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue
) -> None:
    asked = "Where is the zanzibar parcel?"
    account.put(
        item(DAY, 1, session="s1", question=asked, comment="zanzibar!"),
        item(DAY, 2, session="s2", question="Where is mine?"),
        {"pk": f"site#{SITE}#topics", "sk": "000000001", "topic_name": asked.upper()},
        {"pk": f"site#{SITE}#topics", "sk": "000000002", "topic_name": "Where is mine?"},
        *(
            {"pk": f"site#{SITE}#report", "sk": f"week#2026-W{week}", "html": "zanzibar", "text": "zanzibar",
             "subject": "zanzibar", "figures": {"questions": 2}}
            for week in (46, 47, 48)
        ),
    )  # fmt: skip
    account.fail(event(DAY, 3, session="s1", question=asked))

    receipt = forget(SESSION, stored, dead_letters)

    kept = account.items()
    assert [each["sk"] for each in kept if "zanzibar" in str(each).casefold()] == ["week#2026-W46"]
    assert {each["sk"] for each in kept if each["pk"].endswith("#topics")} == {"000000002"}
    assert all("figures" in each for each in kept if each["pk"].endswith("#report"))
    assert not any("zanzibar" in letter.body for letter in dead_letters.read_all())
    assert len(receipt["reports_without_words"]) == 2


def test_what_is_still_there_is_said_wherever_it_is_hidden(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operate.forget._PAUSE_SECONDS", 0)
    question = "Where is the zanzibar parcel of mine, sent " + "long " * 40 + "ago?"
    packed = zlib.compress(json.dumps({"example": question[:160]}).encode())
    account.put(item(DAY, 1, session="s1", question=question, answer="It left for \U0001f4e6 Zanzibar"))
    account.put(item(DAY, 2, session="s1", question="What does it cost?"), item(DAY, 3, question="What does it cost?"))
    account.put({"pk": f"site#{SITE}#topics", "sk": "000000001", "topic_name": question[:160]})
    for number, value in enumerate([packed, {"deep": [question.upper()]}, "it left for zanzibar", "what does it cost"]):
        place = {"pk": f"site#{SITE}#rollup", "sk": f"day#2026-11-2{number}", "kept": value}
        boto3.resource("dynamodb").Table("table").put_item(Item=place)
    account.fail(body=json.dumps({"other": question}))

    receipt = forget(SESSION, stored, dead_letters)

    assert [place.split()[-1] for place in receipt["still_there"][:3]] == [f"day#2026-11-2{n}" for n in range(3)]
    assert [place.split()[0] for place in receipt["still_there"][3:]] == ["message"]
    assert receipt["topics"] == [f"site#{SITE}#topics 000000001"]


def test_what_waits_in_an_outbox_is_said_as_the_newest_exchange_of_each_site_tells(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue
) -> None:
    hour = timedelta(hours=1)
    account.put(
        item(DAY, 1, session="s1"),
        item(DAY, 2, waiting=40),
        item(DAY + hour, 3, waiting=7),
        item(DAY + 2 * hour, 4),
        item(DAY, 5, site="sent.example.com", waiting=9),
        item(DAY + hour, 6, site="sent.example.com", waiting=0),
    )

    receipt = forget(SESSION, stored, dead_letters)

    assert receipt["waiting_in_outbox"] == {SITE: 7}


@pytest.mark.parametrize(
    ("moment", "days"),
    [
        (datetime(2026, 11, 20, 23, 30, tzinfo=UTC), ["2026-11-20", "2026-11-21"]),
        (datetime(2026, 11, 20, 0, 59, tzinfo=UTC), ["2026-11-19", "2026-11-20"]),
        (datetime(2026, 11, 20, 12, 0, tzinfo=UTC), ["2026-11-20"]),
    ],
)
def test_every_day_is_rolled_up_again_that_the_reporter_may_have_counted_it_on(
    account: Account, stored: StoredItems, dead_letters: DeadLetterQueue, moment: datetime, days: list[str]
) -> None:
    account.put(item(moment, 1, session="s1"))

    assert forget(SESSION, stored, dead_letters)["rollups_refreshed"] == [f"{SITE} {day}" for day in days]
