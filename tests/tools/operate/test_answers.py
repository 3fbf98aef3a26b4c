"""Answers are kept in one file, and no example and no nonsense is applied."""

import json
from importlib import resources
from pathlib import Path

import pytest

from operate.answers import QUESTIONS, complete, load, save
from operate.environment import ROOT, OperationError
from tests.checkout import tracked

GOOD = {"site": "docs.mysite.org", "mail": "me@mysite.org"}


def test_what_was_answered_is_read_again_and_environments_do_not_disturb_each_other(tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    dev = complete(GOOD, None, examples=False, where="x")
    prod = complete(
        GOOD | {"site": "www.mysite.org", "state": "s3", "bucket": "states"}, None, examples=False, where="x"
    )
    save(file, "dev", dev)
    save(file, "prod", prod)
    save(file, "dev", dev)

    assert complete(load(file, "dev"), None, examples=False, where="x") == dev
    assert complete(load(file, "prod"), None, examples=False, where="x") == prod


def test_only_what_is_not_known_is_asked() -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return ""

    complete(GOOD | {"region": "eu-west-1"}, ask, examples=False, where="x")

    assert [text.split(":")[0].split(",")[0] for text in asked] == ["Your time zone", "Where Terraform keeps its state"]


def test_a_wrong_answer_is_asked_for_again(capsys: pytest.CaptureFixture[str]) -> None:
    answers = iter(["Europe/Londn", "London", "Europe/London"])

    found = complete(
        GOOD | {"region": "eu-west-2", "state": "here"}, lambda _: next(answers), examples=False, where="x"
    )

    assert found.time_zone == "Europe/London"
    assert "'Europe/Londn' is not the IANA name" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"time_zone": "Europe/Londn"}, "Europe/Londn"),
        ({"site": "docs.example.com"}, "is an example"),
        ({"mail": "owner@example.com"}, "is an example"),
        ({"mail": "owner@sub.invalid"}, "is an example"),
        ({"mail": "no address"}, "mail address"),
        ({"mail": "a@b.org\nbcc:x@y.org"}, "mail address"),
        ({"site": "../../etc"}, "lower-case name"),
        ({"site": "$(id)"}, "lower-case name"),
        ({"region": "mars"}, "AWS Region"),
        ({"state": "there"}, "none of"),
        ({"state": "s3"}, "bucket is missing"),
        ({"state": "s3", "bucket": "A B"}, "bucket's name"),
        ({"state": "hcp"}, "organization is missing"),
    ],
)
def test_without_a_person_a_wrong_or_missing_answer_is_named(changed: dict[str, str], message: str) -> None:
    with pytest.raises(OperationError, match=message):
        complete(GOOD | changed, None, examples=False, where="answers.toml [dev]")


def test_examples_are_welcome_when_practising() -> None:
    assert complete({"site": "docs.example.com", "mail": "a@example.com"}, None, examples=True, where="x").site


@pytest.mark.parametrize(
    "text",
    ["[dev", "dev = 3", "[dev]\nsite = 3", '[dev]\nsight = "x"', "[dev]\nsite = 'a'\nsite = 'b'", "\x00"],
)
def test_a_file_that_makes_no_sense_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(OperationError, match="answers"):
        load(file, "dev")


def test_git_ignores_the_answers_the_state_and_where_it_is() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()

    assert {"answers.toml", "backend_override.tf", "*.tfstate", "build/"} <= set(ignored)
    assert not [path for path in tracked() if path.endswith(("answers.toml", "backend_override.tf"))]


def test_the_time_zones_are_those_of_the_iana_database() -> None:
    file = ROOT / "infrastructure" / "modules" / "report-schedule" / "time-zones.json"
    areas = (
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    )

    listed = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()

    expected = [name for name in listed if name == "UTC" or (name.partition("/")[0] in areas and "/" in name)]
    assert json.loads(file.read_text(encoding="utf-8")) == sorted(expected)


@pytest.mark.parametrize("zone", ["UTC", "America/Argentina/Buenos_Aires", "Europe/London"])
def test_a_time_zone_that_terraform_takes_is_taken(zone: str) -> None:
    assert complete(GOOD | {"time_zone": zone}, None, examples=False, where="x").time_zone == zone


def test_every_answer_has_a_question() -> None:
    assert [question.name for question in QUESTIONS if not question.text] == []
