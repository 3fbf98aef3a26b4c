"""Five weeks of a made-up shop, the same at every run: what the golden report is made of."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from stored import item

SITE = "shop.example.com"
WEEK = "2026-W46"

# Subject: wordings, share of good answers, source, how often in a week.
SUBJECTS: list[tuple[list[str], float, str | None, float]] = [
    (["Where is my parcel?", "where's my parcel", "Where is my parcle?"], 0.95, "shipping", 60),
    (["How do I return an item?", "return item how", "Returning items?"], 0.9, "returns", 45),
    (["What does shipping cost?", "shipping costs", "How much is shipping?"], 0.97, "shipping", 40),
    (["Do you deliver to Norway?", "delivery to norway", "deliver Norway"], 0.15, None, 24),
    (["Can I pay by invoice?", "pay by invoice", "invoice payment"], 0.4, "payment", 20),
    (["Which payment methods are there?", "payment methods"], 0.92, "payment", 18),
    (["Is the oak table in stock?", "oak table in stock"], 0.7, "stock", 14),
    (["Can I change my address after ordering?", "change address after order"], 0.3, None, 12),
    (["Is there a discount for students?", "student discount"], 0.9, "discounts", 10),
    (["How long is the guarantee?", "guarantee how long"], 0.88, "guarantee", 9),
    (["Why was my card declined?", "card declined why"], 0.2, "payment", 8),
    (["Wie lange dauert der Versand?", "Versand dauert wie lange"], 0.8, "shipping", 7),
    (["¿Cómo devuelvo un artículo?", "devolver articulo"], 0.75, "returns", 5),
    (["Do you ship plants in winter?"], 0.5, "shipping", 3),
    (["Can the sofa be delivered upstairs?"], 0.6, None, 3),
]
COMMENTS = {
    "down": ["This did not tell me the price.", "I asked about Norway, not Sweden!", "outdated"],
    "up": ["Thanks, quick and clear.", "Perfect"],
}
HOURS = [1, 1, 0, 0, 0, 1, 3, 8, 14, 18, 20, 19, 16, 17, 18, 16, 14, 12, 15, 20, 22, 16, 9, 4]


def five_weeks(seed: int = 1) -> list[dict[str, Any]]:
    """Items of the week and the four before it."""
    chance = random.Random(seed)
    monday = date.fromisocalendar(2026, 46, 1)
    items: list[dict[str, Any]] = []
    for ago, busy in ((4, 0.8), (3, 0.85), (2, 0.9), (1, 0.92), (0, 1.15)):
        items += _week(chance, monday - timedelta(weeks=ago), busy, fixed=ago == 0)
    _number_events(chance, items)
    return items


def _week(chance: random.Random, monday: date, busy: float, *, fixed: bool) -> list[dict[str, Any]]:
    items = []
    for subject, (wordings, good, source, often) in enumerate(SUBJECTS):
        quality = 1.0 if fixed and source == "discounts" else good
        if not fixed and source == "discounts":
            quality = 0.1
        times = round(often * busy * chance.uniform(0.85, 1.15))
        items += [_exchange(chance, monday, wordings, quality, source, subject) for _ in range(times)]
    for number in range(4):
        asked = f"{monday + timedelta(days=number)}T11:0{number}"
        session = f"again-{monday}-{number}"
        first = {"session": session, "visitor": f"{number:016x}", "country": "NO"}
        items.append(item(asked, "send to oslo norway", "unanswered", site=SITE, **first))
        asked = f"{monday + timedelta(days=number)}T11:0{number + 2}"
        outcome = "answered" if number % 2 else "unanswered"
        items.append(item(asked, "shipping abroad oslo norway", outcome, site=SITE, **first))
    rules = ("crawler: Googlebot", "library: python-requests")
    items += [
        item(
            f"{monday + timedelta(days=number % 7)}T03:{number:02d}",
            "/wp-login.php",
            "unanswered",
            site=SITE,
            bot=rules[number % 2],
        )
        for number in range(9)
    ]
    return items


def _exchange(
    chance: random.Random,
    monday: date,
    wordings: list[str],
    quality: float,
    source: str | None,
    subject: int,
) -> dict[str, Any]:
    day = monday + timedelta(days=chance.choices(range(7), [9, 10, 9, 8, 7, 4, 3])[0])
    hour = chance.choices(range(24), HOURS)[0]
    asked = f"{day}T{hour:02d}:{chance.randrange(60):02d}:{chance.randrange(60):02d}"
    worse = ["unanswered", "unanswered", "partial", "error", "abandoned", "refused"]
    outcome = "answered" if chance.random() < quality else chance.choice(worse)
    visitor = chance.randrange(400)
    total = chance.lognormvariate(6.4, 0.5) * (6 if outcome == "abandoned" else 1)
    more: dict[str, Any] = {
        "session": f"s{day}-{visitor}-{subject}",
        "visitor": f"{visitor:012x}{day:%m%d}",
        "country": chance.choices(["GB", "DE", "NO", "ES", "XX"], [50, 20, 12, 8, 2])[0],
        "language": chance.choices(["en-GB", "de", "nb-NO", "es-ES"], [60, 20, 12, 8])[0],
        "device": chance.choices(["phone", "desktop", "tablet"], [60, 35, 5])[0],
        "latency_ms": {
            "total": round(total, 1),
            "retrieval": round(total * 0.05, 1),
            "model": round(total * 0.9, 1),
        },
        "model": {
            "name": "llama-3.1-8b", "input_tokens": 900, "output_tokens": 120, "cost_usd": 0.0002,
        },
        "cache": chance.choices(["hit", "miss"], [1, 4])[0],
    }  # fmt: skip
    if chance.random() < 0.4:
        more["referrer"] = chance.choice(["www.example.com", "search.example.org"])
    if source and outcome in {"answered", "partial"}:
        more["sources"] = [source]
    if chance.random() < 0.12:
        more["rating"] = "up" if outcome == "answered" and chance.random() < 0.85 else "down"
        if chance.random() < 0.4:
            more["comment"] = chance.choice(COMMENTS[more["rating"]])
    return item(asked, chance.choice(wordings), outcome, site=SITE, **more)


def _number_events(chance: random.Random, items: list[dict[str, Any]]) -> None:
    """Number the events by isolate in the order of asking and lose a few, as it happens."""
    items.sort(key=lambda each: each["sk"])
    sequences: dict[str, int] = {}
    for each in items:
        isolate = f"iso{each['pk'][-10:].replace('-', '')}{chance.randrange(3)}"
        lost = 1 if chance.random() < 0.002 else 0
        sequences[isolate] = sequences.get(isolate, 0) + 1 + lost
        each["origins"] = {f"{isolate}/{sequences[isolate]}" + ("/1" if lost else "")}
