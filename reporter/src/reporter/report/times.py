"""How long answers took, as an owner understands it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from reporter.report.figures import duration, samples_needed

if TYPE_CHECKING:
    from reporter.rollups.quantiles import Quantiles
    from reporter.rollups.rollup import Rollup

# Quantile and how to say it; one is given only where there are as many answers as it takes.
_QUANTILES: Final = ((0.5, "half of the answers"), (0.95, "19 of 20"), (0.99, "99 of 100"))
_TYPICAL, _SLOW = _QUANTILES[0][0], _QUANTILES[1][0]

# Finding sources is worth a word when it takes this share of a slow answer.
_EXPLAINS_FROM: Final = 0.3


@dataclass(frozen=True, slots=True)
class Times:
    """Sentences about durations; empty where there is nothing to say.

    Attributes:
        answers: how soon answers came; refusals, errors and waits that were given up are none.
        last_week: how soon nearly all came last week.
        retrieval: where finding sources takes much of the time.
        left: how long those waited who left.

    """

    answers: str
    last_week: str
    retrieval: str
    left: str

    @classmethod
    def of(cls, this: Rollup, last: Rollup | None) -> Self:
        """Return the sentences of a week."""
        total, slow = this.latencies["total"], _at(this.latencies["total"], _SLOW)
        parts = [
            f"{words} within {duration(total.at(quantile))}"
            for quantile, words in _QUANTILES
            if total.count >= samples_needed(quantile)
        ]
        slow_last = None if last is None else _at(last.latencies["total"], _SLOW)
        finding = _at(this.latencies["retrieval"], _SLOW)
        waited = this.latencies["waited"].at(_TYPICAL)
        return cls(
            answers=", ".join(parts),
            last_week=f"19 of 20 within {duration(slow_last)}" if slow is not None and slow_last is not None else "",
            retrieval=f"finding sources takes up to {duration(finding)} of it"
            if finding is not None and slow is not None and finding > _EXPLAINS_FROM * slow
            else "",
            left=f"half of those who left had waited {duration(waited)}" if waited is not None else "",
        )


def _at(durations: Quantiles, quantile: float) -> float | None:
    return durations.at(quantile) if durations.count >= samples_needed(quantile) else None
