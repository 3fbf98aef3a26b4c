"""Topics from week to week: the same matter keeps its id and its name, what grows together is merged."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from reporter.topics.cluster import by_majority
from reporter.topics.followed import Followed
from reporter.topics.grouping import grouped
from reporter.topics.text import ENCODED
from reporter.topics.topic import Topic, joined
from reporter.topics.vectors import around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reporter.topics.cluster import Cluster
    from reporter.topics.encoder import SentenceEncoder
    from reporter.topics.wordings import Wording

# At most so many topics of a site are kept, each in an item of at most 1 KB.
KEPT: Final = 300
_MS_PER_DAY: Final = 86_400_000
_DAYS_WORDS_LIVE: Final = 90
_DAYS_UNTIL_NEXT_RUN: Final = 8
_WORTH_KEEPING: Final = 2
_LONGEST_NAME_BYTES: Final = 300

# How near two topics must be to be one, in parts of how near the members are to each other in the looser
# of them, and between these bounds: their members are not at hand to compare.
_LIKE_THEIR_MEMBERS: Final = 0.78
_LIKE_TO_MERGE: Final = 0.36
_LIKE_ENOUGH_TO_MERGE: Final = 0.648


def follow(
    wordings: Sequence[Wording],
    living: Sequence[Topic],
    encoder: SentenceEncoder | None,
    week: str,
    now_ms: int,
    *,
    most: int = ENCODED,
) -> Followed:
    """Return the topics of a week's wordings, among those that live and new ones.

    Running it again for the same week, with what it returned, changes no count and no centre. At most
    `most` texts are compared by meaning.
    """
    ranked = sorted(wordings, key=lambda wording: (-wording.count, -wording.total, wording.key))
    marks = [_mark(wording.key) for wording in ranked]
    owners = [number for number, wording in enumerate(ranked) for _ in wording.texts]
    texts = [text for wording in ranked for text in wording.texts]
    grouping = grouped(
        texts,
        encoder,
        living=living,
        keys=[marks[owner] for owner in owners],
        stems=[ranked[owner].key for owner in owners],
        most=most,
    )
    result = Followed(by_meaning=encoder is not None, around=grouping.around, understood=grouping.understood)
    result.mean = grouping.mean if encoder else None
    for row, owner in enumerate(owners[: len(grouping.around)]):
        result.rows.setdefault(ranked[owner].key, row)
    clusters = by_majority(grouping.clusters, owners)
    clusters = _merged(clusters, living, grouping.mean, len(texts), result)
    next_id = max((topic.id for topic in living), default=0) + 1
    passing = -1
    for cluster in clusters:
        members = [ranked[number] for number in cluster.members]
        topic = cluster.topic
        if topic is None:
            is_kept = sum(wording.total for wording in members) >= _WORTH_KEEPING
            topic = Topic(next_id if is_kept else passing, "", 0, cohesion=cluster.cohesion)
            next_id, passing = (next_id + 1, passing) if is_kept else (next_id, passing - 1)
        central = [ranked[number] for number in cluster.central]
        if topic.week < week:
            topic = topic.seen(cluster.vectors, [marks[number] for number in cluster.central], cluster.cohesion)
        topic = _counted(_named(topic, central, now_ms), members, week)
        result.topics[topic.id] = topic
        if cluster.middle is not None:
            result.middles[topic.id] = cluster.middle
        result.keys[topic.id] = [wording.key for wording in central]
        result.topic_of |= {wording.key: topic.id for wording in members}
    _keep(result, living, now_ms)
    return result


def _merged(
    clusters: list[Cluster], living: Sequence[Topic], mean: NDArray[np.float32], count: int, result: Followed
) -> list[Cluster]:
    """Join the clusters of living topics that have grown together."""
    topics = [topic for topic in living if topic.centre]
    if len(topics) < 2:  # noqa: PLR2004 - a pair
        return clusters
    cohesion = np.array([topic.cohesion for topic in topics], np.float32)
    within = np.minimum.outer(cohesion, cohesion) ** 2
    least = np.clip(_LIKE_THEIR_MEMBERS * within, _LIKE_TO_MERGE, _LIKE_ENOUGH_TO_MERGE)
    centres = around(np.stack([topic.mean for topic in topics]), mean, count) * cohesion[:, None]
    alike = np.triu(centres @ centres.T, 1)
    by_id = {topic.id: topic for topic in topics}
    for first, second in sorted(zip(*np.nonzero(alike >= least), strict=True), key=lambda pair: -alike[pair]):
        one, other = topics[first].id, topics[second].id
        if one not in by_id or other not in by_id:
            continue
        topic = joined(by_id.pop(one), by_id.pop(other))
        by_id[topic.id] = topic
        gone = other if topic.id == one else one
        names = {each.id: each.name for each in topics}
        result.merged.append((topic.name, names[gone]))
        result.gone.append(gone)
        clusters = _with(clusters, topic, gone)
    return clusters


def _with(clusters: list[Cluster], topic: Topic, gone: int) -> list[Cluster]:
    """Return the clusters with those of two topics as one."""
    ours = [each for each in clusters if each.topic and each.topic.id in {topic.id, gone}]
    if not ours:
        return clusters
    first = ours[0]
    for other in ours[1:]:
        first.members = sorted(first.members + other.members)
        first.central = first.central + other.central
        if first.vectors is not None and other.vectors is not None:
            first.vectors = np.concatenate([first.vectors, other.vectors])
    first.topic = topic
    return [each for each in clusters if each is first or each not in ours]


def _named(topic: Topic, central: Sequence[Wording], now_ms: int) -> Topic:
    """Return the topic under its name, or a new one where it has none or the old one's time is over."""
    again = [wording.asked_at_ms for wording in central if wording.text == topic.name]
    if again:
        topic = replace(topic, named_at_ms=max(topic.named_at_ms, *again))
    days_left = _DAYS_WORDS_LIVE - (now_ms - topic.named_at_ms) / _MS_PER_DAY
    if topic.name and days_left > _DAYS_UNTIL_NEXT_RUN:
        return topic
    fitting = [wording for wording in central if len(wording.text.encode("utf-8", "ignore")) <= _LONGEST_NAME_BYTES]
    best = (fitting or list(central))[0]
    return replace(topic, name=best.text, named_at_ms=best.asked_at_ms)


def _counted(topic: Topic, members: Sequence[Wording], week: str) -> Topic:
    if topic.week >= week:
        return topic
    since = sum(wording.count if topic.week else wording.total for wording in members)
    last = max(wording.asked_at_ms for wording in members)
    return replace(topic, count=topic.count + since, week=week, last_asked_ms=max(topic.last_asked_ms, last))


def _keep(result: Followed, living: Sequence[Topic], now_ms: int) -> None:
    """Choose what the table holds: what was asked in 90 days, and of that what is asked most."""
    merged = set(result.gone)
    every = {topic.id: topic for topic in living if topic.id not in merged} | result.topics
    oldest = now_ms - _DAYS_WORDS_LIVE * _MS_PER_DAY
    lasting = [
        topic for topic in every.values() if topic.id > 0 and min(topic.last_asked_ms, topic.named_at_ms) > oldest
    ]
    lasting.sort(key=lambda topic: (-topic.count, topic.id))
    before = {topic.id: topic for topic in living}
    result.kept = [topic for topic in lasting[:KEPT] if before.get(topic.id) != topic]
    staying = {topic.id for topic in lasting[:KEPT]}
    result.gone = sorted(before.keys() - staying)


def _mark(key: str) -> str:
    """Return eight characters that stand for a wording: hashed, so that no words are kept by it."""
    return f"{zlib.crc32(key.encode('utf-8', 'ignore')):08x}"
