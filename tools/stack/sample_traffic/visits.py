"""Visitors who ask what people really asked, and rate what they get by what people really answered.

Who they are is made up; what they say and what they think of the answer is not.
"""

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from stack.sample_traffic.corpus import Conversation, conversations, good_answers

_MILLISECONDS_A_DAY = 86_400_000
COUNTRIES = {
    "en": ("GB", "US", "IE", "IN", "AU"),
    "fr": ("FR", "BE", "CA"),
    "de": ("DE", "AT", "CH"),
    "it": ("IT", "CH"),
    "pt": ("PT", "BR"),
    "es": ("ES", "MX", "AR"),
}
_LANGUAGE_SHARES = {"en": 0.86, "fr": 0.03, "de": 0.03, "it": 0.03, "pt": 0.02, "es": 0.03}
REFERRERS = (
    "https://www.example.com/help",
    "https://search.example.org/results?q=help",
    "https://forum.example.net/t/42",
    None,
)
_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5"
_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"
USER_AGENTS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_BLINK} Safari/537.36",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Safari/605.1.15",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {_WEBKIT} Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 10; K) {_BLINK} Mobile Safari/537.36",
    f"Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) {_WEBKIT} Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
)
BOT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"
_BOT_SHARE = 0.02
_LONGEST_SESSION = 5
_RATING_SHARE = 0.15
HOURS = (1, 1, 1, 1, 1, 2, 3, 5, 8, 10, 10, 9, 8, 9, 10, 10, 9, 7, 6, 6, 5, 4, 3, 2)
"""When people ask: weights for the hours of a day, UTC."""


@dataclass(frozen=True)
class Visit:
    """One question of one visitor."""

    question: str
    session: str
    address: str
    country: str
    language: str
    user_agent: str
    referrer: str | None
    asked_at: int
    """Unix epoch milliseconds."""
    rates: bool
    """Whether the visitor says if the answer helped."""

    def rating(self, answer: str) -> Literal["up", "down"]:
        """Return the visitor's rating of an answer: up for one that people gave, too."""
        return "up" if answer in good_answers()[self.question] else "down"

    def headers(self) -> dict[str, str]:
        """Return the request headers with which Cloudflare would pass it on."""
        headers = {
            "Accept-Language": self.language,
            "CF-Connecting-IP": self.address,
            "CF-IPCountry": self.country,
            "Content-Type": "application/json",
            "User-Agent": self.user_agent,
        }
        return headers | ({"Referer": self.referrer} if self.referrer else {})


def visits(count: int, *, begin: int, end: int, seed: int) -> list[Visit]:
    """Return visits between two times, the same ones for the same arguments, in order of time.

    Args:
        count: how many questions are asked.
        begin: Unix epoch milliseconds, included.
        end: Unix epoch milliseconds, excluded.
        seed: of the random choices.
    """
    chance = random.Random(seed)  # noqa: S311 - chance need not be secret
    found: list[Visit] = []
    while len(found) < count:
        found.extend(_session(chance, begin, end))
    return sorted(found[:count], key=lambda visit: visit.asked_at)


def _session(chance: random.Random, begin: int, end: int) -> Iterator[Visit]:
    language = chance.choices(list(_LANGUAGE_SHARES), list(_LANGUAGE_SHARES.values()))[0]
    country = chance.choice(COUNTRIES[language])
    session = f"{chance.getrandbits(64):016x}"
    address = f"203.0.113.{chance.randrange(1, 255)}"  # the block for documentation, RFC 5737
    user_agent = BOT if chance.random() < _BOT_SHARE else chance.choice(USER_AGENTS)
    referrer = chance.choice(REFERRERS)
    asked_at = _moment(chance, begin, end)
    for conversation in chance.choices(_spoken_in(language), k=chance.randint(1, _LONGEST_SESSION)):
        yield Visit(
            question=conversation.question,
            session=session,
            address=address,
            country=country,
            language=f"{language}-{country}",
            user_agent=user_agent,
            referrer=referrer,
            asked_at=asked_at,
            rates=user_agent != BOT and chance.random() < _RATING_SHARE,
        )
        asked_at = min(asked_at + chance.randrange(8_000, 120_000), end - 1)


@cache
def _spoken_in(language: str) -> tuple[Conversation, ...]:
    return tuple(conversation for conversation in conversations() if conversation.language == language)


def _moment(chance: random.Random, begin: int, end: int) -> int:
    if end - begin < _MILLISECONDS_A_DAY:
        return chance.randrange(begin, end)
    day = chance.randrange((end - begin) // _MILLISECONDS_A_DAY)
    hour = chance.choices(range(24), HOURS)[0]
    return begin + day * _MILLISECONDS_A_DAY + hour * 3_600_000 + chance.randrange(3_600_000)


def monday(moment: datetime.datetime, *, weeks_before: int = 0) -> datetime.datetime:
    """Return the beginning of the ISO week of a moment, or of one some weeks before, in the moment's time zone."""
    day = moment.date() - datetime.timedelta(days=moment.weekday(), weeks=weeks_before)
    return datetime.datetime.combine(day, datetime.time(), tzinfo=moment.tzinfo)


def milliseconds(moment: datetime.datetime) -> int:
    """Return Unix epoch milliseconds."""
    return round(moment.timestamp() * 1000)
