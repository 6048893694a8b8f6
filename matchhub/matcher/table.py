"""One side of a pairing as columns: the only thing the matcher ever reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import lru_cache
from typing import Any, Self, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchhub.matcher.arrays import csr

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Rows: TypeAlias = NDArray[np.int64]
Block: TypeAlias = NDArray[np.float32]
Codes: TypeAlias = Iterable[str] | None
T = TypeVar("T")

ANY = "*"
"""The code that says "不限": the owner was asked and accepts everything. An empty set says nothing."""

DAYS_UNKNOWN = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class SetColumn:
    """A set of codes in every row.

    `hot` is an (n, len(codes)) csr matrix of ones; `known` tells silence from a declared set; `anything` marks 不限.
    """

    codes: tuple[str, ...]
    hot: sparse.csr_matrix
    known: Bools
    anything: Bools

    @classmethod
    def of(cls, rows: Sequence[Codes]) -> Self:
        """Build from one collection of codes a row; None or empty is unknown, ANY among them is 不限."""
        held = [frozenset(row or ()) for row in rows]
        codes = tuple(sorted({code for row in held for code in row} - {ANY}))
        place = {code: column for column, code in enumerate(codes)}
        columns = [sorted(place[code] for code in row if code != ANY) for row in held]
        indptr = np.cumsum([0, *map(len, columns)])
        indices = np.fromiter((c for row in columns for c in row), dtype=np.int64, count=int(indptr[-1]))
        hot = sparse.csr_matrix((np.ones(len(indices), np.float32), indices, indptr), shape=(len(held), len(codes)))
        known = np.fromiter((bool(row) for row in held), dtype=bool, count=len(held))
        anything = np.fromiter((ANY in row for row in held), dtype=bool, count=len(held))
        return cls(codes, hot, known, anything)

    def take(self, rows: Rows) -> Self:
        """The same column for some rows (or repeated rows)."""
        first, lengths = self.hot.indptr[rows], self.hot.indptr[rows + 1] - self.hot.indptr[rows]
        ends = np.concatenate([[0], np.cumsum(lengths)])
        at = np.repeat(first - ends[:-1], lengths) + np.arange(ends[-1])
        hot = csr(self.hot.data[at], self.hot.indices[at], ends, (len(lengths), len(self.codes)))
        return type(self)(self.codes, hot, self.known[rows], self.anything[rows])

    def same_as(self, other: SetColumn) -> bool:
        """Whether both hold the same sets."""
        pairs = ((self.hot.indptr, other.hot.indptr), (self.hot.indices, other.hot.indices), (self.known, other.known))
        return (
            self.codes == other.codes
            and np.array_equal(self.anything, other.anything)
            and all(np.array_equal(one, two) for one, two in pairs)
        )

    def row(self, index: int) -> tuple[str, ...]:
        """The codes of one row, sorted; 不限 is (ANY,)."""
        first, last = self.hot.indptr[index], self.hot.indptr[index + 1]
        listed = tuple(self.codes[c] for c in sorted(self.hot.indices[first:last].tolist()))
        return (ANY, *listed) if self.anything[index] else listed

    def has(self, code: str) -> Bools:
        """(n,) whether each row lists this very code."""
        listed = np.zeros(self.hot.shape[0], dtype=bool)
        if code in self.codes:
            entries = np.flatnonzero(self.hot.indices == self.codes.index(code))
            listed[np.searchsorted(self.hot.indptr, entries, side="right") - 1] = True
        return listed


class OneRow(SetColumn):
    """One row of a column, for reasons: a matrix is only made of it when somebody multiplies it."""

    __slots__ = ("_of", "_row")
    _of: SetColumn
    _row: int

    def __init__(self, of: SetColumn, row: int) -> None:
        object.__setattr__(self, "_of", of)
        object.__setattr__(self, "_row", row)
        object.__setattr__(self, "codes", of.codes)
        object.__setattr__(self, "known", of.known[row : row + 1])
        object.__setattr__(self, "anything", of.anything[row : row + 1])

    @property
    def hot(self) -> sparse.csr_matrix:
        """(1, len(codes)) csr, made now."""
        return self._of.hot[[self._row]]

    def row(self, index: int) -> tuple[str, ...]:
        """The codes of the row, sorted; 不限 is (ANY,)."""
        return self._of.row(self._row)

    def has(self, code: str) -> Bools:
        """(1,) whether the row lists this very code."""
        return np.array([code in self._of.row(self._row)])


@lru_cache(maxsize=32)
def silent_sets(rows: int) -> SetColumn:
    """A column of sets in which every row is silent."""
    return SetColumn.of([None] * rows)


def day_numbers(days: Sequence[date | None]) -> Rows:
    """(n,) days since 1970-01-01; DAYS_UNKNOWN where the date is not known."""
    epoch = date(1970, 1, 1).toordinal()
    return np.array([DAYS_UNKNOWN if d is None else d.toordinal() - epoch for d in days], dtype=np.int64)


def day_of(number: int) -> date | None:
    """The date behind a day number."""
    return None if number == DAYS_UNKNOWN else date.fromordinal(number + date(1970, 1, 1).toordinal())


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Table:
    """Rows of needs, offers or past rounds.

    A column that the table does not have is not used by the pairing; a column that it has may be silent in a row:
    NaN in `numbers`, an empty set in `sets`, "" in `texts`, DAYS_UNKNOWN in `days`. Amounts are in 元.
    """

    ids: tuple[Any, ...]
    numbers: Mapping[str, Floats] = field(default_factory=dict)
    sets: Mapping[str, SetColumn] = field(default_factory=dict)
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    days: Mapping[str, Rows] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        ids: Sequence[Any],
        *,
        numbers: Mapping[str, Sequence[float | None]] | None = None,
        sets: Mapping[str, Sequence[Codes]] | None = None,
        texts: Mapping[str, Sequence[str | None]] | None = None,
        dates: Mapping[str, Sequence[date | None]] | None = None,
    ) -> Self:
        """Build from plain lists, one entry a row; None is unknown. Raises ValueError on a column of another length."""
        table = cls(
            tuple(ids),
            {name: _floats(values) for name, values in (numbers or {}).items()},
            {name: SetColumn.of(values) for name, values in (sets or {}).items()},
            {name: tuple(value or "" for value in values) for name, values in (texts or {}).items()},
            {name: day_numbers(values) for name, values in (dates or {}).items()},
        )
        table.check()
        return table

    def check(self) -> None:
        """Raise ValueError when a column is not as long as the ids."""
        lengths = {
            name: len(column) for group in (self.numbers, self.texts, self.days) for name, column in group.items()
        }
        lengths |= {name: column.hot.shape[0] for name, column in self.sets.items()}
        wrong = sorted(name for name, length in lengths.items() if length != len(self))
        if wrong:
            raise ValueError(f"columns of another length than the {len(self)} ids: {', '.join(wrong)}")

    def __len__(self) -> int:
        return len(self.ids)

    def same_as(self, other: Table) -> bool:
        """Whether both hold the same rows in the same columns."""
        return (
            self.ids == other.ids
            and self.texts == other.texts
            and _all_same(self.numbers, other.numbers, lambda one, two: np.array_equal(one, two, equal_nan=True))
            and _all_same(self.days, other.days, np.array_equal)
            and _all_same(self.sets, other.sets, SetColumn.same_as)
        )

    def __contains__(self, name: str) -> bool:
        return any(name in group for group in (self.numbers, self.sets, self.texts, self.days))

    def take(self, rows: Sequence[int] | Rows | slice) -> Self:
        """A table of these rows, in this order; a row may be repeated."""
        at = np.arange(len(self))[rows] if isinstance(rows, slice) else np.asarray(rows, dtype=np.int64)
        return type(self)(
            tuple(self.ids[i] for i in at),
            {name: column[at] for name, column in self.numbers.items()},
            {name: column.take(at) for name, column in self.sets.items()},
            {name: tuple(column[i] for i in at) for name, column in self.texts.items()},
            {name: column[at] for name, column in self.days.items()},
        )

    def one(self, row: int) -> Self:
        """One row, for the reasons of a pair."""
        part = slice(row, row + 1)
        return type(self)(
            self.ids[part],
            {name: column[part] for name, column in self.numbers.items()},
            {name: OneRow(column, row) for name, column in self.sets.items()},
            {name: column[part] for name, column in self.texts.items()},
            {name: column[part] for name, column in self.days.items()},
        )

    def only(self, names: Collection[str]) -> Self:
        """The same rows with only these columns."""
        return type(self)(
            self.ids,
            {name: column for name, column in self.numbers.items() if name in names},
            {name: column for name, column in self.sets.items() if name in names},
            {name: column for name, column in self.texts.items() if name in names},
            {name: column for name, column in self.days.items() if name in names},
        )

    def with_numbers(self, name: str, values: Sequence[float | None] | Floats) -> Self:
        """A copy in which one column of numbers is replaced."""
        parts = {part.name: getattr(self, part.name) for part in fields(self)}
        table = type(self)(**{**parts, "numbers": {**self.numbers, name: _floats(values)}})
        table.check()
        return table

    def with_sets(self, name: str, values: Sequence[Codes]) -> Self:
        """A copy in which one column of sets is replaced."""
        parts = {part.name: getattr(self, part.name) for part in fields(self)}
        table = type(self)(**{**parts, "sets": {**self.sets, name: SetColumn.of(values)}})
        table.check()
        return table

    def without(self, *names: str) -> Self:
        """A copy without some columns."""
        groups = ("numbers", "sets", "texts", "days")
        held = {group: {n: column for n, column in getattr(self, group).items() if n not in names} for group in groups}
        return replace(self, **held)  # type: ignore[arg-type]

    def number(self, name: str) -> Floats:
        """(n,) a column of numbers; all NaN when the table does not have it."""
        return self.numbers[name] if name in self.numbers else np.full(len(self), np.nan)

    def codes(self, name: str) -> SetColumn:
        """A column of sets; silent in every row when the table does not have it."""
        return self.sets[name] if name in self.sets else silent_sets(len(self))

    def text(self, name: str) -> tuple[str, ...]:
        """(n,) texts; empty when the table does not have the column."""
        return self.texts.get(name, ("",) * len(self))

    def day(self, name: str) -> Rows:
        """(n,) day numbers; DAYS_UNKNOWN when the table does not have the column."""
        return self.days[name] if name in self.days else np.full(len(self), DAYS_UNKNOWN, dtype=np.int64)


def _all_same(ours: Mapping[str, T], theirs: Mapping[str, T], same: Callable[[T, T], bool]) -> bool:
    return ours.keys() == theirs.keys() and all(same(column, theirs[name]) for name, column in ours.items())


def _floats(values: Sequence[float | None] | Floats) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
