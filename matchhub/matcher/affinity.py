"""Match features between a need of today and the rounds of the past.

Most features depend on few codes: where a need and a round lie, in which field, at which step. Those are looked up in
tables between the distinct cells of both sides, so that a block of needs against all rounds costs a few passes, not fifty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchhub.matcher.arrays import csr
from matchhub.matcher.kinship import Ladder, Tree
from matchhub.matcher.products import product
from matchhub.matcher.table import Block, DAYS_UNKNOWN, Floats, Rows, SetColumn, Table
from matchhub.matcher.text import Reader

Vector: TypeAlias = NDArray[np.float32]
Cells: TypeAlias = NDArray[np.int64]

YEAR = 365.25
LONGEST = 40 * 366
"""Days: what is older counts as so old."""

CACHED = 1 << 17
"""Pairs whose numbers stay in the processor's cache while they are added up."""

TOGETHER = ("round", "amount", "recent")
"""Agreements that say more together with one in place or field."""


@dataclass(frozen=True)
class Facts:
    """Which columns of a need (and of a past round, which has the same) are compared, and how.

    `trees`: set columns of hierarchical codes with the number of levels to look at. `backers`: who backed the firm before;
    `members`: who took part in a round (both sets of offer ids as text, see `History.of`).
    """

    trees: Mapping[str, tuple[Tree, int]]
    ladder: tuple[str, Ladder]
    amount: tuple[str, str]
    text: str
    day: str
    debut: str = "debut"
    syndicate: str = "syndicate"
    backers: str = "backers"
    members: str = "members"


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Rounds or needs ready to be compared.

    `cell` is the row's place among distinct places and fields, whose `levels` (one csr a tree level) and `known` follow;
    `step` its place among distinct steps, whose codes and mean `rung` follow; `month` of the year from 0, -1 unknown;
    `opening` 1 on the first day of a month, as dates are written of which only the month is known; float vectors for the
    rest (NaN unknown).
    """

    cell: Cells
    levels: tuple[sparse.csr_matrix, ...]
    known: tuple[Vector, ...]
    step: Cells
    steps: sparse.csr_matrix
    rung: Vector
    amount: Vector
    day: Vector
    month: Cells
    opening: Vector
    debut: Vector
    syndicate: Vector
    text: sparse.csr_matrix
    backers: sparse.csr_matrix
    members: sparse.csr_matrix

    def __len__(self) -> int:
        return len(self.cell)


@dataclass
class Affinity:
    """Compares needs with past rounds by field, place, round, amount, time, kind of start, network and words."""

    facts: Facts
    reader_: Reader = field(default_factory=Reader, init=False)
    nodes_: tuple[dict[str, int], ...] = field(default=(), init=False)
    rarity_: tuple[Vector, ...] = field(default=(), init=False)
    steps_: dict[str, int] = field(default_factory=dict, init=False)
    members_: dict[str, int] = field(default_factory=dict, init=False)
    today_: float = field(default=0.0, init=False)

    def fit(self, rounds: Table) -> Affinity:
        """Learn codes, how rare each is, and words from the past rounds."""
        self.reader_ = Reader().fit(rounds.text(self.facts.text))
        self.nodes_ = tuple(self._nodes(rounds, name, level) for name, level in self._levels())
        self.steps_ = {code: place for place, code in enumerate(rounds.codes(self.facts.ladder[0]).codes)}
        self.members_ = {code: place for place, code in enumerate(rounds.codes(self.facts.members).codes)}
        self.today_ = float(rounds.day(self.facts.day).max(initial=0)) + 1
        hot = [self._hot(rounds, name, level, at) for at, (name, level) in enumerate(self._levels())]
        self.rarity_ = tuple(_rarity(level) for level in hot)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the match features, in the order of `compare`."""
        empty = self.encode(Table(()))
        nobody = np.zeros(0, dtype=np.int64)
        return tuple(name for name, _ in self.compare(empty, empty, nobody, nobody))

    def encode(self, table: Table) -> Encoded:
        """Needs or rounds as codes of the past."""
        ladder_name, ladder = self.facts.ladder
        cell, first = distinct([table.codes(name) for name in self.facts.trees])
        step, earliest = distinct([table.codes(ladder_name)])
        steps, somewhere = table.codes(ladder_name), table
        if len(earliest) < len(table):
            steps = steps.take(earliest)
        if len(first) < len(table):
            somewhere = table.only(self.facts.trees).take(first)
        lows, highs = (np.log(np.maximum(table.number(name), 1)) for name in self.facts.amount)
        days = table.day(self.facts.day)
        return Encoded(
            cell,
            tuple(self._hot(somewhere, name, level, at) for at, (name, level) in enumerate(self._levels())),
            tuple(somewhere.codes(name).known.astype(np.float32) for name in self.facts.trees),
            step,
            project(steps, itself, self.steps_),
            mean_rung(steps, ladder),
            _middle(lows, highs),
            np.where(days == DAYS_UNKNOWN, self.today_, days).astype(np.float32),
            months(days),
            openings(days),
            np.nan_to_num(table.number(self.facts.debut), nan=0.5).astype(np.float32),
            np.log1p(np.nan_to_num(table.number(self.facts.syndicate), nan=1)).astype(np.float32),
            self.reader_.read(table.text(self.facts.text)),
            *(self._people(table.codes(name)) for name in (self.facts.backers, self.facts.members)),
        )

    def compare(self, needs: Encoded, rounds: Encoded, rows: Rows, columns: Rows) -> Iterator[tuple[str, Vector]]:
        """Named (n_pairs,) float32 features of the pairs (needs[rows], rounds[columns]), within [-1, 4], never NaN."""
        place = needs.cell[rows], rounds.cell[columns]
        hits: dict[str, Vector] = {}
        for name, table in self._places(needs, rounds):
            values = table[place]
            if name in self._hit_names():
                hits[name] = values
            yield name, values
        steps = needs.step[rows], rounds.step[columns]
        held = {name: table[steps] for name, table in _steps(needs, rounds)}
        yield from held.items()
        near, apart = _amounts(needs.amount[rows], rounds.amount[columns])
        late = _recency(self._ages(needs.day[rows], rounds.day[columns]))
        yield from (("amount", near), ("amount_apart", apart), *late.items())
        other = {"round": held["round"], "amount": near, "recent": late["recent_years"]}
        yield from ((f"{name}_{with_}", hit * other[with_]) for name, hit in hits.items() for with_ in TOGETHER)
        yield "round_amount", held["round"] * near
        yield "debut_amount", needs.debut[rows] * rounds.debut[columns] * near
        ours, theirs = _left(needs), _right(rounds)
        yield from ((name, ours[at, rows] * theirs[at, columns]) for at, name in enumerate(OUTER))
        same_month = (needs.month[rows] == rounds.month[columns]) & (needs.month[rows] >= 0)
        yield SEASON, same_month.astype(np.float32)
        words = product(needs.text, rounds.text)[rows, columns]
        yield from (("words", words), ("words_root", np.sqrt(np.maximum(words, 0))))
        for name, theirs in (("network", rounds.members), ("followed", rounds.backers)):
            shared = np.minimum(product(needs.backers, theirs)[rows, columns], 1)
            yield from ((name, shared), (f"{name}_recent", shared * late["recent_years"]))

    def weigh(self, needs: Encoded, rounds: Encoded, weights: Mapping[str, float]) -> Block:
        """(n_needs, n_rounds) float32: the features of `compare` times their weights, added up.

        A few needs at a time, so that what is added up stays in the processor's cache.
        """
        of = {name: np.float32(value) for name, value in weights.items()}
        worth = _Worth(of, self._worth_of_places(needs, rounds, of), dict(_steps(needs, rounds)), _met(needs, rounds))
        total = _alike(needs, rounds, of)
        outer = np.array([of[name] for name in (*OUTER, *[SEASON] * 12)], dtype=np.float32)
        ours = np.vstack([_left(needs), calendar(needs.month)])
        total += ours.T @ (outer[:, None] * np.vstack([_right(rounds), calendar(rounds.month)]))
        few = max(1, CACHED // max(len(rounds), 1))
        for first in range(0, len(needs), few):
            self._add(total[first : first + few], needs, rounds, slice(first, first + few), worth)
        return total

    def _add(self, total: Block, needs: Encoded, rounds: Encoded, part: slice, worth: _Worth) -> None:
        """Add to the `total` of some needs all but words."""
        of, cell, step = worth.of, needs.cell[part], needs.step[part]

        def everywhere(what: str) -> Block:
            return np.asarray(np.take(worth.places[what][cell], rounds.cell, axis=1))

        total += everywhere("")
        total += np.take(worth.step[step], rounds.step, axis=1)
        same = np.take(worth.steps["round"][step], rounds.step, axis=1)
        total += everywhere("round") * same
        near, apart = _amounts(needs.amount[part, None], rounds.amount[None, :])
        same *= of["round_amount"]
        same += np.multiply.outer(needs.debut[part] * of["debut_amount"], rounds.debut)
        same += everywhere("amount")
        same += of["amount"]
        same *= near
        total += same
        apart *= of["amount_apart"]
        total += apart
        total += self._late(needs.day[part], rounds.day, worth, everywhere("recent"), part)

    def _worth_of_places(self, needs: Encoded, rounds: Encoded, of: Mapping[str, np.float32]) -> dict[str, Block]:
        """Between cells: what agreement in field and place is worth alone ("") and with each of TOGETHER."""
        shape = (needs.levels[0].shape[0], rounds.levels[0].shape[0])
        where = {what: np.zeros(shape, np.float32) for what in ("", *TOGETHER)}
        hits = self._hit_names()
        for name, table in self._places(needs, rounds):
            where[""] += of[name] * table
            if name in hits:
                for other in TOGETHER:
                    where[other] += of[f"{name}_{other}"] * table
        return where

    def _late(self, ours: Vector, theirs: Vector, worth: _Worth, weight: Block, part: slice) -> Block:
        """What depends on the age of a round, looked up by whole days."""
        days = (self._ages(ours[:, None], theirs[None, :]) * np.float32(YEAR) + np.float32(0.5)).astype(np.int32)
        recent, of = worth.recent[days], worth.of
        for name, met in worth.met.items():
            weight += of[f"{name}_recent"] * met[part]
        weight *= recent
        for name, met in worth.met.items():
            weight += of[name] * met[part]
        weight += worth.late[days]
        return weight

    def _ages(self, ours: Vector, theirs: Vector) -> Vector:
        """Years between the need and the round; 0 for what lies ahead."""
        return np.asarray(np.clip(ours - theirs, 0, LONGEST) / np.float32(YEAR), dtype=np.float32)

    def _places(self, needs: Encoded, rounds: Encoded) -> Iterator[tuple[str, Block]]:
        """Named tables between the cells of both sides: agreement in field and place."""
        hits: dict[str, Block] = {}
        for at, (name, level) in enumerate(self._levels()):
            weighed = product(needs.levels[at], rounds.levels[at], self.rarity_[at])
            hits[f"{name}{level}"] = hit = (weighed > 0).astype(np.float32)
            yield f"{name}{level}", hit
            yield f"{name}{level}_rare", np.minimum(weighed, 1)
        for name, ours, theirs in zip(self.facts.trees, needs.known, rounds.known, strict=True):
            yield from _silences(name, ours == 0, theirs == 0)
        first = next(iter(self.facts.trees), "")
        fields = [name for name in hits if name.rstrip("0123456789") == first]
        for one in fields:
            for name in hits:
                if name not in fields:
                    yield f"{one}_{name}", hits[one] * hits[name]

    def _hit_names(self) -> frozenset[str]:
        return frozenset(f"{name}{level}" for name, level in self._levels())

    def _levels(self) -> list[tuple[str, int]]:
        return [(name, level) for name, (_, depth) in self.facts.trees.items() for level in range(depth)]

    def _nodes(self, table: Table, name: str, level: int) -> dict[str, int]:
        paths = [self.facts.trees[name][0].path(code) for code in table.codes(name).codes]
        return {node: place for place, node in enumerate(sorted({p[level] for p in paths if len(p) > level}))}

    def _hot(self, table: Table, name: str, level: int, at: int) -> sparse.csr_matrix:
        tree = self.facts.trees[name][0]

        def node(code: str) -> str | None:
            path = tree.path(code)
            return path[level] if len(path) > level else None

        return project(table.codes(name), node, self.nodes_[at])

    def _people(self, column: SetColumn) -> sparse.csr_matrix:
        return project(column, itself, self.members_)


@dataclass(frozen=True, slots=True)
class _Worth:
    """What agreements are worth: `of` their names; tables between the cells of both sides and between their steps; by whole
    days of age alone (`late`) and how recent that is; `met` (n_needs, n_rounds) who is known from before, by name."""

    of: Mapping[str, np.float32]
    places: Mapping[str, Block]
    steps: Mapping[str, Block]
    met: Mapping[str, Block]
    step: Block = field(init=False)
    late: Vector = field(init=False)
    recent: Vector = field(init=False)

    def __post_init__(self) -> None:
        by_age = _recency(np.arange(LONGEST + 1, dtype=np.float32) / np.float32(YEAR))
        late = sum((self.of[name] * values for name, values in by_age.items()), np.zeros(LONGEST + 1, np.float32))
        step = sum((self.of[name] * table for name, table in self.steps.items()), np.zeros_like(self.steps["round"]))
        for name, values in (("step", step), ("late", late), ("recent", by_age["recent_years"])):
            object.__setattr__(self, name, values)


def _met(needs: Encoded, rounds: Encoded) -> dict[str, Block]:
    """(n_needs, n_rounds) 1 where who backed the firm was in the round, or had backed its firm; nothing where nobody is known."""
    if not (needs.backers.nnz and rounds.members.nnz):
        return {}
    both = (("network", rounds.members), ("followed", rounds.backers))
    return {name: np.minimum(product(needs.backers, theirs), 1) for name, theirs in both}


OUTER = (
    "amount_both_silent", "amount_then_silent", "debut", "later", "debut_then", "syndicate", "opening", "opening_then",
)  # fmt: skip
"""Features that are a number of the need times a number of the round."""

SEASON = "month"
"""The same month of the year: some invest in batches, at fixed times."""


def _left(needs: Encoded) -> Block:
    silent = np.isnan(needs.amount).astype(np.float32)
    one = np.ones_like(needs.debut)
    return np.stack([silent, 1 - silent, needs.debut, 1 - needs.debut, one, one, needs.opening, one])


def _right(rounds: Encoded) -> Block:
    silent = np.isnan(rounds.amount).astype(np.float32)
    alone = (
        silent,
        silent,
        rounds.debut,
        1 - rounds.debut,
        rounds.debut,
        rounds.syndicate,
        rounds.opening,
        rounds.opening,
    )
    return np.stack(alone)


def _alike(needs: Encoded, rounds: Encoded, of: Mapping[str, np.float32]) -> Block:
    likeness = product(needs.text, rounds.text)
    worth = likeness * of["words"]
    np.sqrt(np.maximum(likeness, 0, out=likeness), out=likeness)
    likeness *= of["words_root"]
    worth += likeness
    return worth


def _steps(needs: Encoded, rounds: Encoded) -> Iterator[tuple[str, Block]]:
    """Named tables between the distinct steps of both sides."""
    yield "round", (product(needs.steps, rounds.steps) > 0).astype(np.float32)
    apart = np.minimum(np.abs(needs.rung[:, None] - rounds.rung[None, :]), 3) / np.float32(3)
    yield "round_apart", np.nan_to_num(apart).astype(np.float32)
    yield from _silences("round", np.isnan(needs.rung), np.isnan(rounds.rung))


def _amounts(ours: Vector, theirs: Vector) -> tuple[Vector, Vector]:
    """How near two log amounts are, and their distance as a share of 5; both 0 where one is unknown."""
    apart = np.abs(ours - theirs)
    np.minimum(apart, 5, out=apart)
    silent = np.isnan(apart)
    near = np.exp(-apart)
    near[silent] = 0
    apart[silent] = 0
    apart /= np.float32(5)
    return near, apart


def _recency(age: Vector) -> dict[str, Vector]:
    """Features of an age in years."""
    return {"age": np.log1p(age), "recent_months": np.exp(-age * 4), "recent_years": np.exp(-age)}


def months(days: Rows) -> Cells:
    """(n,) month of the year of each day, from 0; -1 where it is not known."""
    calendar_days = np.where(days == DAYS_UNKNOWN, 0, days).astype("datetime64[D]")
    return np.where(days == DAYS_UNKNOWN, -1, calendar_days.astype("datetime64[M]").astype(np.int64) % 12)


def openings(days: Rows) -> Vector:
    """(n,) 1 where the day is the first of a month."""
    held = np.where(days == DAYS_UNKNOWN, 1, days).astype("datetime64[D]")
    return np.asarray(held == held.astype("datetime64[M]"), dtype=np.float32)


def calendar(month: Cells) -> Block:
    """(12, n) ones in the row of each month; a column of zeros for -1."""
    return (np.arange(12)[:, None] == month[None, :]).astype(np.float32)


def distinct(columns: Sequence[SetColumn]) -> tuple[Cells, Rows]:
    """(n,) place of each row among the distinct combinations of the sets, and the first row of each."""
    bounds = [(column.hot.indptr, column.hot.indices, column.known, column.anything) for column in columns]
    seen: dict[tuple[object, ...], int] = {}
    cell = np.empty(bounds[0][0].shape[0] - 1, dtype=np.int64)
    first: list[int] = []
    for row in range(len(cell)):
        key = tuple(
            (codes[ends[row] : ends[row + 1]].tobytes(), bool(known[row]), bool(any_[row]))
            for ends, codes, known, any_ in bounds
        )
        at = seen.setdefault(key, len(first))
        if at == len(first):
            first.append(row)
        cell[row] = at
    return cell, np.array(first, dtype=np.int64)


def project(column: SetColumn, target: Callable[[str], str | None], nodes: Mapping[str, int]) -> sparse.csr_matrix:
    """(n, n_nodes) ones where a row has a code whose target is the node; only the codes that are used are looked up."""
    used, at = np.unique(column.hot.indices, return_inverse=True)
    places = np.array([nodes.get(target(column.codes[code]) or "", -1) for code in used.tolist()], dtype=np.int64)
    found, rows = places[at], np.repeat(np.arange(column.hot.shape[0]), np.diff(column.hot.indptr))
    width = max(len(nodes), 1)
    both = np.unique(rows[found >= 0] * width + found[found >= 0])
    ends = np.searchsorted(both, np.arange(column.hot.shape[0] + 1) * width)
    ones = np.ones(len(both), dtype=np.float32)
    return csr(ones, both % width, ends, (column.hot.shape[0], len(nodes)))


def itself(code: str) -> str:
    """The code."""
    return code


def _rarity(level: sparse.csr_matrix) -> Vector:
    """(n_nodes,) inverse document frequency, scaled so that a code seen once has 1."""
    seen = np.asarray(level.sum(axis=0)).ravel()
    scale = np.log(level.shape[0] + 1)
    return np.asarray(np.log((level.shape[0] + 1) / (seen + 1)) / max(scale, 1), dtype=np.float32)


def mean_rung(steps: SetColumn, ladder: Ladder) -> Vector:
    """(n,) the mean place on the ladder of a row's steps, NaN without one."""
    rungs = ladder.rungs(steps.codes)
    on = (~np.isnan(rungs)).astype(np.float64)
    count = np.asarray(steps.hot @ on).ravel()
    total = np.asarray(steps.hot @ np.nan_to_num(rungs)).ravel()
    mean = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    return np.asarray(mean, dtype=np.float32)


def _middle(low: Floats, high: Floats) -> Vector:
    return np.where(np.isnan(low), high, np.where(np.isnan(high), low, (low + high) / 2)).astype(np.float32)


def _silences(name: str, ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> Iterator[tuple[str, Block]]:
    yield f"{name}_both_silent", (ours[:, None] & theirs[None, :]).astype(np.float32)
    yield f"{name}_then_silent", (~ours[:, None] & theirs[None, :]).astype(np.float32)
