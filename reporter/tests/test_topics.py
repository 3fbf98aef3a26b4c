from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.topics import following, grouping
from reporter.topics.clustering import average_linkage, likenesses, mix_in_neighbours
from reporter.topics.encoder import SentenceEncoder, sentence_encoder
from reporter.topics.following import follow
from reporter.topics.grouping import grouped
from reporter.topics.languages import script_of, understood
from reporter.topics.sizes import least_mixed, neighbours_share
from reporter.topics.sorting import sort_questions
from reporter.topics.text import tidied, within_bounds
from reporter.topics.topic import Topic
from reporter.topics.vectors import damped, neutral_mean, normalised, packed, unpacked
from reporter.topics.wordings import Wording

if TYPE_CHECKING:
    from reporter.topics.followed import Followed

WEEK = 7 * 86_400_000
NOW = 1_795_000_000_000

PARCEL = ["Where is my order?", "I still haven't received my package", "can you track my parcel"]
PASSWORD = ["I forgot my password", "forgotten password", "I cannot remember my password"]
RETURN = ["How do I return something I bought?", "I want to send an item back", "what is your return policy"]


@cache
def encoder() -> SentenceEncoder:
    found = sentence_encoder()
    assert found is not None
    return found


def wordings(*texts: str, count: int = 3, at: int = NOW) -> list[Wording]:
    return [Wording(text.lower(), text, at, count, count) for text in texts]


def ids_by_text(followed: Followed, *texts: str) -> list[int]:
    return [followed.topic_of[text.lower()] for text in texts]


def test_wordings_with_one_meaning_are_one_topic_and_others_are_not() -> None:
    result = sort_questions([(text, 1) for text in PARCEL + PASSWORD + RETURN], encoder())

    names = [topic for topic, _ in result.places]
    assert len({*names[3:6]}) == 1
    assert {*names[:3]}.isdisjoint({*names[3:6], *names[6:]})
    assert result.by_meaning


def test_a_topic_is_named_by_a_real_question() -> None:
    result = sort_questions([(text, 1) for text in PARCEL + PASSWORD + RETURN], encoder())

    assert {topic for topic, _ in result.places} <= {*PARCEL, *PASSWORD, *RETURN}


@pytest.mark.parametrize(
    "questions",
    [
        ["मैं पासवर्ड भूल गया", "पासवर्ड भूल गया हूँ", "दुकान कितने बजे खुलती है", "दुकान कब खुलती है"],
        ["שכחתי את הסיסמה", "הסיסמה שלי נשכחה", "מתי נפתחת החנות", "האם החנות נפתחת ביום ראשון"],
        ["Ξέχασα τον κωδικό μου", "χρειάζομαι νέο κωδικό", "τι ώρα ανοίγει το κατάστημα", "είναι ανοιχτό το κατάστημα"],
    ],
    ids=["Hindi", "Hebrew", "Greek"],
)
def test_a_language_that_the_encoder_does_not_know_is_grouped_by_words(questions: list[str]) -> None:
    short = [tidied(question) for question in questions]

    clusters = grouped(questions, encoder()).clusters

    assert not any(understood(short, encoder().encode(short)))
    assert sorted(cluster.members for cluster in clusters) == [[0, 1], [2, 3]]


def test_languages_that_the_encoder_knows_are_told_from_those_it_does_not() -> None:
    known = [
        "Wo ist meine Bestellung",
        "Siparişim nerede",
        "注文はどこですか",
        "где мой заказ",
        "أين طلبي",
        "제 주문 어디 있나요",
    ]
    unknown = ["Jag har inte fått mitt paket", "Kde je moje objednávka", "Де моє замовлення", "Đơn hàng của tôi ở đâu"]

    assert all(understood(known, encoder().encode(known)))
    assert not any(understood(unknown, encoder().encode(unknown)))
    assert script_of("Πού είναι") == "other"


def test_without_the_encoder_topics_are_made_of_shared_words() -> None:
    result = sort_questions([("reset my password", 1), ("password reset link", 1), ("opening hours", 1)], None)

    assert not result.by_meaning
    assert result.places[0][0] == result.places[1][0] != result.places[2][0]


def test_a_topic_keeps_its_id_and_its_name_over_the_weeks() -> None:
    first = follow(wordings(*PARCEL, *PASSWORD), (), encoder(), "2026-W40", NOW)

    later = follow(
        wordings("where is my order please", "Where is my order?", "password forgotten", at=NOW + WEEK),
        first.kept, encoder(), "2026-W41", NOW + WEEK,
    )  # fmt: skip

    parcel, password = ids_by_text(first, PARCEL[0], PASSWORD[0])
    assert ids_by_text(later, "where is my order please", "Where is my order?") == [parcel, parcel]
    assert ids_by_text(later, "password forgotten") == [password]
    assert later.topics[parcel].name == first.topics[parcel].name
    assert later.topics[parcel].count > first.topics[parcel].count


def test_a_second_run_of_the_same_week_changes_nothing() -> None:
    asked = wordings(*PARCEL, *PASSWORD, *RETURN)
    first = follow(asked, (), encoder(), "2026-W40", NOW)

    second = follow(asked, first.kept, encoder(), "2026-W40", NOW)

    assert second.kept == []
    assert second.gone == []
    assert second.topic_of == first.topic_of


def test_topics_that_have_grown_together_are_merged_and_it_is_said() -> None:
    first = follow(wordings(*PASSWORD), (), encoder(), "2026-W40", NOW)
    topic = first.topics[ids_by_text(first, PASSWORD[0])[0]]
    twin = replace(topic, id=topic.id + 1, name="password?", count=1, keys=())

    later = follow(wordings(*PASSWORD, at=NOW + WEEK), [topic, twin], encoder(), "2026-W41", NOW + WEEK)

    assert later.merged == [(topic.name, "password?")]
    assert later.gone == [twin.id]
    assert ids_by_text(later, PASSWORD[0]) == [topic.id]


def test_a_topic_takes_a_new_name_before_its_old_words_are_90_days_old() -> None:
    first = follow(wordings(*PASSWORD), (), encoder(), "2026-W40", NOW)
    later_ms = NOW + 12 * WEEK

    later = follow(wordings("forgot the password", at=later_ms), first.kept, encoder(), "2026-W52", later_ms)

    (number,) = ids_by_text(later, "forgot the password")
    assert number == ids_by_text(first, PASSWORD[0])[0]
    assert later.topics[number].name == "forgot the password"


def test_a_topic_that_nobody_asks_about_is_gone_after_90_days() -> None:
    first = follow(wordings(*PASSWORD), (), encoder(), "2026-W40", NOW)

    later = follow((), first.kept, encoder(), "2027-W01", NOW + 13 * WEEK)

    assert later.gone == [topic.id for topic in first.kept]


def test_the_number_of_topics_and_the_bytes_of_each_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "KEPT", 5)
    texts = [f"{word} {'ж' * 400}" for word in ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]]

    result = follow(wordings(*texts), (), None, "2026-W40", NOW)

    assert len(result.kept) == 5
    assert all(len(topic.centre) <= 512 and len(topic.keys) <= 8 for topic in result.kept)


def test_the_readme_states_the_thresholds_in_use() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")

    among_few, among_many = (least_mixed(count, neighbours_share(count)) for count in (24, 3_000))
    assert f"{among_few:g} for two dozen, {among_many:g} from 3,000 on" in readme


def test_rows_with_the_same_neighbours_are_alike_and_rows_with_none_in_common_are_not() -> None:
    generator = np.random.default_rng(5)
    middles = np.repeat(np.eye(3, 16), 4, axis=0)
    vectors = normalised((middles + 0.1 * generator.normal(size=(12, 16))).astype(np.float32))
    alike = vectors @ vectors.T

    mix_in_neighbours(alike, 1.0, 3)

    ours = np.repeat(np.arange(3), 4)
    assert np.allclose(alike, ours[:, None] == ours)


def test_damping_takes_off_what_differs_between_wordings_and_no_more() -> None:
    around = encoder().encode([*PARCEL, *PASSWORD, *RETURN]) - neutral_mean()

    lengths = [np.linalg.norm(damped(around, share), axis=1) for share in (0.0, 0.5, 1.0)]

    assert np.allclose(lengths[0], np.linalg.norm(around, axis=1))
    assert (lengths[2] < lengths[1]).all()
    assert (lengths[1] < lengths[0]).all()
    assert (lengths[2] > lengths[0] / 2).all()


def test_average_linkage_joins_what_is_on_average_alike() -> None:
    generator = np.random.default_rng(5)
    vectors = normalised(generator.normal(size=(60, 8)).astype(np.float32))
    least = 0.3

    clusters = average_linkage(likenesses(vectors, 0, 3), least)

    assert sorted(number for cluster in clusters for number in cluster) == list(range(60))
    for one, other in combinations(clusters, 2):
        assert float((vectors[one] @ vectors[other].T).mean()) < least + 1e-5


def test_two_rows_that_would_be_alone_are_a_pair_from_less_likeness_and_nothing_else_changes() -> None:
    generator = np.random.default_rng(7)
    vectors = normalised(generator.normal(size=(60, 8)).astype(np.float32))

    strict = average_linkage(vectors @ vectors.T, 0.6)
    clusters = average_linkage(vectors @ vectors.T, 0.6, least_of_pairs=0.4)

    alone = [number for cluster in strict if len(cluster) == 1 for number in cluster]
    assert [cluster for cluster in strict if len(cluster) > 1] == [
        each for each in clusters if each in strict and len(each) > 1
    ]
    pairs = [cluster for cluster in clusters if cluster not in strict]
    assert pairs
    assert all(len(pair) == 2 and set(pair) <= set(alone) for pair in pairs)
    assert all(0.4 <= vectors[one] @ vectors[other] < 0.6 for one, other in pairs)
    assert sorted(number for cluster in clusters for number in cluster) == list(range(60))


def test_questions_beyond_those_compared_at_once_join_them_or_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "COMPARED", 4)
    texts = [*PARCEL[:2], *PASSWORD[:2], *PARCEL[2:], *PASSWORD[2:], *RETURN]

    topics = [topic for topic, _ in sort_questions([(text, 1) for text in texts], encoder()).places]

    assert topics[2] == topics[3] == topics[5]
    assert {*topics[6:]}.isdisjoint(topics[:6])


def test_clusters_do_not_depend_on_the_order_of_the_questions() -> None:
    texts = PARCEL + PASSWORD + RETURN
    shuffled = random.Random(3).sample(texts, len(texts))

    def sets(questions: list[str]) -> set[frozenset[str]]:
        clusters = grouped(questions, encoder()).clusters
        return {frozenset(questions[number] for number in cluster.members) for cluster in clusters}

    assert sets(texts) == sets(shuffled)


def test_a_packed_centre_is_the_same_but_for_its_last_digits() -> None:
    (vector,) = encoder().encode(["Where is my order?"])

    again = unpacked(packed(vector))

    assert len(packed(vector)) == 512
    assert float(normalised(again) @ vector) > 0.999


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=8))
def test_whatever_visitors_type_is_in_exactly_one_topic(questions: list[str]) -> None:
    for model in (encoder(), None):
        clusters = grouped(questions, model).clusters

        assert sorted(number for cluster in clusters for number in cluster.members) == list(range(len(questions)))


@pytest.mark.parametrize("text", ["", " ", "😀😀😀", "\ud800", "\x00", "\u200b", "ℍ" * 400, "a" * 100_000, "१२३", "?!"])
def test_odd_texts_are_followed_without_a_failure(text: str) -> None:
    result = follow([Wording("k", text, NOW, 1, 1), *wordings(*PARCEL)], (), encoder(), "2026-W40", NOW)

    assert "k" in result.topic_of


def test_a_topic_made_of_words_is_known_again_by_its_wordings() -> None:
    question = "Kde najdu své objednávky, když ještě nedošly?"
    first = follow(wordings(question), (), encoder(), "2026-W40", NOW)
    (topic,) = first.kept
    assert topic.centre == b""

    later = follow(
        wordings(question, at=NOW + WEEK),
        [topic],
        encoder(),
        "2026-W41",
        NOW + WEEK,
    )

    assert list(later.topics) == [topic.id]
    assert isinstance(later.topics[topic.id], Topic)


def test_usual_questions_all_have_a_vector_and_gibberish_a_bounded_number() -> None:
    usual = ["Wie kann ich meine Bestellung ändern?", "配送状況を確認したいです"] * 3_000
    gibberish = [f"{number} " + "漢" * 400 for number in range(6_000)]

    assert len(within_bounds(usual)) == 6_000
    assert sum(len(text.encode()) for text in within_bounds(gibberish)) <= 600_000
