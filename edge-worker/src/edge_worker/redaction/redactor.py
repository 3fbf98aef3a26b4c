"""Runs the detectors in their order and puts labels in the place of what they find."""

import re
from collections.abc import Iterable

from edge_worker.redaction import email, guards, identity, network, passwords, payment, phone, tokens
from edge_worker.redaction.clues import Clues
from edge_worker.redaction.folding import fold
from edge_worker.redaction.owner_patterns import NO_PATTERNS, OwnerPatterns
from edge_worker.redaction.span import Span, mask, merge, replace

# As much as the longest e-mail address: what is cut off in the middle begins within so much of the end.
MARGIN = 320
# What has fewer digits has no number in it that anybody could be found by.
_DIGITS = re.compile(r"\d(?:\D*\d){3}")


def redact(text: str, patterns: OwnerPatterns = NO_PATTERNS, limit: int | None = None) -> str:
    """Put a label such as `[email]` in the place of everything personal or secret.

    Args:
        text: What was typed.
        patterns: What the owner wants cut out besides.
        limit: Look at so many characters only. What stands in the last MARGIN of them is left out, since its end may be
            cut off, and with that what shows what it is.
    """
    is_cut = limit is not None and len(text) > limit
    if is_cut:
        text = text[:limit]
    folded = fold(text)
    rest, spans = folded.text, []

    def hide(found: Iterable[Span]) -> None:
        nonlocal rest
        if new := merge(found):
            spans.extend(new)
            rest = mask(rest, new)

    for find in (guards.find_labels, patterns.find, tokens.find, passwords.find, email.find):
        hide(find(rest))
    if _DIGITS.search(rest):
        hide(payment.find_ibans(rest))
        hide(guards.find(rest))
        clues = Clues(rest)
        for find_numbers in (network.find, payment.find_cards, identity.find, phone.find):
            hide(find_numbers(rest, clues))
    return replace(text, folded, spans, len(text) - MARGIN if is_cut else len(text))
