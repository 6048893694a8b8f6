"""Learned attention over past rounds: which of them speak for an offer when this need is asked.

p(offer | need) is the share of a softmax over all past participations: exp(w·φ(need, round) + u·ψ(offer)), summed over the
offer's own. The weights are fitted by L-BFGS to the participants of later rounds, with a Gaussian prior at hand-set weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from matchhub.matcher.affinity import Affinity, Encoded, Facts, Vector
from matchhub.matcher.history import History
from matchhub.matcher.table import Block, DAYS_UNKNOWN, Rows, Table

PRIOR: Mapping[str, float] = {
    "industries0": 1.0, "industries1": 1.0, "region0": 0.3, "region1": 0.5, "region2": 0.5, "round": 0.8, "round_apart": -0.5,
    "amount": 0.7, "age": -0.5, "words": 2.0,
}  # fmt: skip
"""Weights before anything is learned: the proposed shares of the domain notes (industry before round before amount)."""

OFFER_TRAITS = ("rounds", "rounds_lately")
FEWEST_QUERIES = 20


@dataclass(frozen=True, slots=True)
class Training:
    """How much of the past to learn from.

    `window_days` and `windows`: queries are the rounds of that many last windows, each seeing only what was before it;
    `queries` and `sample` bound the work: queries a window, past participations compared with each.
    """

    window_days: int = 180
    windows: int = 1
    queries: int = 800
    sample: int = 1200
    ridge: float = 0.5
    seed: int = 0


@dataclass
class Attention:
    """A model of p(offer | need) from past rounds; `weights_` and `traits_` are what it learned."""

    facts: Facts
    training: Training = field(default_factory=Training)
    affinity_: Affinity | None = field(default=None, init=False)
    rounds_: Encoded | None = field(default=None, init=False)
    weights_: dict[str, float] = field(default_factory=dict, init=False)
    traits_: Vector = field(default_factory=lambda: np.zeros(len(OFFER_TRAITS), np.float32), init=False)
    part_: sparse.csr_matrix | None = field(default=None, init=False)
    columns_: sparse.csc_matrix | None = field(default=None, init=False)
    pull_: Vector = field(default_factory=lambda: np.zeros(0, np.float32), init=False)
    queries_: int = field(default=0, init=False)
    past_: Table | None = field(default=None, init=False)
    typical_lift_: float = field(default=1.0, init=False)

    def fit(self, history: History, offer_ids: tuple[object, ...]) -> Attention:
        """Learn from the past; with fewer than FEWEST_QUERIES rounds to learn from, the prior stays."""
        self.affinity_ = Affinity(self.facts).fit(history.rounds)
        names = self.affinity_.names
        prior = np.array([PRIOR.get(name, 0.0) for name in names] + [0.0] * len(OFFER_TRAITS), dtype=np.float64)
        batches = [b for b in self._batches(history, self.affinity_) if len(b)]
        self.queries_ = sum(map(len, batches))
        learned, self.typical_lift_ = prior, 1.0
        if self.queries_ >= FEWEST_QUERIES:
            batch = Batch.join(batches)
            learned = fit_weights(batch, prior, self.training.ridge)
            self.typical_lift_ = max(float(np.median(truth_lifts(batch, learned))), 1.0)
        weights, self.traits_ = np.split(learned.astype(np.float32), [len(names)])
        self.weights_ = dict(zip(names, weights.tolist(), strict=True))
        self._stand_on(history, offer_ids)
        return self

    def _stand_on(self, history: History, offer_ids: tuple[object, ...]) -> None:
        """Take these rounds for the past."""
        assert self.affinity_ is not None
        self.affinity_.today_ = float(history.rounds.day(self.facts.day).max(initial=0)) + 1
        self.rounds_ = self.affinity_.encode(history.rounds)
        self.past_, self.part_, self.columns_ = history.rounds, history.participation(offer_ids), None
        days = history.rounds.day(self.facts.day)
        self.pull_ = np.exp(offer_traits(self.part_, days, int(self.affinity_.today_)) @ self.traits_)

    def standing_on(self, history: History, offer_ids: tuple[object, ...]) -> Attention:
        """The same learned weights over another past: as it was on an earlier day, or with what came since."""
        other = copy(self)
        other.affinity_ = copy(self.affinity_)
        other._stand_on(history, offer_ids)
        return other

    def logits(self, needs: Table) -> Block:
        """(n_needs, n_rounds) float32 log attention, not normalised."""
        assert self.affinity_ is not None and self.rounds_ is not None
        return self.affinity_.weigh(self.affinity_.encode(needs), self.rounds_, self.weights_)

    def shares(self, logits: Block) -> Block:
        """(n_needs, n_offers) float32 p(offer | need) from log attention; rows sum to 1 over the offers with a past."""
        assert self.part_ is not None
        attention = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
        mass = np.asarray(attention @ self.part_, dtype=np.float32) * self.pull_[None, :]
        whole = np.maximum(mass.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
        return np.asarray(mass / whole, dtype=np.float32)

    def rounds_of(self, column: int) -> Rows:
        """The rounds in which one offer took part."""
        assert self.part_ is not None
        if self.columns_ is None:
            self.columns_ = self.part_.tocsc()
        ends = self.columns_.indptr
        return np.asarray(self.columns_.indices[ends[column] : ends[column + 1]], dtype=np.int64)

    def _batches(self, history: History, affinity: Affinity) -> list[Batch]:
        """One batch of training queries per window, drawn with the training's seed."""
        random = np.random.default_rng(self.training.seed)
        days = history.rounds.day(self.facts.day)
        end = int(days.max(initial=DAYS_UNKNOWN)) + 1
        ends = [end - self.training.window_days * back for back in range(self.training.windows)]
        return [self._batch(history, affinity, days, stop, random) for stop in ends]

    def _batch(self, history: History, affinity: Affinity, days: Rows, stop: int, random: np.random.Generator) -> Batch:
        """Queries of one window against a sample of the participations before it."""
        start = stop - self.training.window_days
        before = history.only(days < start)
        asked = np.flatnonzero((days >= start) & (days < stop))
        if len(before) == 0 or len(asked) == 0:
            return Batch.empty(0)
        ids = tuple(dict.fromkeys(before.offer_ids))
        part, truth = before.participation(ids), history.participation(ids)
        asked = random.permutation(asked[np.asarray(truth[asked].sum(axis=1)).ravel() > 0])[: self.training.queries]
        traits = offer_traits(part, before.rounds.day(self.facts.day), start)
        encoded_rounds, needs = affinity.encode(before.rounds), history.rounds.take(asked)
        pairs = part.tocoo()
        rounds, offers = pairs.coords[0].astype(np.int64), pairs.coords[1].astype(np.int64)
        found = Batch.empty(len(affinity.names) + len(OFFER_TRAITS))
        for first in range(0, len(asked), 32):
            rows = slice(first, first + 32)
            drawn = []
            for query in asked[rows]:
                right = np.isin(offers, truth[query].indices)
                drawn.append((right, *sample_pairs(right, self.training.sample, random)))
            ends = np.cumsum([len(chosen) for _, chosen, _ in drawn])[:-1]
            line = np.repeat(np.arange(len(drawn)), [len(chosen) for _, chosen, _ in drawn])
            column = rounds[np.concatenate([chosen for _, chosen, _ in drawn])]
            compared = affinity.compare(affinity.encode(needs.take(rows)), encoded_rounds, line, column)
            values = np.split(np.column_stack([part for _, part in compared]), ends)
            for query, (right, chosen, offset), part in zip(asked[rows], drawn, values, strict=True):
                even = truth[query].nnz / len(ids)
                found.add(np.hstack([part, traits[offers[chosen]]]), offset, right[chosen], even)
        return found


def sample_pairs(right: NDArray[np.bool_], most: int, random: np.random.Generator) -> tuple[Rows, Vector]:
    """All right participations and up to `most` others; the log offset restores the others' full mass."""
    others = np.flatnonzero(~right)
    drawn = others if len(others) <= most else random.choice(others, most, replace=False)
    chosen = np.concatenate([np.flatnonzero(right), drawn])
    offset = np.zeros(len(chosen), dtype=np.float32)
    offset[int(right.sum()) :] = np.log(max(len(others), 1) / max(len(drawn), 1))
    return chosen, offset


def offer_traits(part: sparse.csr_matrix, days: Rows, today: int, half_life: float = 365.0) -> NDArray[np.float32]:
    """(n_offers, 2) log counts of an offer's rounds: of all time, and decayed by half each `half_life` days."""
    known = np.where(days == DAYS_UNKNOWN, today, days)
    lately = 0.5 ** ((today - known) / half_life)
    counts = np.column_stack([part.T @ np.ones(part.shape[0]), part.T @ lately])
    return np.asarray(np.log1p(counts), dtype=np.float32)


@dataclass
class Batch:
    """Training pairs query by query: features, log offsets of sampling, which pairs are of the truth, its even chance."""

    width: int
    features: list[NDArray[np.float32]] = field(default_factory=list)
    offsets: list[Vector] = field(default_factory=list)
    right: list[NDArray[np.bool_]] = field(default_factory=list)
    even: list[float] = field(default_factory=list)

    @classmethod
    def empty(cls, width: int) -> Batch:
        """A batch without queries."""
        return cls(width)

    @classmethod
    def join(cls, batches: list[Batch]) -> Batch:
        """The queries of all batches."""
        joined = cls(batches[0].width)
        for batch in batches:
            joined.features += batch.features
            joined.offsets += batch.offsets
            joined.right += batch.right
            joined.even += batch.even
        return joined

    def add(self, features: NDArray[np.float32], offsets: Vector, right: NDArray[np.bool_], even: float) -> None:
        """Append one query; `even` is the share of the truth if all offers had the same chance."""
        self.even.append(even)
        self.features.append(features)
        self.offsets.append(offsets)
        self.right.append(right)

    def __len__(self) -> int:
        return len(self.features)


def fit_weights(batch: Batch, prior: NDArray[np.float64], ridge: float) -> NDArray[np.float64]:
    """The weights that give the truth the largest share of attention.

    Minimises -Σ log p(truth | query) + ridge / 2 · |w - prior|² by L-BFGS: ten queries barely move the prior.
    """
    design = np.concatenate(batch.features)
    offset, right = np.concatenate(batch.offsets), np.concatenate(batch.right)
    starts = np.concatenate([[0], np.cumsum([len(part) for part in batch.offsets])[:-1]]).astype(np.int64)
    lengths = np.diff([*starts, len(offset)])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = design @ weights.astype(np.float32) + offset
        everyone = np.exp(logits - np.repeat(np.maximum.reduceat(logits, starts), lengths))
        truth = np.where(right, everyone, 0)
        total, hit = np.add.reduceat(everyone, starts), np.maximum(np.add.reduceat(truth, starts), 1e-30)
        pull = everyone / np.repeat(total, lengths) - truth / np.repeat(hit, lengths)
        away = weights - prior
        value = float(np.log(total / hit).sum(dtype=np.float64)) + ridge / 2 * float(away @ away)
        return value, (pull @ design).astype(np.float64) + ridge * away

    found = optimize.minimize(loss, prior, jac=True, method="L-BFGS-B", options={"maxiter": 80})
    return np.asarray(found.x, dtype=np.float64)


def truth_lifts(batch: Batch, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n_queries,) how many times an even chance the truth of each training query gets."""
    parts = zip(batch.features, batch.offsets, batch.right, batch.even, strict=True)
    return np.array([_share(f @ weights + offset, right) / even for f, offset, right, even in parts], dtype=np.float64)


def _share(logits: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    mass = np.exp(logits - logits.max())
    return float(mass[right].sum() / mass.sum())
