"""The links of a report are those of the contract, and there are none without a key and a Worker."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from conftest import CONTRACT
from reporter.private_settings import PrivateSettings, read_private_settings
from reporter.report.act_links import ActLinks

VECTORS = json.loads((CONTRACT / "act-link" / "v1.vectors.json").read_text(encoding="utf-8"))
SETTINGS = PrivateSettings(act_key=VECTORS["key"], worker_url="https://worker.example.com")
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


@pytest.mark.parametrize("vector", VECTORS["links"], ids=lambda vector: vector["link"]["action"])
def test_a_link_is_signed_as_the_contract_shows(vector: dict[str, Any]) -> None:
    link = vector["link"]
    links = ActLinks("https://worker.example.com", VECTORS["key"], link["site"], link["week"], link["expires"])

    query = links.query(link["action"], link["topic"], link.get("other", ""))

    assert sorted(query.split("&")) == sorted(vector["query"].split("&"))


def test_a_link_leads_to_the_worker_and_works_for_30_days() -> None:
    links = ActLinks.of(SETTINGS, "docs.example.com", "2026-W47", NOW)

    assert links
    address = urlsplit(links.to("fixed", "reset-password-3f2a"))
    assert (address.scheme, address.netloc, address.path) == ("https", "worker.example.com", "/edge-analytics/act")
    assert parse_qs(address.query)["expires"] == [str(int(datetime(2026, 12, 23, 7, tzinfo=UTC).timestamp()))]


@pytest.mark.parametrize(
    "settings", [PrivateSettings(), PrivateSettings(act_key="k" * 32), PrivateSettings(worker_url="https://w.example")]
)
def test_there_are_no_links_without_both_key_and_worker(settings: PrivateSettings) -> None:
    assert ActLinks.of(settings, "docs.example.com", "2026-W47", NOW) is None


def test_private_settings_are_read_in_one_call(aws: None) -> None:
    ssm = boto3.client("ssm")
    ssm.put_parameter(Name="/edge-analytics/dev/act-key", Value="k" * 72, Type="SecureString")
    ssm.put_parameter(Name="/edge-analytics/dev/worker-url", Value="https://worker.example.com", Type="String")
    ssm.put_parameter(
        Name="/edge-analytics/prod/report-webhook", Value="https://hooks.example.com", Type="SecureString"
    )

    settings = read_private_settings(lambda: ssm, "/edge-analytics/dev")

    assert (settings.act_key, settings.worker_url, settings.webhook_url) == ("k" * 72, "https://worker.example.com", "")
    assert settings.conversations_user == ""
    assert repr(settings) == "PrivateSettings(act_key, worker_url)"


def test_a_report_is_made_without_them(aws: None, caplog: pytest.LogCaptureFixture) -> None:
    client = boto3.client(
        "ssm", endpoint_url="http://127.0.0.1:1", config=boto3.session.Config(retries={"total_max_attempts": 1})
    )

    assert read_private_settings(lambda: client, "/edge-analytics/dev") == PrivateSettings()
    assert "the private settings were not read" in caplog.text
    assert read_private_settings(lambda: pytest.fail("asked"), "") == PrivateSettings()
