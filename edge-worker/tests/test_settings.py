import pytest

from edge_worker.settings import Settings, SettingsError

VARIABLES = {
    "SITE": "docs.example.com",
    "QUEUE_URL": "https://sqs.eu-west-2.amazonaws.com/123456789012/events.fifo",
    "AWS_REGION": "eu-west-2",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "a-secret-access-key",
    "VISITOR_KEY": "a-key-of-sixteen-characters",
}


def read(**changes: str | None) -> Settings:
    return Settings.read((VARIABLES | changes).get)


def test_what_is_not_set_has_its_default():
    assert read().max_question_length == 2000


@pytest.mark.parametrize("name", VARIABLES)
def test_a_missing_variable_is_named(name):
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
    ],
)
def test_a_wrong_variable_is_named(name, value):
    with pytest.raises(SettingsError, match=f"^{name} is not "):
        read(**{name: value})


def test_all_that_is_wrong_is_named_at_once():
    with pytest.raises(SettingsError, match="SITE is not set; AWS_REGION is not set"):
        read(SITE=None, AWS_REGION=None)


def test_a_secret_is_never_in_the_message():
    with pytest.raises(SettingsError) as caught:
        read(VISITOR_KEY="hunter2")

    assert "hunter2" not in str(caught.value)
