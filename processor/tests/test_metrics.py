"""The measurements, as CloudWatch reads them."""

from processor.batch import Outcome
from processor.metrics import embedded_metrics


def test_there_are_at_most_four_metrics_of_one_dimension_each() -> None:
    line = embedded_metrics(
        Outcome(stored=3, first_rejected=1, throttled=2, oldest_seconds=1.23456), "processor", 1_763_734_600.5
    )

    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert line["_aws"]["Timestamp"] == 1_763_734_600_500
    assert directive["Dimensions"] == [["FunctionName"]]
    assert [metric["Name"] for metric in directive["Metrics"]] == ["Stored", "Invalid", "Throttled", "AgeAtStorage"]
    assert {name: line[name] for name in ("FunctionName", "Stored", "Invalid", "Throttled", "AgeAtStorage")} == {
        "FunctionName": "processor",
        "Stored": 3,
        "Invalid": 1,
        "Throttled": 2,
        "AgeAtStorage": 1.235,
    }


def test_where_nothing_was_stored_no_age_is_claimed() -> None:
    line = embedded_metrics(Outcome(), "processor", 0)

    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert "AgeAtStorage" not in line
    assert len(directive["Metrics"]) == 3


def test_the_clock_of_the_edge_may_be_ahead() -> None:
    assert embedded_metrics(Outcome(stored=1, oldest_seconds=-5.0), "processor", 0)["AgeAtStorage"] == 0
