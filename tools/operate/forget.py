"""Erases what is kept of a session or a visitor, on the person's request, and makes a receipt of it.

Five places hold it: the table, the dead-letter queue, the daily rollups that were made of the table, the reports that
were made of those, and topics that bear a question as their name. A rating names only the exchange that it belongs to,
so it is found by that. Afterwards all of the table and the queue is searched for what was typed and answered.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from operate.dead_letter_queue import DeadLetterQueue, Event
from operate.environment import OperationError
from operate.leftovers import leftovers, texts_of, waiting_in_outbox
from operate.stored_items import StoredItems, partition

Key = tuple[str, str]
_WORDS_OF_REPORT = ("html", "text", "subject")
# A topic's name is a question, of a long one the beginning.
_LEAST_OF_NAME = 100
_PAUSE_SECONDS = 3
"""After it, a read of the table that is not consistent sees what was erased."""
_TOLERANCE = timedelta(hours=1)
"""The reporter's rule: so far the time of asking may be from that of the id, and still be the one that counts."""
RollUp = Callable[[str, str], None]
"""Makes the rollup of a site and a local day again."""


@dataclass(frozen=True)
class Subject:
    """Whose data."""

    attribute: str
    """`session` or `visitor`, the same in events and in stored items."""
    name: str
    site: str | None = None
    """The only site, or None for all: sessions of two sites may have the same name."""

    def is_of(self, event: Event) -> bool:
        """Whether an event names the subject."""
        return event.get(self.attribute) == self.name and self.site in (None, event.get("site"))

    def owns(self, event: Event, ids: frozenset[str]) -> bool:
        """Whether an event names the subject or belongs to one of its exchanges, which these are the ids of."""
        return self.is_of(event) or _identifier(event) in ids


@dataclass(frozen=True)
class Found:
    """What there is of a subject."""

    keys: Sequence[Key]
    """Partition and sort key of each item of the table."""
    ids: frozenset[str]
    """The ids of all its exchanges."""
    events: int
    """How many events lie in the dead-letter queue."""
    questions: frozenset[str]
    """What was asked, as it was recorded."""
    texts: frozenset[str]
    """What was asked, answered and commented, as it was recorded."""
    unreadable: Sequence[str]
    """Ids of messages in the DLQ that cannot be read, but hold the subject's name: they are erased whole."""

    def __bool__(self) -> bool:
        return bool(self.keys or self.events or self.unreadable)


def find(subject: Subject, stored: StoredItems, dead_letters: DeadLetterQueue) -> Found:
    """Return what there is of a subject. Changes nothing."""
    letters = dead_letters.read_all()
    events = [event for letter in letters for event in letter.events]
    lost = [event for event in events if subject.is_of(event)]
    items = [
        item
        for item in stored.with_attribute(subject.attribute, subject.name)
        if subject.site is None or item[stored.keys.partition_key].startswith(f"site#{subject.site}#")
    ]
    keys = [(item[stored.keys.partition_key], item[stored.keys.sort_key]) for item in items]
    # Of an exchange that went to the DLQ, the rating may have been stored.
    keys += [key for key in map(_key, lost) if key and key not in keys and stored.holds(key)]
    ids = frozenset([key[1] for key in keys] + [name for name in map(_identifier, lost) if name])
    pages = [
        (page[stored.keys.partition_key], page[stored.keys.sort_key])
        for key in set(keys)
        for page in stored.origins_pages(key)
    ]
    mine = [*items, *(event for event in events if subject.owns(event, ids))]
    return Found(
        keys=sorted({*keys, *pages}),
        ids=ids,
        events=sum(1 for event in events if subject.owns(event, ids)),
        questions=frozenset(str(each["question"]) for each in mine if each.get("question")),
        texts=texts_of(mine),
        unreadable=[letter.id for letter in letters if letter.document is None and _names(letter.body, subject)],
    )


def _names(text: str, subject: Subject) -> bool:
    """Whether a text that cannot be read holds the subject's name."""
    return json.dumps(subject.name) in text


def _identifier(event: Event) -> str | None:
    """Return the id of an event's exchange, or None where the event is too malformed to have one."""
    identifier = event.get("id")
    return identifier if isinstance(identifier, str) and identifier else None


def _key(event: Event) -> Key | None:
    """Return the key of an event's item, or None where the event is too malformed to have one."""
    site, identifier = event.get("site"), _identifier(event)
    if not isinstance(site, str) or identifier is None:
        return None
    moment = _moment(identifier)
    return (partition(site, f"{moment:%Y-%m-%d}"), identifier) if moment else None


def _moment(identifier: str) -> datetime | None:
    """Return the time in a UUID version 7 (RFC 9562, section 5.7)."""
    try:
        return datetime.fromtimestamp(int(identifier.replace("-", "")[:12], 16) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def erase(
    subject: Subject,
    found: Found,
    stored: StoredItems,
    dead_letters: DeadLetterQueue,
    *,
    roll_up: RollUp,
    zone: ZoneInfo,
) -> dict[str, Any]:
    """Erase what was found and return a receipt.

    Args:
        subject: whose data.
        found: what `find` has returned for it.
        stored: where items are deleted.
        dead_letters: where events are taken out.
        roll_up: is called for every day whose rollup knows of what was erased.
        zone: that of the report, whose days the rollups are of.
    """
    for key in found.keys:
        stored.delete(key)
    events = dead_letters.erase(lambda event: subject.owns(event, found.ids), lambda text: _names(text, subject))
    days = sorted({(key[0].split("#")[1], day) for key in found.keys for day in _local_days(key[1], zone)})
    reports = [key for site in {site for site, _ in days} for key in _reports_since(site, days, stored)]
    for key in reports:
        stored.remove(key, _WORDS_OF_REPORT)
    topics = [key for site in {site for site, _ in days} for key in _topics_named(site, found.questions, stored)]
    for key in topics:
        stored.delete(key)
    refreshed, not_refreshed = _rolled_up(days, roll_up)
    items = list(stored.everything())
    left = _left(found, items, stored, dead_letters)
    if any("#rollup " in place for place in left):
        time.sleep(_PAUSE_SECONDS)
        refreshed, not_refreshed = _rolled_up(days, roll_up)
        left = _left(found, list(stored.everything()), stored, dead_letters)
    return {
        "erased_at": datetime.now(UTC).isoformat(timespec="seconds"),
        subject.attribute: subject.name,
        "site": subject.site or "all",
        "items": len(found.keys),
        "keys": [" ".join(key) for key in found.keys],
        "dead_letter_events": events,
        "reports_without_words": [" ".join(key) for key in reports],
        "topics": [" ".join(key) for key in topics],
        "unreadable_dead_letters": list(found.unreadable),
        "still_there": left,
        "waiting_in_outbox": waiting_in_outbox(items, _names_of_keys(stored)),
        "rollups_refreshed": refreshed,
        "rollups_not_refreshed": not_refreshed,
    }


def _rolled_up(days: Sequence[tuple[str, str]], roll_up: RollUp) -> tuple[list[str], list[str]]:
    """Make the rollups of these days again; return which were made, and which were not."""
    refreshed, not_refreshed = [], []
    for site, day in days:
        try:
            roll_up(site, day)
            refreshed.append(f"{site} {day}")
        except OperationError as error:
            not_refreshed.append(f"{site} {day}: {error}")
    return refreshed, not_refreshed


def _left(
    found: Found, items: Sequence[dict[str, Any]], stored: StoredItems, dead_letters: DeadLetterQueue
) -> list[str]:
    """Search all of the table and the queue for what was erased."""
    return leftovers(found.texts, items, dead_letters.read_all(), _names_of_keys(stored))


def _names_of_keys(stored: StoredItems) -> tuple[str, str]:
    return stored.keys.partition_key, stored.keys.sort_key


def _local_days(identifier: str, zone: ZoneInfo) -> set[str]:
    """Return the days in whose rollups an exchange can be: the time of asking may be an hour off that of the id."""
    moment = _moment(identifier) or datetime.now(UTC)
    return {(moment + tolerance).astimezone(zone).date().isoformat() for tolerance in (-_TOLERANCE, _TOLERANCE)}


def _reports_since(site: str, days: Sequence[tuple[str, str]], stored: StoredItems) -> list[Key]:
    """Return the keys of the reports that can quote what was asked on the first of a site's days, or later."""
    first = date.fromisoformat(min(day for owner, day in days if owner == site)).isocalendar()
    name = f"site#{site}#report"
    keys = [(name, str(item[stored.keys.sort_key])) for item in stored.of_partition(name) if "html" in item]
    return [key for key in keys if key[1] >= f"week#{first.year}-W{first.week:02d}"]


def _topics_named(site: str, questions: frozenset[str], stored: StoredItems) -> list[Key]:
    """Return the keys of topics whose name is one of the questions; the next report makes them of what is left."""
    asked = [question.strip().casefold() for question in questions]

    def is_of(name: str) -> bool:
        return name in asked or (len(name) >= _LEAST_OF_NAME and any(each.startswith(name) for each in asked))

    name = f"site#{site}#topics"
    topics = [item for item in stored.of_partition(name) if is_of(str(item.get("topic_name", "")).strip().casefold())]
    return [(name, str(item[stored.keys.sort_key])) for item in topics]
