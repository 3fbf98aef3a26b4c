from dataclasses import replace

import pytest

from cost.calls import Calls
from cost.capacity import changes_of, most_reported, most_stored, raised, settings_of, sustained
from cost.simulation import simulate
from tests.tools.cost.pipeline import COUNTED, pipeline

STREAM, DRAIN = settings_of(pipeline("stream"), COUNTED), settings_of(pipeline("drain"), COUNTED)


def test_times_are_those_counted_and_lambdas_share_of_a_processor() -> None:
    """A message takes a tenth of a full batch's 50 ms, at 256 MB of the 1,769 that are a processor."""
    assert STREAM.message_seconds == pytest.approx(0.005 * 1769 / 256)
    assert STREAM.invocation_seconds == pytest.approx((0.02 - 0.005) * 1769 / 256)


def test_the_table_limits_the_stream_and_the_schedule_the_drain() -> None:
    by_schedule = (120 - 8 - 10 - DRAIN.invocation_seconds) / DRAIN.message_seconds / 300

    assert sustained(STREAM) == 25
    assert sustained(DRAIN) == pytest.approx(by_schedule)
    assert most_stored(STREAM) == 25 * 86_400 * 30


def test_the_daily_report_is_limited_by_its_time_or_by_the_table() -> None:
    by_table = 25 * (900 + 300) / (1600 / 4096 / 2) * 30
    slow = replace(COUNTED, reading=Calls(seconds=0.1, read_bytes=1600))
    at_once = replace(COUNTED, reading=Calls(read_bytes=1600))

    assert most_reported(pipeline("stream"), at_once) == int(by_table)
    assert most_reported(pipeline("stream"), slow) < by_table


def test_a_burst_that_the_table_holds_up_is_answered_by_more_write_units() -> None:
    arrivals = [0.0] * 30_000

    (first, after), *_ = raised(arrivals, STREAM, simulate(arrivals, STREAM))

    assert first.name == "the table's write capacity to 50 units"
    assert after.oldest_seconds < simulate(arrivals, STREAM).oldest_seconds


def test_nothing_is_to_be_raised_for_a_day_that_goes_well() -> None:
    arrivals = [float(second) for second in range(0, 3600, 10)]

    assert raised(arrivals, STREAM, simulate(arrivals, STREAM)) == []
    assert raised(arrivals, DRAIN, simulate(arrivals, DRAIN)) == []


def test_each_mode_has_what_can_be_raised_in_it() -> None:
    assert "MaximumConcurrency to 4" in [change.name for change in changes_of(STREAM)]
    assert "the drain to one every 150 seconds" in [change.name for change in changes_of(DRAIN)]
