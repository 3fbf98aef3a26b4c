"""All weeks of a site on one page: trends as plots, and each week's mail. One file, nothing remote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from reporter.report.change import percent
from reporter.report.figures import duration
from reporter.report.rendering import templates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_WIDTH: Final = 640
_HEIGHT: Final = 150
_MARGIN: Final = 12
_LABELS: Final = 8

_BODY: Final = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PastWeek:
    """A week as its report gave it.

    Attributes:
        name: as 2026-W47.
        figures: its numbers (`Report.figures`).
        subject: the subject of its mail; empty where the mail has expired.
        html: its mail; empty where it has expired.

    """

    name: str
    figures: Mapping[str, float]
    subject: str = ""
    html: str = ""

    @property
    def mail(self) -> Markup:
        """The inner part of the mail, which was escaped when it was made."""
        match = _BODY.search(self.html)
        return Markup(match[1]) if match else Markup()  # noqa: S704 - escaped by the mail's own template


@dataclass(frozen=True, slots=True)
class Point:
    """A week in a plot: where it is drawn, and what it says."""

    x: float
    y: float
    week: str
    value: str


@dataclass(frozen=True, slots=True)
class Plot:
    """One figure over the weeks."""

    title: str
    points: tuple[Point, ...]
    largest: str
    labels: tuple[Point, ...]

    @property
    def line(self) -> str:
        """The points as SVG has them."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


def render_history(site: str, weeks: Sequence[PastWeek], made_at: str) -> str:
    """Return the page of a site.

    Args:
        site: its name.
        weeks: the earliest first, each once.
        made_at: when, on the owner's clock.

    """
    plots = [
        _plot("Questions", weeks, lambda week: week.get("questions"), lambda value: f"{value:,.0f}"),
        _plot("Without a good answer", weeks, _share("without_good_answer", "recorded"), percent, at_most=1.0),
        _plot("19 of 20 answers within", weeks, lambda week: week.get("p95_ms"), duration),
        _plot("Rated useful", weeks, _useful, percent, at_most=1.0),
        _plot("Visitors, each once a day", weeks, lambda week: week.get("visitors"), lambda value: f"{value:,.0f}"),
    ]
    rows = [
        (week.name, *(next((point.value for point in plot.points if point.week == week.name), "–") for plot in plots))
        for week in reversed(weeks)
    ]
    return (
        templates()
        .get_template("history.html.j2")
        .render(
            site=site,
            plots=[plot for plot in plots if plot.points],
            titles=[plot.title for plot in plots],
            rows=rows,
            weeks=list(reversed(weeks)),
            made_at=made_at,
            width=_WIDTH,
            height=_HEIGHT,
        )
    )


def _share(part: str, whole: str) -> Callable[[Mapping[str, float]], float | None]:
    return lambda week: week.get(part, 0) / week[whole] if week.get(whole) else None


def _useful(week: Mapping[str, float]) -> float | None:
    up, down = week.get("up", 0), week.get("down", 0)
    return up / (up + down) if up + down else None


def _plot(
    title: str,
    weeks: Sequence[PastWeek],
    read: Callable[[Mapping[str, float]], float | None],
    write: Callable[[float], str],
    *,
    at_most: float | None = None,
) -> Plot:
    read_weeks = ((number, week.name, read(week.figures)) for number, week in enumerate(weeks))
    known = [(number, name, value) for number, name, value in read_weeks if value is not None]
    largest = max((value for _, _, value in known), default=0.0) or at_most or 1.0
    step = (_WIDTH - 2 * _MARGIN) / max(len(weeks) - 1, 1)
    points = tuple(
        Point(
            _MARGIN + number * step if len(weeks) > 1 else _WIDTH / 2,
            _HEIGHT - _MARGIN - value / largest * (_HEIGHT - 2 * _MARGIN),
            name,
            write(value),
        )
        for number, name, value in known
    )
    every = max(1, -(-len(points) // _LABELS))
    return Plot(title, points, write(largest), points[::-1][::every][::-1])
