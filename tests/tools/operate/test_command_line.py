"""The command line asks before it erases, and reports mistakes in one line."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from operate import practice
from operate.__main__ import main
from operate.environment import ROOT, Environment
from operate.interruptible import run_interruptibly
from stack.emulator import Emulator
from stack.programs import wait_until
from tests.tools.operate.account import SITE, Account, item

DAY = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    "command",
    ["doctor", "dlq", "redrive", "release", "rollback", "export", "query", "import", "forget", "practice", "destroy"],
)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    assert ended.value.code == 0
    assert "usage: python -m operate" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["forget"],
        ["forget", "--session", "a", "--visitor", "b"],
        ["export", "--from", "yesterday"],
        ["export", "--format", "xlsx"],
        ["import"],
        ["import", "--file", "a", "--format", "xlsx"],
        ["release", "--service", "edge-worker"],
        ["rollback", "--service", "edge-worker"],
        ["redrive", "--wait", "long"],
        ["redrive", "--wait", "nan"],
        ["redrive", "--wait", "inf"],
        ["redrive", "--wait=-1"],
        ["doctor", "--environment", "test"],
    ],
    ids=" ".join,
)
def test_wrong_arguments_end_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["export", "--from", "2026-11-02", "--to", "2026-11-01"], "is after the last"),
        (["export"], "make -C infrastructure deploy WORKSPACE=reporter ENVIRONMENT=dev"),
        (["forget", "--session", "s1"], "make -C infrastructure deploy WORKSPACE=processor ENVIRONMENT=dev"),
        (["release"], "make -C infrastructure deploy WORKSPACE=processor ENVIRONMENT=dev"),
        (["rollback", "--service", "reporter"], "make -C infrastructure deploy WORKSPACE=reporter ENVIRONMENT=dev"),
        (["dlq"], "make -C infrastructure deploy WORKSPACE=worker ENVIRONMENT=dev"),
        (["redrive"], "make -C infrastructure deploy WORKSPACE=worker ENVIRONMENT=dev"),
        (["query", "--directory", "/nowhere"], "run make export first"),
    ],
    ids=["days", "export", "forget", "release", "rollback", "dlq", "redrive", "query"],
)
def test_what_cannot_be_done_is_said_in_one_line(
    aws: None, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(arguments)

    printed = capsys.readouterr().err
    assert code == 1
    assert re.fullmatch(rf"error: .*{re.escape(message)}.*\n", printed)


def test_an_account_out_of_reach_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("operate.commands.data.Environment", partial(Environment, attempts=1))

    code = main(["export"])

    assert code == 1
    assert capsys.readouterr().err.startswith("error: Could not connect")


@pytest.mark.parametrize("command", [["export"], ["rollback"], ["forget", "--session", "s"], ["dlq"]])
def test_without_credentials_it_says_how_to_sign_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    code = main(command)

    assert code == 1
    assert re.fullmatch(r"error: Unable to locate credentials\. Sign in .*\n", capsys.readouterr().err)


def test_an_export_goes_where_it_is_told_to(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account.put(item(DAY, question="How?"))

    days = ["--from", "2026-11-20", "--to", "2026-11-20"]

    code = main(["export", *days, "--site", SITE, "--format", "jsonl", "--directory", str(tmp_path)])

    assert code == 0
    assert json.loads((tmp_path / SITE / "2026-11-20.jsonl").read_text())["question"] == "How?"
    assert "1 rows" in capsys.readouterr().out


def test_nothing_is_erased_where_nobody_can_be_asked(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    account.put(item(DAY, session="s1"))
    monkeypatch.setattr("sys.stdin", io.StringIO("s1\n"))

    code = main(["forget", "--session", "s1", "--receipts", str(tmp_path)])

    printed = capsys.readouterr()
    assert code == 1
    assert "1 items in the table" in printed.out
    assert "nothing was done" in printed.err
    assert len(account.ids()) == 1


@pytest.mark.parametrize(("typed", "left"), [("s1\n", 0), ("s10\n", 1), ("\n", 1)], ids=["name", "other", "enter"])
def test_the_name_has_to_be_typed(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, left: int
) -> None:
    account.put(item(DAY, session="s1"))
    monkeypatch.setattr("sys.stdin", Terminal(typed))

    main(["forget", "--session", "s1", "--receipts", str(tmp_path)])

    assert len(account.ids()) == left
    assert len(list(tmp_path.iterdir())) == 1 - left


def test_a_receipt_says_what_was_erased_and_when(account: Account, tmp_path: Path) -> None:
    account.put(item(DAY, visitor="v1"))

    code = main(["forget", "--visitor", "v1", "--yes", "--receipts", str(tmp_path)])

    [file] = tmp_path.iterdir()
    receipt = json.loads(file.read_text())
    assert code == 1  # no reporter is there to refresh the rollup, which the receipt says too
    assert (receipt["visitor"], receipt["items"], len(receipt["keys"])) == ("v1", 1, 1)
    assert datetime.fromisoformat(receipt["erased_at"]).tzinfo is not None
    assert "reporter-function-name" in receipt["rollups_not_refreshed"][0]


def test_a_dry_run_erases_nothing_and_asks_nothing(account: Account, tmp_path: Path) -> None:
    account.put(item(DAY, session="s1"))

    code = main(["forget", "--session", "s1", "--dry-run", "--yes", "--receipts", str(tmp_path)])

    assert code == 0
    assert len(account.ids()) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_while_modules_are_still_imported_shows_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import time\nprint('importing', flush=True)\ntime.sleep(30)\n", encoding="utf-8")
    (tmp_path / "command.py").write_text("import slow\n", encoding="utf-8")
    command = [sys.executable, str(ROOT / "tools" / "run.py"), "-m", "command", "--flag"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "importing\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert (process.returncode, errors) == (130, "stopped\n")


def test_every_module_that_make_runs_is_run_so() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert "override RUN := exec env PYTHONPATH=tools .venv/bin/python tools/run.py\n" in makefile
    assert not re.findall(r"^\t.*\.venv/bin/python ", makefile, re.MULTILINE)


def test_a_module_sees_its_arguments_and_the_present_folder(tmp_path: Path) -> None:
    (tmp_path / "command.py").write_text("import sys\nprint(sys.argv[1:], __name__)\n", encoding="utf-8")
    command = [sys.executable, str(ROOT / "tools" / "run.py"), "-m", "command", "-m", "--site=$HOME"]

    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, env={**os.environ}).stdout

    assert said == "['-m', '--site=$HOME'] __main__\n"


def test_what_practice_prints_can_be_pasted_wherever_the_clone_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "für $HOME's `id`; a"
    monkeypatch.setattr(practice, "emulator", lambda _directory: nullcontext(Emulator("http://127.0.0.1:1", folder)))
    monkeypatch.setattr(practice, "cli_variables", lambda _directory: {"TF_CLI_CONFIG_FILE": f"{folder}/x.tfrc"})
    monkeypatch.setattr("operate.practice.threading.Event.wait", lambda _event: None)

    practice.practice(folder)

    exports = "\n".join(line for line in capsys.readouterr().out.splitlines() if line.startswith("export "))
    answer = subprocess.run(
        ["sh", "-euc", f'{exports}\nprintf %s "$TF_CLI_CONFIG_FILE"'], capture_output=True, text=True, check=True
    )
    assert answer.stdout == f"{folder}/x.tfrc"


@pytest.mark.parametrize(
    ("command", "endpoint"),
    [
        (["dlq"], "nonsense"),
        (["redrive"], "http://["),
        (["rollback"], "localhost:4566"),
        (["export"], "ftp//x"),
        (["destroy"], "nonsense"),
        (["forget", "--session", "s"], "nonsense"),
    ],
)
def test_an_endpoint_that_is_no_url_is_said_in_one_line(
    aws: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str], endpoint: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)

    code = main(command)

    printed = capsys.readouterr().err
    assert code == 1
    assert re.fullmatch(r"error: .*AWS_ENDPOINT_URL.*\n", printed)


def test_a_doctor_without_an_endpoint_still_lists_the_programs(
    aws: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")

    code = main(["doctor"])

    printed = capsys.readouterr().out
    assert code == 1
    assert " ok  git: " in printed
    assert "AWS credentials: Invalid endpoint: nonsense: correct AWS_ENDPOINT_URL" in printed


def test_the_end_of_what_is_typed_is_no_traceback(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    account.put(item(DAY, session="s1"))
    monkeypatch.setattr("sys.stdin", Terminal(""))

    code = main(["forget", "--session", "s1", "--receipts", str(tmp_path)])

    assert code == 130
    assert capsys.readouterr().err == "stopped\n"
    assert len(account.ids()) == 1


def test_a_folder_that_cannot_be_written_to_is_said_in_one_line(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account.put(item(DAY))
    (tmp_path / "file").write_text("x", encoding="utf-8")

    code = main(["export", "--from", "2026-11-20", "--to", "2026-11-20", "--directory", str(tmp_path / "file" / "x")])

    assert code == 1
    assert re.fullmatch(r"error: .*Not a directory.*\n", capsys.readouterr().err)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_program_that_destroys_is_told_once_and_may_finish(tmp_path: Path, ending: signal.Signals) -> None:
    program = """
import signal, sys, time
told = []
signal.signal(signal.SIGINT, lambda *_: told.append(1))
print("at work", flush=True)
while not told:
    time.sleep(0.01)
time.sleep(1)
print(f"told {len(told)} times, done", flush=True)
"""
    script = (
        "import os, sys; from pathlib import Path; from operate.interruptible import run_visibly;"
        "from stack.interrupts import stop_when_told; stop_when_told();"
        "run_visibly([sys.executable, '-c', sys.argv[1]], Path('.'), os.environ)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, program],
        cwd=ROOT / "tools",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        # The terminal's Ctrl-C reaches all that it has started, and an impatient person types it again.
        for _ in range(3):
            os.killpg(process.pid, ending)
            time.sleep(0.02)
        printed, _ = process.communicate(timeout=60)

    assert printed.splitlines()[-1] == "told 1 times, done"


def test_a_program_finishes_what_it_has_begun_also_where_we_are_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = f"""
import time
from pathlib import Path
print("at work", flush=True)
Path({str(tmp_path / "begun")!r}).touch()
time.sleep(0.5)
for _ in range(20_000):
    print("a line that nobody reads")
Path({str(tmp_path / "lock-freed")!r}).touch()
"""
    script = (
        "import os, sys; from pathlib import Path; from operate.interruptible import run_interruptibly;"
        "run_interruptibly([sys.executable, '-c', sys.argv[1]], Path('.'), os.environ, name='x')"
    )
    with subprocess.Popen([sys.executable, "-c", script, program], cwd=ROOT / "tools") as process:
        wait_until((tmp_path / "begun").exists, what="it to begin", seconds=60)
        process.kill()
    # The next run does nothing before that.
    again = run_interruptibly(["ls", str(tmp_path)], tmp_path, os.environ, name="ls")

    assert "lock-freed" in again.stdout
    assert "waiting for what a killed run has left behind" in capsys.readouterr().out
