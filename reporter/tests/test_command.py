from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from reporter.__main__ import main
from stored import item

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.usefixtures("mails")
def test_write_makes_two_files_and_sends_nothing(
    table: Any, mails: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table.put_item(Item=item("2026-11-10T10:00", "Where is my parcel?"))

    index = tmp_path / "all" / "index.html"
    code = main(["write", "--week", "2026-W46", "--out", str(tmp_path), "--index", str(index)])

    assert code == 0
    assert "Where is my parcel?" in (tmp_path / "demo.example.com-2026-W46.html").read_text()
    assert "Where is my parcel?" in (tmp_path / "demo.example.com-2026-W46.txt").read_text()
    assert capsys.readouterr().out.count("demo.example.com-2026-W46") == 2
    assert mails == []
    assert "Where is my parcel?" in index.read_text()


@pytest.mark.usefixtures("mails", "table")
def test_what_is_written_is_named_from_the_root_whatever_folder_it_was_asked_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    main(["write", "--week", "2026-W46"])

    printed = capsys.readouterr().out.splitlines()
    assert [line for line in printed if not line.startswith(f"{tmp_path}/build/")] == []


@pytest.mark.usefixtures("mails", "table")
def test_a_folder_that_cannot_be_written_is_a_failure_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    assert main(["write", "--week", "2026-W46", "--out", str(tmp_path / "file" / "reports")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_send_mails_once_and_again_only_when_forced(
    table: Any, mails: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    table.put_item(Item=item("2026-11-10T10:00"))

    said = []
    for arguments in ([], [], ["--force"]):
        assert main(["send", "--week", "2026-W46", *arguments]) == 0
        said.append(json.loads(capsys.readouterr().out)["reports"][0]["status"])

    assert said == ["sent", "already sent", "sent again"]
    assert len(mails) == 2


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["write", "--week", "2026-W60"], "is not an ISO week"),
        (["write", "--week", "2099-W01"], "has not begun yet"),
        (["write", "--site", "Bcc: x@example.com"], "cannot be a site"),
        (["sources", "there-is-no-such-file"], "cannot be read"),
        (["--environment", "prod", "write"], "/edge-analytics/prod/reporter-function-name cannot be read"),
    ],
)
def test_a_senseless_request_is_explained_in_one_line(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(arguments)

    assert code == 2
    said = capsys.readouterr().err
    assert reason in said
    assert said.count("\n") == 1


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REPORT_TIME_ZONE", "Mars/Olympus"),
        ("REPORT_CHANNELS", "pigeon"),
        ("REPORT_RECIPIENTS", " "),
        ("TABLE_NAME", ""),
        ("REPORT_SENDER", ""),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)

    assert main(["write"]) == 2
    assert name in capsys.readouterr().err


@pytest.mark.usefixtures("environment")
def test_with_several_sites_one_must_be_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REPORT_SITES", "a.example.com,b.example.com")

    assert main(["write"]) == 2
    assert "a.example.com, b.example.com" in capsys.readouterr().err


@pytest.mark.usefixtures("environment")
def test_a_table_that_is_not_there_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("TABLE_NAME", "elsewhere")

    assert main(["write", "--out", str(tmp_path), "--index", str(tmp_path / "index.html")]) == 1
    assert "AWS request failed" in capsys.readouterr().err


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("missing", "advice"),
    [
        (["AWS_DEFAULT_REGION", "AWS_REGION"], "set AWS_REGION"),
        (["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], "sign in"),
    ],
    ids=["region", "credentials"],
)
def test_what_a_request_to_aws_lacks_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    missing: list[str],
    advice: str,
) -> None:
    for name in missing:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)

    assert main(["write"]) == 1

    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("reporter: AWS request failed: ")
    assert advice in line
    assert ".." not in line


@pytest.mark.usefixtures("mails")
def test_sources_that_are_told_of_and_never_used_are_named(table: Any, tmp_path: Path) -> None:
    table.put_item(Item=item("2026-11-10T10:00", sources=["used"]))
    listed = tmp_path / "sources.txt"
    listed.write_text("used\nnever\n\n", encoding="utf-8")

    main(["sources", str(listed)])
    main(["write", "--week", "2026-W46", "--out", str(tmp_path), "--index", str(tmp_path / "index.html")])

    assert "Not used: never" in (tmp_path / "demo.example.com-2026-W46.txt").read_text()


@pytest.mark.usefixtures("mails")
def test_the_settings_of_a_deployed_reporter_are_used(
    table: Any, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in environment:
        monkeypatch.delenv(name)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("empty.py", "")
    role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    boto3.client("ssm").put_parameter(
        Name="/edge-analytics/dev/reporter-function-name", Value="any-name", Type="String"
    )
    boto3.client("lambda").create_function(
        FunctionName="any-name",
        Runtime="python3.13",
        Handler="empty.handler",
        Role=role,
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": environment},
    )
    table.put_item(Item=item("2026-11-10T10:00"))

    files = ["--out", str(tmp_path), "--index", str(tmp_path / "index.html")]
    assert main(["--environment", "dev", "write", "--week", "2026-W46", *files]) == 0
