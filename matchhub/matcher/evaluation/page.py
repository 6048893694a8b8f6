"""An evaluation as a page of its own: a table and plots drawn as SVG, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

WIDTH, ROW, LABEL = 640, 26, 190
HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1d2433}}
table{{border-collapse:collapse;width:100%}}th,td{{padding:.3rem .6rem;border-bottom:1px solid #d5dae3;text-align:right}}
th:first-child,td:first-child{{text-align:left}}.wide{{overflow-x:auto}}svg{{max-width:100%;height:auto}}</style></head>
<body><h1>{title}</h1>
"""


def page(result: Mapping[str, Any]) -> str:
    """HTML of one evaluation: facts of the run, the table, a plot of every metric with its 95 % intervals."""
    title = f"MatchHub: {result['dataset']}, {result['task']} ({result['window']})"
    parts = [HEAD.format(title=escape(title)), _facts(result), _table(result["methods"])]
    names = list(next(iter(result["methods"].values())))
    parts += [_plot(name, result["methods"]) for name in names]
    if "without_accelerators" in result:
        parts += ["<h2>Without accelerators</h2>", _table(result["without_accelerators"]["methods"])]
    for name, title in (("freshness", "As time goes on"), ("new_investors", "New investors")):
        if name in result:
            told = {key: str(value) for key, value in result[name].items()}
            parts += [f"<h2>{title}</h2>", _facts(told)]
    return "\n".join([*parts, "</body></html>", ""])


def _facts(result: Mapping[str, Any]) -> str:
    plain = {name: value for name, value in result.items() if isinstance(value, str | int | float)}
    rows = "".join(f"<tr><td>{escape(name)}</td><td>{escape(str(value))}</td></tr>" for name, value in plain.items())
    return f"<table><caption>The run</caption>{rows}</table>"


def _table(methods: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    names = list(next(iter(methods.values())))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = (
        f'<tr><th scope="row">{escape(method)}</th>'
        + "".join(f"<td>{_cell(metrics[name])}</td>" for name in names)
        + "</tr>"
        for method, metrics in methods.items()
    )
    return f'<div class="wide"><table><tr><th scope="col">method</th>{head}</tr>{"".join(rows)}</table></div>'


def _cell(value: Mapping[str, float]) -> str:
    return f"{value['mean']:.3f}<br><small>{value['low']:.3f} to {value['high']:.3f}</small>"


def _plot(name: str, methods: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Bars with whiskers, one a method."""
    most = max((metrics[name]["high"] for metrics in methods.values()), default=0) or 1
    height = ROW * len(methods) + 8
    bars = "".join(_bars(name, methods, (WIDTH - LABEL - 60) / most))
    title = escape(name)
    return (
        f'<h2>{title}</h2><svg role="img" aria-label="{title} of every method" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-size="13">{bars}</svg>'
    )


def _bars(name: str, methods: Mapping[str, Mapping[str, Mapping[str, float]]], scale: float) -> Iterator[str]:
    for at, (method, metrics) in enumerate(methods.items()):
        value, top = metrics[name], at * ROW + 4
        middle = top + ROW / 2 - 3
        low, high, mean = (LABEL + value[end] * scale for end in ("low", "high", "mean"))
        colour = "#0052d9" if method == "matchhub" else "#7b8699"
        yield (
            f'<text x="{LABEL - 8}" y="{middle + 4:.1f}" text-anchor="end">{escape(method)}</text>'
            f'<rect x="{LABEL}" y="{top}" width="{max(mean - LABEL, 0):.1f}" height="{ROW - 8}" fill="{colour}"/>'
            f'<path d="M{low:.1f} {middle:.1f}H{high:.1f}" stroke="#1d2433" stroke-width="2"/>'
            f'<text x="{high + 6:.1f}" y="{middle + 4:.1f}">{value["mean"]:.3f}</text>'
        )
