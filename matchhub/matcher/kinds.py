"""Rows that agree in the columns that a comparison reads are compared once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.table import Rows, SetColumn, Table

FEWEST = 2048
"""Below so many rows looking for kinds costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of a table in some columns: `of` is the (n,) kind of every row, `rows` one row of every kind."""

    of: NDArray[np.int32]
    rows: Table

    @classmethod
    def among(cls, table: Table, names: Sequence[str]) -> Self | None:
        """The kinds of a table in these columns (a name that ends in * stands for all that begin so); None where there are
        few rows, or nearly as many kinds as rows."""
        if len(table) < FEWEST:
            return None
        held = list(dict.fromkeys(name for pattern in names for name in _matching(table, pattern)))
        kind = np.zeros(len(table), dtype=np.int64)
        for name in held:
            for part in _parts(table, name):
                kind = np.unique(kind * (int(part.max()) + 1) + part, return_inverse=True)[1].astype(np.int64)
        _, first = np.unique(kind, return_index=True)
        if 2 * len(first) > len(table):
            return None
        return cls(kind.astype(np.int32), table.only(held).take(first))


def _matching(table: Table, pattern: str) -> list[str]:
    if not pattern.endswith("*"):
        return [pattern] if pattern in table else []
    return sorted(name for group in (table.numbers, table.sets) for name in group if name.startswith(pattern[:-1]))


def _parts(table: Table, name: str) -> Iterator[Rows]:
    """Whole numbers from 0 that tell the values of a column apart, one array or more."""
    if name in table.numbers:
        yield np.unique(table.numbers[name], return_inverse=True)[1].astype(np.int64)
        return
    column: SetColumn = table.sets[name]
    yield column.known.astype(np.int64) + column.anything
    hot = column.hot if column.hot.has_sorted_indices else column.hot.sorted_indices()
    lengths = np.diff(hot.indptr)
    for place in range(int(lengths.max(initial=0))):
        part = np.zeros(len(lengths), dtype=np.int64)
        there = lengths > place
        part[there] = hot.indices[hot.indptr[:-1][there] + place] + 1
        yield part
