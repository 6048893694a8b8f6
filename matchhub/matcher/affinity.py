"""Match features between a need of today and the rounds of the past, as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchhub.matcher.kinship import Ladder, Tree
from matchhub.matcher.products import turned
from matchhub.matcher.table import Block, DAYS_UNKNOWN, Floats, SetColumn, Table
from matchhub.matcher.text import Reader

Vector: TypeAlias = NDArray[np.float32]

YEAR = 365.25


@dataclass(frozen=True)
class Facts:
    """Which columns of a need (and of a past round, which has the same) are compared, and how.

    `trees`: set columns of hierarchical codes with the number of levels to look at.
    """

    trees: Mapping[str, tuple[Tree, int]]
    ladder: tuple[str, Ladder]
    amount: tuple[str, str]
    text: str
    day: str
    debut: str = "debut"
    syndicate: str = "syndicate"


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Rounds or needs ready to be compared: one csr a tree level, float vectors for the rest (NaN = unknown)."""

    levels: tuple[sparse.csr_matrix, ...]
    known: tuple[Vector, ...]
    steps: sparse.csr_matrix
    rung: Vector
    amount: Vector
    day: Vector
    debut: Vector
    syndicate: Vector
    text: sparse.csr_matrix


@dataclass
class Affinity:
    """Compares needs with past rounds by field, place, round, amount, time, kind of start and words."""

    facts: Facts
    reader_: Reader = field(default_factory=Reader, init=False)
    nodes_: tuple[dict[str, int], ...] = field(default=(), init=False)
    rarity_: tuple[Vector, ...] = field(default=(), init=False)
    steps_: dict[str, int] = field(default_factory=dict, init=False)
    rounds_: Encoded | None = field(default=None, init=False)
    today_: float = field(default=0.0, init=False)

    def fit(self, rounds: Table) -> Affinity:
        """Learn codes, how rare each is, and words from the past rounds; keep them encoded."""
        self.reader_ = Reader().fit(rounds.text(self.facts.text))
        self.nodes_ = tuple(self._nodes(rounds, name, level) for name, level in self._levels())
        self.rarity_ = tuple(np.ones(len(nodes), dtype=np.float32) for nodes in self.nodes_)
        self.steps_ = {code: place for place, code in enumerate(rounds.codes(self.facts.ladder[0]).codes)}
        days = rounds.day(self.facts.day)
        self.today_ = float(days.max(initial=0)) + 1
        self.rounds_ = self.encode(rounds)
        self.rarity_ = tuple(_rarity(level) for level in self.rounds_.levels)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the match features, in the order of `compare`."""
        empty = self.encode(Table((0,)))
        return tuple(name for name, _ in self.compare(empty, empty))

    def encode(self, table: Table) -> Encoded:
        """Needs or rounds as matrices over the codes of the past."""
        ladder_name, ladder = self.facts.ladder
        steps = table.codes(ladder_name)
        lows, highs = (np.log(np.maximum(table.number(name), 1)) for name in self.facts.amount)
        days = table.day(self.facts.day)
        return Encoded(
            tuple(self._hot(table, name, level, at) for at, (name, level) in enumerate(self._levels())),
            tuple(table.codes(name).known.astype(np.float32) for name in self.facts.trees),
            _project(steps, {code: (code,) for code in steps.codes}, self.steps_),
            _mean_rung(steps, ladder),
            _middle(lows, highs),
            np.where(days == DAYS_UNKNOWN, self.today_, days).astype(np.float32),
            np.nan_to_num(table.number(self.facts.debut), nan=0.5).astype(np.float32),
            np.log1p(np.nan_to_num(table.number(self.facts.syndicate), nan=1)).astype(np.float32),
            self.reader_.read(table.text(self.facts.text)),
        )

    def compare(self, needs: Encoded, rounds: Encoded) -> Iterator[tuple[str, Block]]:
        """Named (n_needs, n_rounds) float32 blocks, all within about [-1, 3] and never NaN."""
        hits: dict[str, Block] = {}
        for at, (name, level) in enumerate(self._levels()):
            weighed = _product(needs.levels[at].multiply(self.rarity_[at][None, :]).tocsr(), rounds.levels[at])
            hits[f"{name}{level}"] = hit = (weighed > 0).astype(np.float32)
            yield f"{name}{level}", hit
            yield f"{name}{level}_rare", np.minimum(weighed, 1)
        for name, ours, theirs in zip(self.facts.trees, needs.known, rounds.known, strict=True):
            yield from _silences(name, ours == 0, theirs == 0)
        hits["round"] = (_product(needs.steps, rounds.steps) > 0).astype(np.float32)
        yield "round", hits["round"]
        yield from self._distances(needs, rounds, hits)
        yield from self._times(needs, rounds, hits)
        yield "words", (words := _product(needs.text, rounds.text))
        yield "words_root", np.sqrt(np.maximum(words, 0))
        yield from _together(hits)

    def _distances(self, needs: Encoded, rounds: Encoded, hits: dict[str, Block]) -> Iterator[tuple[str, Block]]:
        yield "round_apart", _apart(needs.rung, rounds.rung, 3)
        yield from _silences("round", np.isnan(needs.rung), np.isnan(rounds.rung))
        apart = _apart(needs.amount, rounds.amount, 5)
        both = ~np.isnan(needs.amount)[:, None] & ~np.isnan(rounds.amount)[None, :]
        hits["amount"] = np.where(both, np.exp(-apart * 5), 0).astype(np.float32)
        yield "amount", hits["amount"]
        yield "amount_apart", apart
        yield from _silences("amount", np.isnan(needs.amount), np.isnan(rounds.amount))

    def _times(self, needs: Encoded, rounds: Encoded, hits: dict[str, Block]) -> Iterator[tuple[str, Block]]:
        age = np.maximum(needs.day[:, None] - rounds.day[None, :], 0) / np.float32(YEAR)
        yield "age", np.log1p(age)
        yield "recent_months", np.exp(-age * 4)
        hits["recent"] = np.exp(-age)
        yield "recent_years", hits["recent"]
        yield "debut", needs.debut[:, None] * rounds.debut[None, :]
        yield "later", (1 - needs.debut)[:, None] * (1 - rounds.debut)[None, :]
        yield "debut_then", _rows(rounds.debut, len(needs.debut))
        yield "syndicate", _rows(rounds.syndicate, len(needs.debut))

    def _levels(self) -> list[tuple[str, int]]:
        return [(name, level) for name, (_, depth) in self.facts.trees.items() for level in range(depth)]

    def _nodes(self, table: Table, name: str, level: int) -> dict[str, int]:
        paths = [self.facts.trees[name][0].path(code) for code in table.codes(name).codes]
        return {node: place for place, node in enumerate(sorted({p[level] for p in paths if len(p) > level}))}

    def _hot(self, table: Table, name: str, level: int, at: int) -> sparse.csr_matrix:
        column, tree = table.codes(name), self.facts.trees[name][0]
        paths = {code: tree.path(code)[level : level + 1] for code in column.codes}
        return _project(column, paths, self.nodes_[at])


def _project(column: SetColumn, targets: Mapping[str, tuple[str, ...]], nodes: Mapping[str, int]) -> sparse.csr_matrix:
    """(n, n_nodes) ones where a row has a code that leads to the node."""
    pairs = [(c, nodes[t]) for c, code in enumerate(column.codes) for t in targets[code] if t in nodes]
    rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    links = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(len(column.codes), len(nodes)))
    hot = sparse.csr_matrix(column.hot @ links)
    hot.data[:] = 1
    return hot


def _rarity(level: sparse.csr_matrix) -> Vector:
    """(n_nodes,) inverse document frequency, scaled so that a code seen once has 1."""
    seen = np.asarray(level.sum(axis=0)).ravel()
    scale = np.log(level.shape[0] + 1)
    return np.asarray(np.log((level.shape[0] + 1) / (seen + 1)) / max(scale, 1), dtype=np.float32)


def _mean_rung(steps: SetColumn, ladder: Ladder) -> Vector:
    rungs = ladder.rungs(steps.codes)
    on = (~np.isnan(rungs)).astype(np.float64)
    count = np.asarray(steps.hot @ on).ravel()
    total = np.asarray(steps.hot @ np.nan_to_num(rungs)).ravel()
    mean = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    return np.asarray(mean, dtype=np.float32)


def _middle(low: Floats, high: Floats) -> Vector:
    return np.where(np.isnan(low), high, np.where(np.isnan(high), low, (low + high) / 2)).astype(np.float32)


def _product(ours: sparse.csr_matrix, theirs: sparse.csr_matrix) -> Block:
    return np.asarray((ours @ turned(theirs)).toarray(), dtype=np.float32)


def _apart(ours: Vector, theirs: Vector, limit: int) -> Block:
    """(n, m) distance as a share of `limit`, at most 1; 0 where either is unknown (the silences say so)."""
    apart = np.minimum(np.abs(ours[:, None] - theirs[None, :]), limit) / np.float32(limit)
    return np.asarray(np.nan_to_num(apart), dtype=np.float32)


def _silences(name: str, ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> Iterator[tuple[str, Block]]:
    yield f"{name}_both_silent", (ours[:, None] & theirs[None, :]).astype(np.float32)
    yield f"{name}_then_silent", (~ours[:, None] & theirs[None, :]).astype(np.float32)


def _rows(values: Vector, count: int) -> Block:
    return np.repeat(values[None, :], count, axis=0)


def _together(hits: dict[str, Block]) -> Iterator[tuple[str, Block]]:
    """Two agreements at once say more than each alone."""
    names = [name for name in hits if name not in ("round", "amount", "recent")]
    for other in ("round", "amount", "recent"):
        for name in names:
            yield f"{name}_{other}", hits[name] * hits[other]
    fields = [name for name in names if name.startswith(names[0].rstrip("0123456789"))] if names else []
    for one in fields:
        for name in names:
            if name not in fields:
                yield f"{one}_{name}", hits[one] * hits[name]
    yield "round_amount", hits["round"] * hits["amount"]
