"""Who asks in the demo: made-up people with a browser, a country and a language, and a few bots."""

import random
from dataclasses import dataclass

from stack.sample_traffic.visits import BOT, COUNTRIES, REFERRERS, USER_AGENTS

_LANGUAGES = {"en": 0.72, "de": 0.12, "fr": 0.06, "es": 0.04, "it": 0.03, "pt": 0.03}
_BOT_SHARE = 0.03


@dataclass(frozen=True)
class Visitor:
    """One visitor in one session."""

    session: str
    address: str
    """Of the block for documentation, RFC 5737."""
    country: str
    language: str
    user_agent: str
    referrer: str | None

    @property
    def is_bot(self) -> bool:
        """Whether it is a program that says so."""
        return self.user_agent == BOT

    @property
    def tag(self) -> str:
        """The language and the country, as a browser names them."""
        return f"{self.language}-{self.country}"

    def headers(self) -> dict[str, str]:
        """Return the request headers with which Cloudflare would pass a question on."""
        headers = {
            "Accept-Language": self.tag,
            "CF-Connecting-IP": self.address,
            "CF-IPCountry": self.country,
            "User-Agent": self.user_agent,
        }
        return headers | ({"Referer": self.referrer} if self.referrer else {})


def visitor(chance: random.Random) -> Visitor:
    """Make one up."""
    language = chance.choices(list(_LANGUAGES), list(_LANGUAGES.values()))[0]
    return Visitor(
        session=f"{chance.getrandbits(64):016x}",
        address=f"203.0.113.{chance.randrange(1, 255)}",
        country=chance.choice(COUNTRIES[language]),
        language=language,
        user_agent=BOT if chance.random() < _BOT_SHARE else chance.choice(USER_AGENTS),
        referrer=chance.choice(REFERRERS),
    )
