"""Draws lines over time as SVG: panels below each other that share the time axis."""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

_WIDTH, _PANEL, _LEFT, _RIGHT, _TOP, _GAP = 900, 150, 80, 20, 60, 50
_COLOURS = ("#0b6e99", "#d9730d", "#7a7a7a", "#0f7b6c")
_TICKS = 4


@dataclass(frozen=True)
class Panel:
    """One quantity, of each line the values at evenly spaced times."""

    title: str
    lines: Mapping[str, Sequence[float]]
    """By the name in the legend."""


def svg(title: str, panels: Sequence[Panel], *, hours: float) -> str:
    """Return an SVG document.

    Args:
        title: stands above everything.
        panels: from top to bottom.
        hours: how long the time axis is.
    """
    height = _TOP + len(panels) * (_PANEL + _GAP)
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_WIDTH} {height}",
            "font-family": "sans-serif",
            "font-size": "12",
        },
    )
    ElementTree.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "white"})
    _text(root, _LEFT, 22, title, size=16)
    for position, panel in enumerate(panels):
        _draw(root, panel, _TOP + position * (_PANEL + _GAP), hours)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _draw(root: ElementTree.Element, panel: Panel, top: float, hours: float) -> None:
    most = _round_up(max((max(values, default=0) for values in panel.lines.values()), default=0))
    width, bottom = _WIDTH - _LEFT - _RIGHT, top + _PANEL
    _text(root, _LEFT, top - 8, panel.title, size=13)
    for tick in range(_TICKS + 1):
        y = bottom - _PANEL * tick / _TICKS
        _line(root, (_LEFT, y), (_WIDTH - _RIGHT, y))
        _text(root, _LEFT - 8, y + 4, f"{most * tick / _TICKS:,.10g}", anchor="end")
        x = _LEFT + width * tick / _TICKS
        _text(root, x, bottom + 16, f"{hours * tick / _TICKS:.3g} h", anchor="middle")
    for position, (name, values) in enumerate(panel.lines.items()):
        colour = _COLOURS[position % len(_COLOURS)]
        steps = max(1, len(values) - 1)
        points = " ".join(
            f"{_LEFT + width * step / steps:.1f},{bottom - _PANEL * value / most:.1f}"
            for step, value in enumerate(values)
        )
        ElementTree.SubElement(
            root, "polyline", {"points": points, "fill": "none", "stroke": colour, "stroke-width": "1.5"}
        )
        _text(root, _WIDTH - _RIGHT - 110 * (len(panel.lines) - 1 - position), top - 8, name, anchor="end", fill=colour)


def _round_up(value: float) -> float:
    """Return the next number that is 1, 2, 4 or 8 times a power of ten."""
    if value < sys.float_info.min:  # nothing, or less than powers of ten can be told apart for
        return 1.0
    power = 10 ** math.floor(math.log10(value))
    return float(next(factor * power for factor in (1, 2, 4, 8, 10) if factor * power >= value))


def _line(root: ElementTree.Element, begin: tuple[float, float], end: tuple[float, float]) -> None:
    places = {"x1": begin[0], "y1": begin[1], "x2": end[0], "y2": end[1]}
    ElementTree.SubElement(root, "line", {**{k: f"{v:.1f}" for k, v in places.items()}, "stroke": "#dddddd"})


def _text(
    root: ElementTree.Element,
    x: float,
    y: float,
    words: str,
    *,
    size: int = 12,
    anchor: str = "start",
    fill: str = "#333333",
) -> None:
    attributes = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font-size": str(size), "text-anchor": anchor, "fill": fill}
    ElementTree.SubElement(root, "text", attributes).text = words
