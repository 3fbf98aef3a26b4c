"""Derives device and bot rule from a user agent.

The rules are those of two maintained libraries. Both read large tables, so they are imported when the first user agent
comes, not when the function starts.
"""

import re
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, TypeAlias

Device: TypeAlias = Literal["desktop", "phone", "tablet", "program", "other"]

_DESKTOP_SYSTEMS = frozenset(
    {"Windows", "Mac OS X", "Linux", "Ubuntu", "Debian", "Fedora", "Red Hat", "FreeBSD", "OpenBSD", "Chrome OS"}
)
_HTTP_LIBRARY = "http-library"
_SAYS_BOT = re.compile("bot|crawl|spider|scrap", re.IGNORECASE)
_NOTHING: MappingProxyType[str, str] = MappingProxyType({})


@lru_cache(maxsize=1024)
def visitor_attributes(user_agent: str) -> MappingProxyType[str, str]:
    """Return the attributes `device` and, for bots only, `bot`; none where no user agent was sent."""
    if not user_agent:
        return _NOTHING
    if is_program(user_agent):
        return MappingProxyType({"device": "program"})
    rule = bot_rule(user_agent)
    return MappingProxyType({"device": device_of(user_agent)} | ({"bot": rule} if rule else {}))


def device_of(user_agent: str) -> Device:
    """Return the kind of device, from the operating system and device family that ua-parser finds.

    On Android, browsers say "Mobile" on a phone and leave it out on a tablet
    (developer.chrome.com/docs/multidevice/user-agent).
    """
    from ua_parser import parse  # noqa: PLC0415 - see the module's docstring

    result = parse(user_agent)
    system = result.os.family if result.os else ""
    family = result.device.family if result.device else ""
    if family == "iPad":
        return "tablet"
    if system == "iOS" or family in {"iPhone", "iPod"}:
        return "phone"
    if system == "Android":
        return "phone" if "Mobile" in user_agent else "tablet"
    return "desktop" if system in _DESKTOP_SYSTEMS else "other"


def is_program(user_agent: str) -> bool:
    """Return whether this is curl, an HTTP library or their like: programs are an API's visitors, and no bots.

    Those that the library knows are tagged in its table. Others name themselves plainly, where browsers, and crawlers
    that want to be taken for one, begin with "Mozilla/".
    """
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA, matching_crawlers  # noqa: PLC0415 - see the module's docstring

    matches = matching_crawlers(user_agent)
    if matches:
        return all(_HTTP_LIBRARY in CRAWLER_USER_AGENTS_DATA[match]["tags"] for match in matches)
    plain = not user_agent.startswith("Mozilla/") and not _SAYS_BOT.search(user_agent)
    return plain and device_of(user_agent) == "other"


def bot_rule(user_agent: str) -> str | None:
    """Return the first rule that matches a bot (crawler-user-agents' patterns, then ua-parser's spider), or None."""
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA, matching_crawlers  # noqa: PLC0415 - see the module's docstring
    from ua_parser import parse_device  # noqa: PLC0415 - see the module's docstring

    matches = matching_crawlers(user_agent)
    if matches:
        return f"crawler-user-agents: {CRAWLER_USER_AGENTS_DATA[matches[0]]['pattern']}"
    device = parse_device(user_agent)
    return "ua-parser: Spider" if device and device.family == "Spider" else None
