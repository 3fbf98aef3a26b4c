import re

import pytest

from cost.bill import limits
from cost.calls import Measurement
from cost.deployed import Mode, deployed
from cost.design import Assumptions
from cost.design import pipeline as pipeline_of
from cost.free_tier_check import free_tier_violations
from cost.plans import resources_of_plan
from cost.price_book import PriceBook, PriceBookError
from cost.resources import Resource
from stack.paths import BUILD, ROOT
from tests.tools.cost.pipeline import pipeline, table, terraform_resources


@pytest.mark.stack
def test_what_is_deployed_costs_nothing() -> None:
    """Of the real Terraform plans and SAM templates, in both modes and in every Region of the price book."""
    modes = [deployed(BUILD / "cost", "stream"), deployed(BUILD / "cost", "drain")]

    assert free_tier_violations(modes, Measurement.load(), PriceBook.load()) == []


@pytest.mark.stack
@pytest.mark.parametrize("mode", ["stream", "drain"])
def test_the_documents_say_how_far_what_is_deployed_is_free(mode: Mode) -> None:
    book = PriceBook.load()
    design = pipeline_of(deployed(BUILD / "cost", mode), Measurement.load(), book, Assumptions())
    first = f"{limits(design, book, 'eu-west-2')[0].exchanges:,}"

    [row] = re.findall(r"^\| free up to \| (.+) \|$", (ROOT / "docs" / "cost.md").read_text("utf-8"), re.MULTILINE)
    assert row.split(" | ")[["stream", "drain"].index(mode)] == first
    assert first in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_mode_decides_between_polling_and_draining() -> None:
    stream, drain = pipeline("stream"), pipeline("drain")

    assert (stream.streams, stream.drain_seconds, stream.drains_a_month) == (True, None, 0)
    assert (drain.streams, drain.drain_seconds, drain.drains_a_month) == (False, 300, 8928)
    assert (stream.processor.timeout_seconds, drain.processor.timeout_seconds) == (30, 120)


def test_the_configuration_is_read_from_plans_and_templates() -> None:
    found = pipeline("stream")

    assert (found.visibility_seconds, found.receive_limit) == (180, 5)
    assert (found.batch_size, found.maximum_concurrency) == (10, 2)
    assert (found.write_units, found.read_units, found.on_demand) == (25, 25, False)
    assert found.reports_a_month == {"daily": 31, "weekly": 5}
    assert (found.processor.memory_megabytes, found.processor.architecture) == (256, "arm64")


def test_a_second_table_is_more_than_the_ledger_understands() -> None:
    with pytest.raises(PriceBookError, match="expects one aws_dynamodb_table"):
        pipeline("stream", [*terraform_resources(), table()])


def test_resources_of_nested_modules_are_found_and_data_is_not() -> None:
    plan = {
        "planned_values": {
            "root_module": {
                "resources": [{"address": "a.b", "type": "a", "mode": "managed", "values": {"x": 1}}],
                "child_modules": [
                    {
                        "resources": [{"address": "data.d.e", "type": "d", "mode": "data", "values": {}}],
                        "child_modules": [
                            {"resources": [{"address": "m.c.f", "type": "c", "mode": "managed", "values": {}}]}
                        ],
                    }
                ],
            }
        }
    }

    assert resources_of_plan(plan) == [Resource("a.b", "a", {"x": 1}), Resource("m.c.f", "c", {})]


def test_a_plan_that_makes_nothing_has_no_resources() -> None:
    assert resources_of_plan({"planned_values": {}}) == []
