"""Events as hypothesis draws them: few ids, sites and times, so that they meet and contradict one another."""

from typing import Any, TypeAlias

from hypothesis import strategies as st

Event: TypeAlias = dict[str, Any]

IDS = ("019aa6c5-1c00-7abc-8def-0123456789ab", "019aa6c5-1c00-7abc-8def-00000000000b")
SITES = ("docs.example.com", "shop.example.com")
USER_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
)

times = st.integers(1_763_734_526_970, 1_763_734_526_973)
texts = st.text(st.characters(codec="utf-8") | st.sampled_from("\ud800\udfff\x00"), max_size=20)
numbers = st.floats(0, 1) | st.integers(0, 1)
durations = st.floats(0, 86_400_000) | st.integers(0, 86_400_000)
tokens = st.integers(0, 100_000_000)

origins = st.fixed_dictionaries(
    {"isolate": st.sampled_from(["k3x9q2ab", "0000"]), "sequence": st.integers(1, 9)},
    optional={"lost_before": st.integers(0, 2), "waiting": st.integers(0, 2)},
)

exchanges: st.SearchStrategy[Event] = st.fixed_dictionaries(
    {
        "type": st.just("exchange"),
        "id": st.sampled_from(IDS),
        "site": st.sampled_from(SITES),
        "asked_at": times,
        "outcome": st.sampled_from(["answered", "partial", "unanswered", "refused", "error", "abandoned"]),
        "origin": origins,
    },
    optional={
        "question": texts.filter(len),
        "answer": texts,
        "score": numbers,
        "sources": st.lists(texts.filter(len), max_size=3),
        "latency_ms": st.fixed_dictionaries({"total": durations}, optional={"retrieval": durations, "extra": texts}),
        "model": st.fixed_dictionaries(
            {"name": texts.filter(len)}, optional={"input_tokens": tokens, "cost_usd": st.floats(0, 10_000)}
        ),
        "cache": st.sampled_from(["hit", "miss"]),
        "country": st.sampled_from(["GB", "XX"]),
        "user_agent": st.sampled_from(USER_AGENTS),
        "sample_rate": st.floats(0.0001, 1),
        "unknown": texts,
    },
)
feedbacks: st.SearchStrategy[Event] = st.fixed_dictionaries(
    {
        "type": st.just("feedback"),
        "id": st.sampled_from(IDS),
        "site": st.sampled_from(SITES),
        "rating": st.sampled_from(["up", "down"]),
        "sent_at": times,
        "origin": origins,
    },
    optional={"comment": texts},
)
events: st.SearchStrategy[Event] = exchanges | feedbacks

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(texts, children, max_size=4),
    max_leaves=12,
)
