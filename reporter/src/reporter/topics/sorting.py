"""Questions that come all at once, as from a file, into topics and wordings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reporter.exchange import Exchange
from reporter.rollups.questions import Questions
from reporter.rollups.wording import key, subject
from reporter.topics.following import follow
from reporter.topics.wordings import Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reporter.topics.encoder import SentenceEncoder

_TEXTS_OF_A_WORDING: Final = 50

# A file may be larger than what a weekly run has time for.
_ENCODED: Final = 30_000


@dataclass(frozen=True, slots=True)
class SortedTopic:
    """A topic of a file: its name, how often it was asked, and its wordings, the most asked first."""

    name: str
    count: int
    wordings: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Sorted:
    """A file's questions in their topics.

    Attributes:
        places: topic and wording of each row.
        topics: the most asked first.
        wordings: how many different wordings there are.
        asked: how many questions, each as often as it was asked.
        alone: the share of questions that are the only one of their topic.
        by_meaning: whether the sentence encoder was in use.

    """

    places: list[tuple[str, str]]
    topics: list[SortedTopic]
    wordings: int
    asked: int
    alone: float
    by_meaning: bool


def sort_questions(rows: Sequence[tuple[str, int]], encoder: SentenceEncoder | None) -> Sorted:
    """Sort questions, each with how often it was asked, as the weekly report does."""
    questions = Questions()
    stems = [subject(question) for question, _ in rows]
    for number, (question, _) in enumerate(rows):
        exchange = Exchange(id=str(number), moment_ms=number, outcome="answered", question=question)
        questions.add(exchange, stems[number])
    spellings = questions.spellings()
    counts: dict[str, int] = {}
    texts: dict[str, dict[str, None]] = {}
    keys = []
    for (question, count), each in zip(rows, stems, strict=True):
        leader = spellings.get(key(each), key(each))
        keys.append(leader)
        counts[leader] = counts.get(leader, 0) + count
        texts.setdefault(leader, {})[question] = None
    wordings = [
        Wording(leader, first, 0, counts[leader], counts[leader], tuple(others[: _TEXTS_OF_A_WORDING - 1]))
        for leader, (first, *others) in texts.items()
    ]
    followed = follow(wordings, (), encoder, "", 0, most=_ENCODED)
    names = {wording.key: wording.text for wording in wordings}
    topics = [
        SortedTopic(
            followed.topics[number].name,
            sum(counts[leader] for leader in leaders),
            sorted(((names[leader], counts[leader]) for leader in leaders), key=lambda pair: (-pair[1], pair[0])),
        )
        for number, leaders in followed.keys.items()
    ]
    topics.sort(key=lambda topic: (-topic.count, topic.name))
    asked = sum(counts.values())
    return Sorted(
        places=[(followed.topics[followed.topic_of[leader]].name, names[leader]) for leader in keys],
        topics=topics,
        wordings=len(wordings),
        asked=asked,
        alone=sum(topic.count == 1 for topic in topics) / asked if asked else 0.0,
        by_meaning=followed.by_meaning,
    )
