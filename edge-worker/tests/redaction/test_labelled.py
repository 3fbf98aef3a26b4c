"""The labelled lines and the shared cases: what is cut out, and what is kept."""

import pytest

from edge_worker.redaction import redact
from redaction.labelled import Score, labelled_lines

LEAST_RECALL, LEAST_PRECISION = 0.95, 0.97


def test_recall_and_precision_on_the_labelled_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lines, score = labelled_lines(), Score()

    for line in lines:
        score.add(line, redact(line.typed))

    with capsys.disabled():
        print(f"\nredaction: {len(lines)} lines, recall {score.recall:.3f}, precision {score.precision:.3f}")
    assert len(lines) >= 300
    assert score.recall >= LEAST_RECALL
    assert score.precision >= LEAST_PRECISION


@pytest.mark.parametrize(
    ("typed", "recorded"),
    [
        ("我的卡号是4111111111111111能退款吗", "我的卡号是[card]能退款吗"),
        ("カード4111-1111-1111-1111です", "カード[card]です"),
        ("電話は090-1234-5678です", "電話は[phone]です"),
        ("我的手机号是13800138000请回电", "我的手机号是[phone]请回电"),
        ("เบอร์โทร081-234-5678ครับ", "เบอร์โทร[phone]ครับ"),
        ("我的邮箱是zhang@example.com请问怎么退货", "我的邮箱是[email]请问怎么退货"),
        ("メールはuser@example.comです", "メールは[email]です"),
        ("4111\u200b1111\u200b1111\u200b1111", "[card]"),
        ("ｊｏｈｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "[email]"),
        ("user@[192.168.0.1]", "[email]"),
        ("card4111111111111111", "card[card]"),
        ("What happened at 1764000000000?", "What happened at 1764000000000?"),
        ("git@github.com:org/repo.git fails", "git@github.com:org/repo.git fails"),
        ("react@18.2.0 and 5 @ 3.50", "react@18.2.0 and 5 @ 3.50"),
    ],
)
def test_every_script_is_read(typed: str, recorded: str) -> None:
    assert redact(typed) == recorded


def test_what_cannot_be_found_is_known() -> None:
    # Names and street addresses have no form; numbers in words and vanity numbers are no digits.
    for line in ("I am Ann Lee of 12 High Street, Leeds", "zero seven seven double zero", "1-800-FLOWERS"):
        assert redact(line) == line
