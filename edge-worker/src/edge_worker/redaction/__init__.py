"""Cuts personal data and secrets out of what visitors typed.

It works on a copy in which every script's digits, letters and signs have one spelling (`folding`). Detectors look for
one kind each, the most certain first; what one has found no other sees. Each takes time in proportion to the text.
"""

from edge_worker.redaction.owner_patterns import NO_PATTERNS, OwnerPatterns
from edge_worker.redaction.redactor import MARGIN, redact

__all__ = ["MARGIN", "NO_PATTERNS", "OwnerPatterns", "redact"]
