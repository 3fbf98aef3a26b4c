from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cost import simulation
from cost.processing import LIMITS
from cost.simulated_day import Settings, Trouble
from cost.simulation import simulate
from cost.traffic_profiles import PROFILES

STREAM = Settings(
    concurrency=2,
    batch_size=10,
    timeout_seconds=30,
    visibility_seconds=180,
    receive_limit=5,
    write_units=25,
    invocation_seconds=0.1,
    message_seconds=0.02,
)
DRAIN = replace(STREAM, concurrency=1, timeout_seconds=120, drain_seconds=300)
MODES = pytest.mark.parametrize("pipeline", [STREAM, DRAIN], ids=["stream", "drain"])


@MODES
def test_a_message_that_comes_alone_waits_for_its_invocation_only(pipeline: Settings) -> None:
    run = simulate([290.0], pipeline)

    expected = 0.12 if pipeline is STREAM else 10.12
    assert run.oldest_seconds == pytest.approx(expected)
    assert (run.stored, run.invocations) == (1, 1)


def test_the_table_gives_what_it_saved_and_then_its_rate() -> None:
    """20,000 at once: 7,500 units saved in five minutes, then 25 a second."""
    fast = replace(STREAM, invocation_seconds=0.001, message_seconds=0.0001)

    run = simulate([0.0] * 20_000, fast)

    assert run.finished == pytest.approx((20_000 - 7_500) / 25, rel=0.01)
    assert run.throttled == pytest.approx(20_000 - 7_500, rel=0.01)


def test_without_a_limit_of_the_table_the_function_sets_the_pace() -> None:
    run = simulate([0.0] * 1000, replace(STREAM, write_units=10_000))

    assert run.finished == pytest.approx(1000 / 10 / 2 * (0.1 + 10 * 0.02))


def test_a_drain_stops_in_time_and_the_next_goes_on() -> None:
    slow = replace(DRAIN, message_seconds=1.0, write_units=1000)

    run = simulate([0.0] * 100, slow)

    # Each run has 120 s, less 8 and 10: eleven batches of ten seconds are begun, so 100 messages need one run.
    assert run.invocations == 1
    assert simulate([0.0] * 120, slow).invocations == 2


@MODES
def test_a_malformed_message_is_dead_lettered_after_its_receives_and_takes_no_other_along(pipeline: Settings) -> None:
    run = simulate([float(second) for second in range(100)], pipeline, Trouble(invalid_every=50))

    assert (run.stored, run.dead_letters) == (98, 2)


@MODES
def test_an_outage_of_the_table_of_an_hour_loses_nothing(pipeline: Settings) -> None:
    outage = Trouble(outage_begin=600, outage_seconds=3600)

    run = simulate([float(second) for second in range(0, 7200, 10)], pipeline, outage)

    assert (run.stored, run.dead_letters) == (720, 0)
    assert run.postponed > 0
    assert run.oldest_seconds > 3600


def test_an_outage_of_days_dead_letters_messages() -> None:
    run = simulate([0.0] * 10, STREAM, Trouble(outage_begin=0, outage_seconds=7 * 86_400))

    assert (run.stored, run.dead_letters) == (0, 10)


@MODES
@given(
    times=st.lists(st.floats(0, 10_000), max_size=200),
    every=st.integers(0, 5),
    begin=st.floats(0, 10_000),
    length=st.floats(0, 20_000),
)
@settings(max_examples=50)
def test_every_message_is_stored_or_dead_lettered_once(
    pipeline: Settings, times: list[float], every: int, begin: float, length: float
) -> None:
    run = simulate(sorted(times), pipeline, Trouble(every, begin, length))

    assert run.stored + run.dead_letters == len(times)
    assert sum(run.arrivals) == sum(run.departures) == len(times)
    assert min(run.depths, default=0) >= 0
    assert run.depths[-1:] in ([], [0])


@given(st.lists(st.floats(0, 100), min_size=1, max_size=300), st.sampled_from(["write_units", "concurrency"]))
@settings(max_examples=30)
def test_raising_something_makes_nothing_end_later(times: list[float], name: str) -> None:
    small = replace(STREAM, write_units=1.0)
    raised = replace(small, **{name: getattr(small, name) * 2})

    assert simulate(sorted(times), raised).finished <= simulate(sorted(times), small).finished + 1.0


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_a_profile_has_as_many_exchanges_as_asked_within_its_time_and_the_same_for_the_same_seed(profile) -> None:  # type: ignore[no-untyped-def]
    arrivals = profile.arrivals(500, 1)

    assert len(arrivals) == 500
    assert arrivals == sorted(arrivals) == profile.arrivals(500, 1) != profile.arrivals(500, 2)
    assert 0 <= arrivals[0] <= arrivals[-1] <= profile.seconds


@pytest.mark.parametrize(
    ("tried", "hidden"),
    [
        (0, LIMITS.min_visibility_timeout_seconds),
        (100, 100 * LIMITS.visibility_backoff_factor),
        (86_400, LIMITS.max_visibility_timeout_seconds),
    ],
)
def test_a_message_is_hidden_for_longer_the_longer_it_was_tried_within_limits(tried: float, hidden: float) -> None:
    assert LIMITS.visibility_timeout(tried) == hidden


@pytest.mark.parametrize("name", ["deadline_margin_seconds", "min_seconds_to_receive"])
def test_the_day_goes_by_the_limits_of_the_processors_contract(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = replace(DRAIN, message_seconds=1.0, write_units=1000)
    before = simulate([0.0] * 300, slow)

    monkeypatch.setattr(simulation, "LIMITS", replace(LIMITS, **{name: 50.0}))

    assert simulate([0.0] * 300, slow).invocations > before.invocations
