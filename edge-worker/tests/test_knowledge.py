import json
from pathlib import Path

import pytest

from edge_worker.knowledge import NO_ANSWER, Entry, Knowledge, KnowledgeError

COMMITTED = Path(__file__).parent.parent / "src" / "knowledge.json"

KNOWLEDGE = Knowledge(
    [
        Entry("1", "I forgot my password.", "Use the reset link.", "accounts"),
        Entry("2", "My printer is not printing.", "Check the paper.", "printers"),
        Entry("3", "My screen is flickering.", "Update the driver.", "screens"),
    ]
)


def test_a_known_question_is_answered_with_its_source() -> None:
    answer = KNOWLEDGE.answer("i forgot my password")

    assert (answer.text, answer.outcome, answer.sources) == ("Use the reset link.", "answered", ("accounts",))


def test_a_similar_question_is_answered_in_part() -> None:
    answer = KNOWLEDGE.answer("I forgot my username")

    assert (answer.outcome, answer.sources) == ("partial", ("accounts",))


def test_a_foreign_question_is_not_answered() -> None:
    answer = KNOWLEDGE.answer("Who won the cup final?")

    assert (answer.text, answer.outcome, answer.sources) == (NO_ANSWER, "unanswered", ())


def test_every_question_of_the_committed_file_is_answered_with_its_own_answer() -> None:
    entries = json.loads(COMMITTED.read_text(encoding="utf-8"))["entries"]
    knowledge = Knowledge.load(COMMITTED)

    answers = [knowledge.answer(entry["question"]) for entry in entries]

    assert [answer.text for answer in answers] == [entry["answer"] for entry in entries]
    assert {answer.outcome for answer in answers} == {"answered"}
    assert len(knowledge) == len(entries)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"entries": [{"id": "1"}]}',
        '{"entries": 5}',
        '{"entries": [{"id": 1, "question": "q", "answer": "a", "source": "s"}]}',
    ],
)
def test_another_file_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "knowledge.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(KnowledgeError, match=r"knowledge\.json is not a knowledge file"):
        Knowledge.load(path)
