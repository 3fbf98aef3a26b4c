from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse

from cost.deployed import deployed_of
from cost.free_tier_check import free_tier_violations
from cost.price_book import PriceBook
from cost.resources import Resource
from cost.templates import resources_of_template, template_resources
from stack.paths import PROCESSOR, REPORTER
from tests.tools.cost.pipeline import COUNTED, alarm, dashboard, pipeline, table, terraform_resources

BOOK = PriceBook.load()


def broken(*more: Resource, instead_of: str | None = None) -> str:
    """Return what is broken once resources are added, or put in the place of those of a type."""
    terraform = [resource for resource in terraform_resources() if resource.type != instead_of]
    return "\n".join(
        free_tier_violations([pipeline("stream", terraform, *more), pipeline("drain", terraform, *more)], COUNTED, BOOK)
    )


def processor_template_with(logical_id: str, type_: str, properties: dict[str, Any]) -> list[Resource]:
    template = yaml_parse((PROCESSOR / "template.yaml").read_text(encoding="utf-8"))
    template["Resources"][logical_id] = {"Type": type_, "Properties": properties}
    return resources_of_template("processor", template, {})


def broken_by_template(processor: list[Resource]) -> str:
    reporter = template_resources(REPORTER / "template.yaml", {})
    return "\n".join(
        free_tier_violations([deployed_of([*terraform_resources(), *processor, *reporter])], COUNTED, BOOK)
    )


def test_the_pipeline_is_free() -> None:
    assert broken() == ""


def test_a_type_of_resource_without_a_price_breaks_it() -> None:
    assert "aws_nat_gateway, which the price book does not know" in broken(Resource("n", "aws_nat_gateway", {}))


def test_a_type_without_a_price_in_a_template_breaks_it() -> None:
    template = processor_template_with("Cache", "AWS::ElastiCache::CacheCluster", {"NumCacheNodes": 1})

    assert "AWS::ElastiCache::CacheCluster, which the price book does not know" in broken_by_template(template)


def test_an_api_that_sam_makes_of_an_event_breaks_it() -> None:
    template = processor_template_with("Api", "AWS::Serverless::HttpApi", {})

    assert "AWS::ApiGatewayV2::Api, which the price book does not know" in broken_by_template(template)


@pytest.mark.parametrize("type_", ["aws_kms_key", "aws_secretsmanager_secret", "AWS::KMS::Key"])
def test_a_paid_resource_leaves_zero(type_: str) -> None:
    assert "10,000 exchanges a month cost $" in broken(Resource("paid", type_, {}))


def test_an_on_demand_table_leaves_zero() -> None:
    on_demand = table(billing_mode="PAY_PER_REQUEST", write_capacity=0, read_capacity=0)

    assert "for dynamodb-write-request" in broken(on_demand, instead_of="aws_dynamodb_table")


def test_an_eleventh_alarm_breaks_it() -> None:
    """One is the pipeline's own, and one the template's, of a version that is being deployed."""
    assert broken(*(alarm(str(number)) for number in range(8))) == ""
    assert "there are 11 alarms, and 10 are free" in broken(*(alarm(str(number)) for number in range(9)))


def test_an_eleventh_metric_breaks_it() -> None:
    def filters(count: int) -> Resource:
        return Resource("f", "aws_cloudwatch_log_metric_filter", {"metric_transformation": [{}] * count})

    assert broken(filters(6)) == ""
    assert "there are 11 custom metrics, and 10 are free" in broken(filters(7))


def test_a_fourth_dashboard_breaks_it() -> None:
    assert broken(dashboard("2"), dashboard("3")) == ""
    assert "there are 4 dashboards, and 3 are free" in broken(*(dashboard(str(number)) for number in range(3)))


@pytest.mark.parametrize("kind", ["write", "read"])
def test_a_twenty_sixth_capacity_unit_breaks_it(kind: str) -> None:
    larger = table(**{f"{kind}_capacity": 26})

    assert f"there are 26 {kind} units, and 25 are free" in broken(larger, instead_of="aws_dynamodb_table")


def test_the_capacity_of_an_index_counts_as_well() -> None:
    indexed = table(global_secondary_index=[{"write_capacity": 5, "read_capacity": 5}])

    assert "there are 30 write units, and 25 are free" in broken(indexed, instead_of="aws_dynamodb_table")


@pytest.mark.parametrize(
    ("resource", "instead_of"),
    [
        (alarm("fast", period=10), None),
        (alarm("of several metrics", metric_query=[{"id": "m1"}, {"id": "m2"}]), None),
        (table(table_class="STANDARD_INFREQUENT_ACCESS"), "aws_dynamodb_table"),
        (Resource("p", "aws_ssm_parameter", {"tier": "Advanced"}), None),
        (
            Resource(
                "a", "AWS::Lambda::Alias", {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 1}}
            ),
            None,
        ),
    ],
    ids=[
        "high-resolution-alarm",
        "metric-mathematics",
        "infrequent-access",
        "advanced-parameter",
        "provisioned-concurrency",
    ],
)
def test_a_dearer_kind_of_a_known_type_breaks_it(resource: Resource, instead_of: str | None) -> None:
    assert "the price book knows" in broken(resource, instead_of=instead_of)


def test_every_type_in_the_templates_and_plans_of_today_is_in_the_price_book_for_a_reason() -> None:
    for type_, charged in BOOK.resource_types.items():
        assert charged.get("free") or charged.get("each") or charged.get("by_use"), type_
