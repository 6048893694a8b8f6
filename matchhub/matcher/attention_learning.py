"""How the weights of attention are learned: rounds of the last window against the participations before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from matchhub.matcher.affinity import Affinity, Encoded, Vector
from matchhub.matcher.history import History
from matchhub.matcher.table import Bools, DAYS_UNKNOWN, Rows, Table

Numbers: TypeAlias = NDArray[np.float64]

TRAITS = 2
"""Traits of an offer alone: log counts of its rounds, of all time and lately."""

ROWS = 32
EVEN_SHARE = 0.3
"""Of a sharpened sample: the part that is drawn evenly, so that nothing is out of sight."""


@dataclass(frozen=True, slots=True)
class Training:
    """How much of the past to learn from.

    `window_days` and `windows`: queries are the rounds of that many last windows, each seeing only what was before it;
    `queries` bounds them a window. `sample`: past participations compared with each query at first, drawn evenly;
    `sharpened`: then, drawn where the first weights look.
    """

    window_days: int = 180
    windows: int = 1
    queries: int = 800
    sample: int = 400
    sharpened: int = 1500
    ridge: float = 0.5
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Training pairs, query by query: (n_pairs, n_features) features, log offsets that restore the mass of what was not
    drawn, the taker of a pair (a place among those of its query, -1 for others), query starts, takers and even chances."""

    features: NDArray[np.float32]
    offsets: Vector
    takers: Rows
    starts: Rows
    count: Rows
    even: Numbers

    @property
    def lengths(self) -> Rows:
        """(n_queries,) pairs of each query."""
        return np.diff([*self.starts, len(self.offsets)])

    @classmethod
    def join(cls, parts: Sequence[Batch]) -> Batch:
        """The queries of all batches."""
        if len(parts) == 1:
            return parts[0]
        ends = np.cumsum([0, *(len(part.offsets) for part in parts)])
        return cls(
            np.concatenate([part.features for part in parts]),
            np.concatenate([part.offsets for part in parts]),
            np.concatenate([part.takers for part in parts]),
            np.concatenate([part.starts + end for part, end in zip(parts, ends[:-1], strict=True)]),
            np.concatenate([part.count for part in parts]),
            np.concatenate([part.even for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class Window:
    """Some rounds of a window as needs, who took part in them, and what was before the window.

    `rows`, `offers`: the participations before it, as pairs of a round and an offer with (n_offers, TRAITS) `traits`.
    """

    affinity: Affinity
    needs: Table
    taken: sparse.csr_matrix
    rounds: Encoded
    rows: Rows
    offers: Rows
    traits: NDArray[np.float32]

    @classmethod
    def of(
        cls,
        history: History,
        affinity: Affinity,
        days: Rows,
        stop: int,
        training: Training,
        random: np.random.Generator,
    ) -> Window | None:
        """The window that ends before the day `stop`; None without rounds in it or before it."""
        start = stop - training.window_days
        before = history.only(days < start)
        asked = np.flatnonzero((days >= start) & (days < stop))
        if len(before) == 0 or len(asked) == 0:
            return None
        ids = tuple(dict.fromkeys(before.offer_ids))
        taken = history.participation(ids)
        asked = random.permutation(asked[np.asarray(taken[asked].sum(axis=1)).ravel() > 0])[: training.queries]
        part = before.participation(ids)
        rows, offers = (axis.astype(np.int64) for axis in part.tocoo().coords)
        traits = offer_traits(part, before.rounds.day(affinity.facts.day), start)
        return cls(
            affinity, history.rounds.take(asked), taken[asked], affinity.encode(before.rounds), rows, offers, traits
        )

    def batch(self, most: int, random: np.random.Generator, weights: Numbers | None = None) -> Batch:
        """All participations of the takers and up to `most` others of every query: drawn evenly, or in proportion to the
        attention that they get under `weights`."""
        drawn = [
            part for first in range(0, len(self.needs), ROWS) for part in self._drawn(first, most, random, weights)
        ]
        lengths = np.array([len(chosen) for chosen, *_ in drawn], dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
        width = len(self.affinity.names)
        features = np.empty((int(lengths.sum()), width + TRAITS), dtype=np.float32)
        for first in range(0, len(drawn), ROWS):
            chosen = np.concatenate([part[0] for part in drawn[first : first + ROWS]])
            lines = np.repeat(np.arange(len(drawn[first : first + ROWS])), lengths[first : first + ROWS])
            needs = self.affinity.encode(self.needs.take(slice(first, first + ROWS)))
            place = slice(int(starts[first]), int(starts[first]) + len(chosen))
            for at, (_, values) in enumerate(self.affinity.compare(needs, self.rounds, lines, self.rows[chosen])):
                features[place, at] = values
            features[place, width:] = self.traits[self.offers[chosen]]
        count = np.diff(self.taken.indptr).astype(np.int64)
        offsets, takers = (np.concatenate([part[at] for part in drawn]) for at in (1, 2))
        return Batch(features, offsets, takers, starts, count, count / self.taken.shape[1])

    def _drawn(
        self, first: int, most: int, random: np.random.Generator, weights: Numbers | None
    ) -> list[tuple[Rows, Vector, Rows]]:
        """For each query of a block: the chosen participations, their log offsets, and whose each is."""
        found, logits = [], None
        lines = range(first, min(first + ROWS, len(self.needs)))
        if weights is not None:
            named = dict(zip(self.affinity.names, weights.tolist(), strict=False))
            needs = self.affinity.encode(self.needs.take(slice(first, first + ROWS)))
            logits = self.affinity.weigh(needs, self.rounds, named)[:, self.rows]
            logits += (self.traits @ weights[-TRAITS:].astype(np.float32))[self.offers][None, :]
        for line in lines:
            takers = self.taken[line].indices
            whose = np.full(self.taken.shape[1], -1, dtype=np.int64)
            whose[takers] = np.arange(len(takers))
            right = whose[self.offers] >= 0
            chosen, offset = sample_pairs(right, most, random, None if logits is None else logits[line - first])
            found.append((chosen, offset, whose[self.offers[chosen]]))
        return found


def sample_pairs(
    right: Bools, most: int, random: np.random.Generator, logits: Vector | None = None
) -> tuple[Rows, Vector]:
    """All right participations and up to `most` others, drawn evenly or (mostly) in proportion to exp(logits); the log
    offsets restore the others' full mass."""
    others, hits = np.flatnonzero(~right), np.flatnonzero(right)
    if len(others) <= most:
        drawn, weight = others, np.zeros(len(others))
    elif logits is None:
        drawn = np.sort(random.choice(others, most, replace=False))
        weight = np.full(most, np.log(len(others) / most))
    else:
        drawn, weight = _looked_at(logits[others], most, random)
        drawn = others[drawn]
    return np.concatenate([hits, drawn]), np.concatenate([np.zeros(len(hits)), weight]).astype(np.float32)


def _looked_at(logits: Vector, most: int, random: np.random.Generator) -> tuple[Rows, Numbers]:
    """Systematic sampling: places drawn in proportion to attention, and the log of how many each stands for."""
    attention = np.exp((logits - logits.max()).astype(np.float64))
    chance = (1 - EVEN_SHARE) * attention / attention.sum() + EVEN_SHARE / len(logits)
    steps = (np.arange(most) + random.random()) / most * chance.sum()
    places = np.minimum(np.searchsorted(np.cumsum(chance), steps), len(logits) - 1)
    drawn, times = np.unique(places, return_counts=True)
    return drawn, np.log(times / (most * chance[drawn]))


def offer_traits(part: sparse.csr_matrix, days: Rows, today: int, half_life: float = 365.0) -> NDArray[np.float32]:
    """(n_offers, TRAITS) log counts of an offer's rounds: of all time, and decayed by half each `half_life` days."""
    known = np.where(days == DAYS_UNKNOWN, today, days)
    lately = 0.5 ** ((today - known) / half_life)
    counts = np.column_stack([part.T @ np.ones(part.shape[0]), part.T @ lately])
    return np.asarray(np.log1p(counts), dtype=np.float32)


def fit_weights(batch: Batch, start: Numbers, prior: Numbers, ridge: float) -> Numbers:
    """The weights that give those who took part the largest shares of attention.

    Minimises -Σ over queries of the mean over its takers of log p(taker | query) + ridge / 2 · |w - prior|² by L-BFGS from
    `start`: ten queries barely move the prior.
    """
    lengths = batch.lengths
    right = np.flatnonzero(batch.takers >= 0)
    query = np.repeat(np.arange(len(lengths)), lengths)[right]
    taker = np.concatenate([[0], np.cumsum(batch.count)])[query] + batch.takers[right]
    weight = np.repeat(1 / np.maximum(batch.count, 1), batch.count)

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        logits = batch.features @ weights.astype(np.float32) + batch.offsets
        logits -= np.repeat(np.maximum.reduceat(logits, batch.starts), lengths)
        mass = np.exp(logits, out=logits)
        total = np.add.reduceat(mass, batch.starts)
        own = np.maximum(np.bincount(taker, mass[right], len(weight)), 1e-30)
        pull = mass / np.repeat(total, lengths)
        pull[right] -= (mass[right] * (weight / own)[taker]).astype(np.float32)
        away = weights - prior
        value = float(np.log(total).sum(dtype=np.float64)) - float(weight @ np.log(own))
        return value + ridge / 2 * float(away @ away), (pull @ batch.features).astype(np.float64) + ridge * away

    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 80})
    return np.asarray(found.x, dtype=np.float64)


def truth_lifts(batch: Batch, weights: Numbers) -> Numbers:
    """(n_queries,) how many times an even chance the truth of each training query gets."""
    lengths = batch.lengths
    logits = batch.features @ weights.astype(np.float32) + batch.offsets
    mass = np.exp(logits - np.repeat(np.maximum.reduceat(logits, batch.starts), lengths)).astype(np.float64)
    hit = np.add.reduceat(np.where(batch.takers >= 0, mass, 0), batch.starts)
    return np.asarray(hit / np.add.reduceat(mass, batch.starts) / batch.even, dtype=np.float64)
