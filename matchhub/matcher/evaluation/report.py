"""An evaluation as a plain table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matchhub.matcher.evaluation.freshness import KEEPING

WIDTH = 25


def render(result: Mapping[str, Any]) -> str:
    """One line a method, each cell its mean and 95 % interval: 0.220 [.200 .241]."""
    head = (
        f"{result['dataset']} {result['task']} ({result['window']}): {result['queries']} queries, "
        f"{result['candidates']} candidates, {result['seconds']} s, {result.get('peak_memory_mb', 0)} MB"
    )
    name_width = max(len(name) for name in result["methods"]) + 2
    columns = list(next(iter(result["methods"].values())))
    lines = [head, " " * name_width + "".join(f"{name:<{WIDTH}}" for name in columns)]
    for method, metrics in result["methods"].items():
        cells = "".join(f"{_cell(metrics[name]):<{WIDTH}}" for name in columns)
        lines.append(f"{method:<{name_width}}{cells}")
    lines += _later(result)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _later(result: Mapping[str, Any]) -> list[str]:
    """How lists keep by quarter of the window, and what new investors get; nothing where it was not measured."""
    if "freshness" not in result:
        return []
    keeps, new = result["freshness"], result["new_investors"]
    quarters = [f"{name:<10}{keeps[name]} kept {_kept(keeps[f'{name}_kept'])}" for name in KEEPING]
    return [
        "recall@10 by quarter",
        *quarters,
        "new investors " + ", ".join(f"{name} {value}" for name, value in new.items()),
    ]


def _kept(value: Mapping[str, float] | None) -> str:
    return "unknown" if value is None else _cell(value)


def _cell(value: Mapping[str, float]) -> str:
    low, high = (f"{value[end]:.3f}".removeprefix("0") for end in ("low", "high"))
    return f"{value['mean']:.3f} [{low} {high}]"
