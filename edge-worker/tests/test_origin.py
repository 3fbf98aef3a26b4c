from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge_worker.origin import Isolate


def test_events_are_counted_from_one() -> None:
    isolate = Isolate("k3x9q2ab")

    assert [isolate.next_origin().sequence for _ in range(3)] == [1, 2, 3]


def test_each_day_of_history_has_numbers_of_its_own() -> None:
    isolate = Isolate("0123456789ab")

    origins = [isolate.next_origin(day) for day in (None, 20_783, 20_783, 20_784, None)]

    assert [(each.isolate, each.sequence) for each in origins] == [
        ("0123456789ab", 1),
        ("0123456789abzg1b", 1),
        ("0123456789abzg1b", 2),
        ("0123456789abzg1c", 1),
        ("0123456789ab", 2),
    ]


def test_a_lost_event_is_reported_once_by_the_next() -> None:
    isolate = Isolate("k3x9q2ab")
    lost = isolate.next_origin()

    isolate.count_lost(lost)

    assert [isolate.next_origin().lost_before for _ in range(2)] == [1, 0]


@given(st.lists(st.booleans()))
def test_sent_events_and_what_they_report_lost_add_up_to_what_was_made(fates: Any) -> None:
    isolate = Isolate("k3x9q2ab")
    sent = []

    for arrives in fates:
        origin = isolate.next_origin()
        if arrives:
            sent.append(origin)
        else:
            isolate.count_lost(origin)

    reported = sum(1 + origin.lost_before for origin in sent) + isolate.next_origin().lost_before
    assert reported == len(fates)
