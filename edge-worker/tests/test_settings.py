from typing import Any

import pytest

from edge_worker.formats.mapping import ExchangeMapping
from edge_worker.settings import Settings, SettingsError
from scene import VARIABLES


def read(**changes: str | None) -> Settings:
    return Settings.read((VARIABLES | changes).get)


def test_what_is_not_set_has_its_default() -> None:
    settings = read()

    assert (settings.max_question_length, settings.sample_rate, settings.respect_opt_out) == (2000, 1, True)
    assert (settings.allowed_origins, settings.collector_token, settings.mapping) == (frozenset(), "", None)


def test_what_is_set_is_read() -> None:
    settings = read(
        MAX_QUESTION_LENGTH="100",
        SAMPLE_RATE="0.25",
        RESPECT_OPT_OUT="false",
        ALLOWED_ORIGINS="https://www.example.com, http://localhost:8000",
        COLLECTOR_TOKEN="a-token-of-sixteen",
        UPSTREAM_URL="https://bot.example.com/base",
        PROXY_MAPPING='{"question": "q", "answer": "a"}',
    )

    assert (settings.max_question_length, settings.sample_rate, settings.respect_opt_out) == (100, 0.25, False)
    assert settings.allowed_origins == {"https://www.example.com", "http://localhost:8000"}
    assert (settings.collector_token, settings.upstream_url) == ("a-token-of-sixteen", "https://bot.example.com/base")
    assert settings.mapping == ExchangeMapping.parse('{"question": "q", "answer": "a"}')


def test_a_bound_service_takes_the_place_of_the_upstream_s_url() -> None:
    variables = VARIABLES | {"PROXY_MAPPING": '{"question": "q"}'}

    assert Settings.read(variables.get, is_upstream_bound=True).mapping


@pytest.mark.parametrize("name", VARIABLES)
def test_a_missing_variable_is_named(name: Any) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is not set$"):
        read(**{name: None})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE", "Docs Example"),
        ("SITE", "a#b"),
        ("QUEUE_URL", "sqs.eu-west-2.amazonaws.com/1/events.fifo"),
        ("QUEUE_URL", "https://sqs.eu-west-2.amazonaws.com/1/events"),
        ("VISITOR_KEY", "short"),
        ("MAX_QUESTION_LENGTH", "many"),
        ("MAX_QUESTION_LENGTH", "0"),
        ("MAX_QUESTION_LENGTH", "-1"),
        ("MAX_QUESTION_LENGTH", "1e3"),
        ("SAMPLE_RATE", "0"),
        ("SAMPLE_RATE", "1.5"),
        ("SAMPLE_RATE", "nan"),
        ("RESPECT_OPT_OUT", "no"),
        ("COLLECTOR_TOKEN", "short"),
        ("UPSTREAM_URL", "bot.example.com"),
    ],
)
def test_a_wrong_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is not "):
        read(**{name: value}, PROXY_MAPPING='{"question": "q"}' if "UPSTREAM" in name else None)


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"ALLOWED_ORIGINS": "https://a.example/path"}, "ALLOWED_ORIGINS has https://a.example/path"),
        ({"PROXY_MAPPING": '{"question": "q"}'}, "a proxy needs UPSTREAM_URL"),
        ({"PROXY_FORMAT": "auto"}, "a proxy needs UPSTREAM_URL"),
        ({"PROXY_FORMAT": "opanai", "UPSTREAM_URL": "https://a.example"}, "write one of auto, openai-chat"),
        ({"PROXY_MAPPING": "question", "UPSTREAM_URL": "https://a.example"}, "PROXY_MAPPING is not a mapping"),
        ({"PROXY_MAPPING": '{"answer": "a"}', "UPSTREAM_URL": "https://a.example"}, "question is missing"),
        (
            {"PROXY_MAPPING": '{"question": "q", "anser": "a"}', "UPSTREAM_URL": "https://a.example"},
            "did you mean answer",
        ),
        ({"PROXY_MAPPING": '{"question": 5}', "UPSTREAM_URL": "https://a.example"}, "neither a path nor a list"),
    ],
)
def test_what_does_not_go_together_is_told(variables: dict[str, Any], problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        read(**variables)


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(SettingsError, match="SITE is not set; AWS_REGION is not set"):
        read(SITE=None, AWS_REGION=None)


def test_a_secret_is_never_in_the_message() -> None:
    with pytest.raises(SettingsError) as caught:
        read(VISITOR_KEY="hunter2")

    assert "hunter2" not in str(caught.value)
