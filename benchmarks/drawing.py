"""What one need costs as needs and offers grow, as a picture."""

from __future__ import annotations

import math
from collections.abc import Iterator

Growth = list[tuple[int, int, float, float]]
"""(needs, offers, ms a need by the sketch, ms a need judged in full)."""

SERIES = {2_000: "#0052D9", 20_000: "#0B7285", 200_000: "#5F3DC4"}
FULL = "#8A5A00"


def at(offers: float, cost: float) -> tuple[float, float]:
    """The place of a cost (ms) on logarithmic axes."""
    return 80 + 150 * (math.log10(offers) - 2.3), 230 - 65 * (math.log10(max(cost, 1e-3)) + 2)


def picture(growth: Growth) -> str:
    """An SVG: the cost of one need by the sketch for each number of needs, and judged in full."""
    lines = [*_axes(growth)]
    names = []
    for needs, colour in SERIES.items():
        points = [(row[1], row[2]) for row in growth if row[0] == needs]
        names.append((points[-1][1], colour, f"{needs:,} needs, by the sketch"))
        lines.append(_line(points, colour))
    full = [(row[1], row[3]) for row in growth if row[0] == min(SERIES)]
    names.append((full[-1][1], FULL, "every pair judged"))
    lines.append(_line(full, FULL, "6 4"))
    lines += _named(names, at(full[-1][0], 1)[0] + 8)
    body = "\n".join(lines)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 280" font-family="sans-serif" font-size="12" role="img">\n'
        f"<title>What one need costs as needs and offers grow</title>\n{body}\n</svg>\n"
    )


def _axes(growth: Growth) -> Iterator[str]:
    for cost in (0.01, 0.1, 1, 10):
        _, y = at(200, cost)
        yield f'<text x="66" y="{y + 4:.0f}" text-anchor="end">{cost:g} ms</text>'
        yield f'<line x1="72" x2="390" y1="{y:.0f}" y2="{y:.0f}" stroke="#D9D9D9"/>'
    for offers in sorted({row[1] for row in growth}):
        x, _ = at(offers, 1)
        yield f'<text x="{x:.0f}" y="264" text-anchor="middle">{offers:,} offers</text>'


def _line(points: list[tuple[int, float]], colour: str, dashes: str = "none") -> str:
    path = " ".join(f"{x:.0f},{y:.0f}" for x, y in (at(*point) for point in points))
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'


def _named(names: list[tuple[float, str, str]], x: float) -> Iterator[str]:
    """Names beside the ends of the lines, none over another."""
    free = math.inf
    for cost, colour, name in sorted(names):
        free = min(at(200, cost)[1] + 4, free - 15)
        yield f'<text x="{x:.0f}" y="{free:.0f}" fill="{colour}">{name}</text>'
