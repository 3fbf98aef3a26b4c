"""Twelve matters over six weeks, each week in six of their twelve wordings: what stays the same topic."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.topics.encoder import sentence_encoder
from reporter.topics.following import follow
from reporter.topics.wordings import Wording

if TYPE_CHECKING:
    from reporter.topics.followed import Followed
    from reporter.topics.topic import Topic

DATA = Path(__file__).parent / "data" / "six-weeks.txt"
MATTERS = [block.split("\n") for block in DATA.read_text(encoding="utf-8").strip().split("\n\n")[1:]]
WEEKS, A_WEEK, OF_A_REPORT = 6, 6, 5
NEW_FROM_WEEK_FOUR = (10, 11)
NOW, WEEK_MS = 1_795_000_000_000, 7 * 86_400_000


@dataclass
class Site:
    """What a site's table holds of topics, and what was asked so far."""

    topics: dict[int, Topic] = field(default_factory=dict)
    weeks: list[dict[str, int]] = field(default_factory=list)

    def run(self, asked: dict[str, int]) -> Followed:
        """Follow the topics of one more week, and keep what the table would."""
        self.weeks.append(asked)
        number = len(self.weeks)
        total = Counter(question for week in self.weeks[-OF_A_REPORT:] for question in week)
        last = {question: ago for ago, week in enumerate(self.weeks) for question in week}
        wordings = [
            Wording(question.lower(), question, NOW + last[question] * WEEK_MS, int(question in asked), times)
            for question, times in total.items()
        ]
        now = NOW + number * WEEK_MS
        result = follow(wordings, list(self.topics.values()), sentence_encoder(), f"2026-W{40 + number}", now)
        self.topics |= {topic.id: topic for topic in result.kept}
        for gone in result.gone:
            self.topics.pop(gone, None)
        return result


@dataclass(frozen=True)
class Week:
    """The topic of each question of a week, and its matter; what was merged; the names that topics had after it."""

    topics: dict[str, int]
    matters: dict[str, int]
    merged: list[tuple[str, str]]
    names: dict[int, str]

    def largest(self, matter: int) -> int:
        """Return the topic of most of a matter's questions."""
        topics = Counter(self.topics[question] for question, other in self.matters.items() if other == matter)
        return topics.most_common(1)[0][0]


@cache
def six_weeks() -> list[Week]:
    dice = random.Random(2)
    site = Site()
    weeks = []
    for number in range(WEEKS):
        asked = {
            question: matter
            for matter, wordings in enumerate(MATTERS)
            if number >= WEEKS // 2 or matter not in NEW_FROM_WEEK_FOUR
            for question in dice.sample(wordings, A_WEEK)
        }
        result = site.run(asked)
        topics = {question: result.topic_of[question.lower()] for question in asked}
        weeks.append(Week(topics, asked, result.merged, {topic.id: topic.name for topic in site.topics.values()}))
    return weeks


def test_a_matter_is_the_same_topic_in_the_next_week() -> None:
    same = [
        before.largest(matter) == after.largest(matter)
        for before, after in zip(six_weeks(), six_weeks()[1:], strict=False)
        for matter in set(before.matters.values())
    ]

    assert len(same) == 54
    assert sum(same) >= 51


def test_questions_of_two_weeks_meet_in_a_topic_where_they_mean_the_same() -> None:
    right = together = alike = 0
    for before, after in zip(six_weeks(), six_weeks()[1:], strict=False):
        for question, topic in before.topics.items():
            for later, its in after.topics.items():
                is_alike = before.matters[question] == after.matters[later]
                alike += is_alike
                together += topic == its
                right += is_alike and topic == its

    assert right / together >= 0.95
    assert right / alike >= 0.8


def test_no_topic_changes_its_name() -> None:
    weeks = six_weeks()

    for before, after in itertools.pairwise(weeks):
        assert {topic: after.names.get(topic) for topic in before.names} == before.names


def test_what_is_asked_for_the_first_time_in_the_fourth_week_founds_topics() -> None:
    third, fourth = six_weeks()[2:4]

    for matter in NEW_FROM_WEEK_FOUR:
        assert fourth.largest(matter) not in third.names


def test_topics_of_different_matters_are_not_merged() -> None:
    assert [pair for week in six_weeks() for pair in week.merged] == []


def test_two_topics_of_one_matter_become_one_and_it_is_said() -> None:
    site = Site()
    for number, half in enumerate((MATTERS[0][:6], MATTERS[0][6:]), 1):
        founded = Site()
        topic = Counter(founded.run(dict.fromkeys(half, 0)).topic_of.values()).most_common(1)[0][0]
        site.topics[number] = replace(founded.topics[topic], id=number, week="2026-W40")
    names = [topic.name for topic in site.topics.values()]

    result = site.run(dict.fromkeys(MATTERS[0][::3], 0))

    assert [set(pair) for pair in result.merged] == [set(names)]
    assert len(result.gone) == 1
    assert len(site.topics) == 1
    assert Counter(result.topic_of.values()).most_common(1)[0][0] in site.topics
