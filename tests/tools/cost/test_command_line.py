import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cost import __main__ as command_line
from cost import simulate
from cost.deployed import Deployed, Mode
from cost.resources import Resource
from tests.tools.cost.pipeline import pipeline


@pytest.fixture(autouse=True)
def planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the pipeline without Terraform."""

    def deployed(_directory: Path, mode: Mode, *, canary: bool = True) -> Deployed:
        return pipeline(mode)

    monkeypatch.setattr(command_line, "deployed", deployed)
    monkeypatch.setattr(simulate, "deployed", deployed)


def test_the_cost_is_a_table_with_what_it_rests_on(capsys: pytest.CaptureFixture[str]) -> None:
    code = command_line.main(["cost", "--exchanges", "10000,1000000"])

    printed = capsys.readouterr().out
    assert code == 0
    assert "1 GBP = 1.30 USD" in printed
    stream = next(line for line in printed.splitlines() if " stream  " in line)
    assert stream.split()[-9:] == ["0.00"] * 9
    assert "648,000 times a month" in printed
    assert "10,000 exchanges a month cost £0 in both modes" in printed


def test_the_cost_for_machines_answers_what_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    command_line.main(
        ["cost", "--exchanges", "42", "--region", "us-east-1", "--idle-polls", "0", "--rate", "2", "--format", "json"]
    )

    document = json.loads(capsys.readouterr().out)
    assert (document["region"], document["usd_per_gbp"], document["idle_polls"]) == ("us-east-1", 2, 0)
    assert {month["exchanges"] for month in document["months"]} == {42}
    assert {month["design"] for month in document["months"]} == {"stream", "drain", "original"}
    assert all(month["aws_gbp"] == pytest.approx(month["aws_usd"] / 2, abs=1e-4) for month in document["months"])
    assert [(two["dev"], two["prod"]) for two in document["two_environments"]] == [
        ("stream", "stream"), ("drain", "stream"), ("drain", "drain"),
    ]  # fmt: skip
    assert document["free_up_to"]["stream"]["SQS requests"] == (1_000_000 - 5) // 3


def test_what_is_not_free_is_reported_and_makes_the_command_fail(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        command_line, "deployed", lambda _, mode, **__: pipeline(mode, None, Resource("k", "aws_kms_key", {}))
    )

    code = command_line.main(["cost"])

    assert code == 1
    assert "10,000 exchanges a month do not cost £0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cost", "--exchanges", "many"], "many is not a number from 0 up"),
        (["cost", "--exchanges", "-1"], "-1 is not a number from 0 up"),
        (["cost", "--idle-polls", "nan"], "nan is not a number from 0 up"),
        (["cost", "--rate", "0"], "0 is not a number from 0.01 up"),
        (["simulate", "--exchanges", "0"], "0 is not a whole number above 0"),
        (["simulate", "--exchanges", "99999999999"], "20,000,000 at most"),
        (["simulate", "--outage-minutes", "nan"], "nan is not a number from 0 to 1440"),
        (["simulate", "--outage-minutes=-3"], "-3 is not a number from 0 to 1440"),
        (["simulate", "--outage-hour", "inf"], "inf is not a number from 0 to 24"),
        (["simulate", "--profile", "nightly"], "invalid choice: 'nightly'"),
    ],
)
def test_a_wrong_argument_is_told(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        command_line.main(arguments)

    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_an_unknown_region_is_told_with_those_that_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["cost", "--region", "mars-1"]) == 1
    assert "no prices of mars-1, only of eu-west-2, us-east-1" in capsys.readouterr().err


def test_a_simulation_prints_and_draws_a_day(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    directory = tmp_path / "new"

    code = command_line.main(["--directory", str(directory), "simulate", "--profile", "burst", "--exchanges", "60000"])

    printed = capsys.readouterr().out
    assert code == 0
    assert "raise first in stream: the table's write capacity to 50 units" in printed
    assert ElementTree.parse(directory / "simulate-burst.svg")  # noqa: S314 - our own drawing


def test_a_simulation_for_machines_is_the_same_for_the_same_seed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = [
        "--directory",
        str(tmp_path),
        "simulate",
        "--exchanges",
        "300",
        "--invalid-every",
        "100",
        "--format",
        "json",
    ]

    command_line.main(arguments)
    first = json.loads(capsys.readouterr().out)
    command_line.main(arguments)
    second = json.loads(capsys.readouterr().out)

    assert first == second
    assert [day["profile"] for day in first["days"]] == ["steady", "business-hours", "burst", "front-page"]
    assert all(mode["dead_letters"] == 3 for day in first["days"] for mode in day["modes"].values())
    assert all(mode["stored"] == 297 for day in first["days"] for mode in day["modes"].values())
