"""Derives device and bot rule from a user agent.

The rules are those of two maintained libraries. Both read large tables, so they are imported when the first user agent
comes, not when the function starts.
"""

import re
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from ua_parser import Parser

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
    if is_of_family(user_agent, "iPad"):
        return "tablet"
    found = _parser().parse_os(user_agent)
    system = found.family if found else ""
    if system == "iOS" or is_of_family(user_agent, "iPhone") or is_of_family(user_agent, "iPod"):
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

    matches = matching_crawlers(user_agent)
    if matches:
        return f"crawler-user-agents: {CRAWLER_USER_AGENTS_DATA[matches[0]]['pattern']}"
    return "ua-parser: Spider" if is_of_family(user_agent, "Spider") else None


def is_of_family(user_agent: str, family: str) -> bool:
    """Return whether this is the device family that ua-parser finds.

    Most devices match none or a late one of its 600 patterns, and compiling them all takes longer than everything else
    that the function does with its first message. So those few are tried first that can give this family.
    """
    if family not in user_agent and not _candidates(family).parse_device(user_agent):
        return False
    device = _parser().parse_device(user_agent)
    return device is not None and device.family == family


@cache
def _parser() -> "Parser":
    """Return a parser that compiles each pattern at its first use; results are kept by `visitor_attributes`."""
    from ua_parser import BasicResolver, Parser, load_lazy_builtins  # noqa: PLC0415 - see the module's docstring

    return Parser(BasicResolver(load_lazy_builtins()))


@cache
def _candidates(family: str) -> "Parser":
    """Return a parser of the devices that may be of this family where the user agent does not have its name."""
    from ua_parser import BasicResolver, Parser  # noqa: PLC0415 - see the module's docstring
    from ua_parser_builtins.lazy import MATCHERS  # noqa: PLC0415 - see the module's docstring

    _, _, devices = MATCHERS
    return Parser(BasicResolver(([], [], [device for device in devices if may_name(device.family, family)])))


def may_name(template: str, family: str) -> bool:
    """Return whether ua-parser's template of a family can give this one where the user agent does not have its name.

    It is the name itself, or joins two pieces of the user agent. Any other template gives a piece as it is, or with
    words or a space that no name asked for here has.
    """
    return template == family or template.startswith("$1$2")
