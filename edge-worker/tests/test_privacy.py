import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge_worker.privacy import asks_not_to_be_recorded, private_text
from edge_worker.redaction import OwnerPatterns

FOLDER = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("text", "recorded"),
    [
        ("Write to ann@example.com\x00today ", "Write to [email] today"),
        (None, None),
        ("", None),
        ("\u200b", "\u200b"),
        ("   ", None),
        ("x" * 600, "x" * 499 + "…"),
    ],
)
def test_a_text_is_recorded_clean_and_in_its_length(text: str | None, recorded: str | None) -> None:
    assert private_text(text, 500) == recorded


@pytest.mark.parametrize("secret", ["ann.lee@example.com", "4111 1111 1111 1111", "+44 20 7946 0958"])
@pytest.mark.parametrize("lead", [0, 480, 490, 499, 995, 1310, 1318, 5270, 5279])
def test_nothing_personal_is_cut_in_half(secret: str, lead: int) -> None:
    shown = private_text("x" * lead + " " + secret + " y" * 10_000, 500) or ""

    assert not any(part in shown for part in secret.split())


@pytest.mark.parametrize("piece", ["a", "1 ", "1", "ann@example.com ", "4111 ", " ", "卡", "\u200b", "(", "@"])
def test_a_question_of_a_mebibyte_takes_no_longer_than_a_short_one(piece: str) -> None:
    def quickest(length: int) -> float:
        text = (piece * length)[:length]

        def seconds() -> float:
            begun = time.process_time()
            private_text(text, 500)
            return time.process_time() - begun

        return min(seconds() for _ in range(3))

    assert quickest(1_048_576) < 5 * max(quickest(10_000), 0.001)


def run(lines: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "commands.redact"],
        input=lines, capture_output=True, text=True, encoding="utf-8", check=False,
        cwd=FOLDER, env={**os.environ, "PYTHONPATH": "src", **variables},
    )  # fmt: skip


def test_the_command_prints_each_line_as_it_would_be_recorded() -> None:
    lines = ["mail ann@example.com", "", "我的手机号是13800138000请回电", "caf\u0301e\u2028 EMP-12", "x" * 700]

    printed = run("\n".join(lines) + "\n", REDACT_PATTERNS='["EMP-[0-9]{2}"]')

    patterns = OwnerPatterns.parse('["EMP-[0-9]{2}"]')
    assert printed.stdout.split("\n") == [private_text(line, 500, patterns) or "" for line in lines] + [""]
    assert (printed.returncode, printed.stderr) == (0, "")


def test_the_command_says_what_is_wrong_with_a_pattern() -> None:
    printed = run("x", REDACT_PATTERNS='["(a+)+"]')

    assert printed.returncode == 2
    assert "REDACT_PATTERNS" in printed.stderr
    assert "Traceback" not in printed.stderr


@pytest.mark.parametrize(
    ("headers", "opted_out"),
    [({"sec-gpc": "1"}, True), ({"dnt": "1"}, True), ({"dnt": "0"}, False), ({"sec-gpc": ""}, False), ({}, False)],
)
def test_the_browser_says_whether_its_user_may_be_recorded(headers: dict[str, str], opted_out: bool) -> None:
    assert asks_not_to_be_recorded(headers) == opted_out
