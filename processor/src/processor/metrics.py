"""The processor's four custom metrics, in CloudWatch's embedded metric format: a log line that is also a measurement.

The format is four nested names, so it is written here; a library for it would double the time the function takes to
start. See docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
"""

from typing import Any

from processor.batch import Outcome

NAMESPACE = "EdgeAnalytics"


def embedded_metrics(outcome: Outcome, function_name: str, now: float) -> dict[str, Any]:
    """Return the fields that a structured log line needs to be counted by CloudWatch.

    `Stored`: items written. `Invalid`: messages rejected, each counted once however often it is delivered. `Throttled`:
    writes that the table was too busy for. `AgeAtStorage`: seconds between the earliest event stored now and its
    storage, left out where nothing was.

    Args:
        outcome: Of one invocation.
        function_name: The one dimension; each further one would multiply the metrics, of which ten are free.
        now: Unix epoch seconds.
    """
    values: dict[str, tuple[str, float]] = {
        "Stored": ("Count", outcome.stored),
        "Invalid": ("Count", outcome.first_rejected),
        "Throttled": ("Count", outcome.throttled),
    }
    if outcome.oldest_seconds is not None:
        values["AgeAtStorage"] = ("Seconds", round(max(0.0, outcome.oldest_seconds), 3))
    return {
        "_aws": {
            "Timestamp": int(now * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [["FunctionName"]],
                    "Metrics": [{"Name": name, "Unit": unit} for name, (unit, _) in values.items()],
                }
            ],
        },
        "FunctionName": function_name,
        **{name: value for name, (_, value) in values.items()},
    }
