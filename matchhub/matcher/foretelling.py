"""Who will say yes, foretold from many answers: profiles, and trees over what the others' answers told of a pair.

What an offer's answers say of its next one must not be read from the answer itself, nor from a sum that it was taken out of: of
one offer's pairs, those with a yes would have the lower rate of yes, and trees find that. So the facts that trees learn from
are read from the answers of other folds of needs, as they will be read of a need that nobody has answered yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingClassifier

from matchhub.matcher.answers import evened, STRENGTH
from matchhub.matcher.profiles import Profiles
from matchhub.matcher.reranking.trees import Paths
from matchhub.matcher.table import Bools, Rows, Table

Numbers = NDArray[np.float64]
Codes: TypeAlias = dict[str, dict[str, int]]
FORETOLD_FROM = 2000
"""Answers from which on more is foretold than the linear part of `answers.py` tells."""

TREES_SHARE = 0.6
"""The word of trees; the rest is that of profiles."""

FOLDS, GROVES = 5, 2
"""Of how many parts of the needs each is told by the others, and how many times trees are grown; the mean of them speaks."""

NEAR = ((2, 0.5), (6, 0.2))
"""How narrow likeness is (power of the cosine), and how much likeness weighs as much as nothing known."""

ITSELF, ALIKE = "itself", "alike"


@dataclass
class Foretelling:
    """Log odds of a yes, and what each fact adds to them.

    `sets`: the columns of codes, the same on both sides; `text`: the column of words that profiles read. Facts are those of
    `Profiles` and, by trees, "itself" (the offer's own answers), "alike" (its answers to needs like this one), "both", and
    "how many" codes either side names. An offer is its row: `odds` wants the table of offers that it was fitted to.
    """

    sets: Sequence[str]
    text: str = "text"
    seed: int = 0
    codes_: Codes = field(default_factory=dict, init=False)
    profiles_: Profiles | None = field(default=None, init=False)
    known_: Past | None = field(default=None, init=False)
    paths_: Paths | None = field(default=None, init=False)
    topics_: tuple[str, ...] = field(default=(), init=False)

    def fit(self, needs: Table, offers: Table, rows: Rows, columns: Rows, right: Bools) -> Foretelling:
        """Learn from pairs (row of needs, row of offers) and whether each was accepted."""
        self.profiles_ = Profiles(self.sets, self.text).fit(needs, offers, rows, columns, right, evened(rows))
        self.codes_ = {
            name: {code: at for at, code in enumerate(sorted({*needs.codes(name).codes, *offers.codes(name).codes}))}
            for name in self.sets
        }
        sides = self.sides(needs, offers)
        fold = np.random.default_rng(self.seed).integers(0, FOLDS, len(needs))[rows]
        held: list[tuple[Rows, dict[str, Numbers]]] = []
        for one in range(FOLDS):
            others, here = np.flatnonzero(fold != one), np.flatnonzero(fold == one)
            past = Past.of(sides, rows[others], columns[others], right[others])
            held.append((here, past.facts(sides, rows[here], columns[here])))
        named = list(held[0][1])
        facts = np.empty((len(rows), len(named)), dtype=np.float32)
        for here, told in held:
            facts[here] = np.column_stack(list(told.values()))
        topics = [name.split(":")[0] for name in named]
        self.topics_ = tuple(dict.fromkeys(topics))
        self.paths_ = Paths.of(
            [self._grown(facts, right, evened(rows), grove) for grove in range(GROVES)],
            np.array([self.topics_.index(topic) for topic in topics], dtype=np.int64),
        )
        self.known_ = Past.of(sides, rows, columns, right)
        return self

    def odds(self, needs: Table, offers: Table, rows: Rows, columns: Rows) -> Numbers:
        """(n_pairs,) log odds of a yes."""
        return np.asarray(self.level + sum(self.parts(needs, offers, rows, columns).values()))

    @property
    def level(self) -> float:
        """The log odds of which nothing is known."""
        assert self.paths_ is not None and self.profiles_ is not None
        return TREES_SHARE * self.paths_.base + (1 - TREES_SHARE) * self.profiles_.level

    def parts(self, needs: Table, offers: Table, rows: Rows, columns: Rows) -> dict[str, Numbers]:
        """(n_pairs,) what each fact adds to the log odds; with `level` they are the log odds."""
        assert self.paths_ is not None and self.profiles_ is not None and self.known_ is not None
        said = self.profiles_.addends(needs, offers, rows, columns)
        found = {name: (1 - TREES_SHARE) * part for name, part in said.items()}
        facts = self.known_.facts(self.sides(needs, offers), rows, columns)
        told = self.paths_.parts(np.column_stack(list(facts.values())).astype(np.float32))
        for name, part in zip(self.topics_, told.T, strict=True):
            found[name] = found.get(name, 0.0) + TREES_SHARE * part
        return found

    def sides(self, needs: Table, offers: Table) -> Sides:
        """What both sides name."""
        return Sides.of(needs, offers, self.codes_)

    def _grown(
        self, facts: NDArray[np.float32], right: Bools, weight: Numbers, grove: int
    ) -> HistGradientBoostingClassifier:
        return HistGradientBoostingClassifier(
            max_iter=150, learning_rate=0.05, max_leaf_nodes=6, min_samples_leaf=40, l2_regularization=10.0,
            max_bins=63, max_features=0.3, early_stopping=False, random_state=self.seed + grove,
        ).fit(facts, right, sample_weight=weight)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sides:
    """What needs and offers name, by set: (n, n_codes) `asks` and `offers` with the same columns, and how many codes in all,
    known ones or not. `unit`: rows of needs, each set of length one, so that the product of two rows adds up cosines."""

    asks: tuple[sparse.csr_matrix, ...]
    offers: tuple[sparse.csr_matrix, ...]
    asked: tuple[Numbers, ...]
    offered: tuple[Numbers, ...]
    unit: sparse.csr_matrix

    @classmethod
    def of(cls, needs: Table, offers: Table, codes: Codes) -> Sides:
        """Codes that were not there when learning have no column."""
        asks, offered = (tuple(_hot(table, name, place) for name, place in codes.items()) for table in (needs, offers))
        named = tuple(tuple(_ravel(table.codes(name).hot.sum(axis=1)) for name in codes) for table in (needs, offers))
        return cls(asks, offered, named[0], named[1], sparse.hstack([_unit(part) for part in asks], format="csr"))

    def met(self, rows: Rows, columns: Rows) -> dict[str, Numbers]:
        """By fact (n_pairs,): how many codes of each set either names and both, and their share of each side's."""
        found = {}
        for at, (asks, offers) in enumerate(zip(self.asks, self.offers, strict=True)):
            ours, theirs = self.asked[at][rows], self.offered[at][columns]
            both = _ravel(asks[rows].multiply(offers[columns]).sum(axis=1))
            found[f"how many:asked {at}"], found[f"how many:offered {at}"] = ours, theirs
            found[f"both:{at}"] = both
            found[f"both:of asked {at}"], found[f"both:of offered {at}"] = (
                both / np.maximum(side, 1) for side in (ours, theirs)
            )
        return found


@dataclass(frozen=True, slots=True)
class Past:
    """What answers say of an offer's next ones: (n_offers,) `own` facts by name, and answer by answer, in the order of offers,
    the need's codes as unit rows and how far the answer was above the offer's rate; `ends` are the first of each offer."""

    own: dict[str, Numbers]
    asked: sparse.csr_matrix
    above: Numbers
    ends: Rows

    @classmethod
    def of(cls, sides: Sides, rows: Rows, columns: Rows, right: Bools) -> Past:
        """From pairs and whether each was accepted."""
        size = sides.offers[0].shape[0]
        mean = float((right.sum() + 1) / (len(right) + 2))
        weight = evened(rows)
        count, yes = np.bincount(columns, minlength=size), np.bincount(columns, right, size)
        rate = (yes + STRENGTH * mean) / (count + STRENGTH)
        heavy, heavy_yes = np.bincount(columns, weight, size), np.bincount(columns, weight * right, size)
        of_need = (np.bincount(rows, right) + 2 * mean) / (np.bincount(rows) + 2)
        own = {
            "rate": rate,
            "free rate": (yes + mean) / (count + 1),
            "number": np.log1p(count),
            "evened rate": (heavy_yes + 2 * mean) / (heavy + 2),
            "beyond the need's own": np.bincount(columns, right - of_need[rows], size) / (count + STRENGTH - 1),
        }
        order = np.argsort(columns, kind="stable")
        ends = np.searchsorted(columns[order], np.arange(size + 1))
        return cls(own, sides.unit[rows[order]], (right - rate[columns])[order], ends)

    def facts(self, sides: Sides, rows: Rows, columns: Rows) -> dict[str, Numbers]:
        """By "topic:fact" (n_pairs,) all that trees read."""
        found = {f"{ITSELF}:{name}": values[columns] for name, values in self.own.items()}
        near = np.zeros((len(NEAR), len(rows)))
        order = np.argsort(columns, kind="stable")
        starts = np.flatnonzero(np.diff(columns[order], prepend=-1))
        for pairs in np.split(order, starts[1:]):
            known = slice(*self.ends[columns[pairs[0]] : columns[pairs[0]] + 2]) if len(pairs) else slice(0, 0)
            alike = (sides.unit[rows[pairs]] @ self.asked[known].T).toarray() / len(sides.asks)
            for line, (power, doubt) in enumerate(NEAR):
                weight = alike**power
                near[line, pairs] = weight @ self.above[known] / (weight.sum(axis=1) + doubt)
        for (power, _), values in zip(NEAR, near, strict=True):
            found[f"{ALIKE}:{power}"] = values
        return {**found, **sides.met(rows, columns)}


def _ravel(matrix: np.matrix) -> Numbers:
    return np.asarray(matrix, dtype=np.float64).ravel()


def _hot(table: Table, name: str, place: dict[str, int]) -> sparse.csr_matrix:
    """(n, n_codes) ones where a row names a code that has a column."""
    column = table.codes(name)
    known = [(at, place[code]) for at, code in enumerate(column.codes) if code in place]
    at, to = np.array(known, dtype=np.int64).reshape(-1, 2).T
    links = sparse.csr_matrix((np.ones(len(at)), (at, to)), shape=(len(column.codes), len(place)))
    return sparse.csr_matrix(column.hot @ links)


def _unit(hot: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows of length one."""
    length = np.sqrt(_ravel(hot.multiply(hot).sum(axis=1)))
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(length, 1e-9)) @ hot)
