"""Learned attention over past rounds: which of them speak for an offer when this need is asked.

p(offer | need) is the share of a softmax over all past participations: exp(w·φ(need, round) + u·ψ(offer)), summed over the
offer's own. The weights are fitted by L-BFGS to the participants of later rounds, with a Gaussian prior at hand-set weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from matchhub.matcher.affinity import Affinity, Encoded, Facts, Vector
from matchhub.matcher.arrays import spread
from matchhub.matcher.attention_learning import (
    Batch,
    fit_weights,
    Numbers,
    offer_traits,
    Training,
    TRAITS,
    truth_lifts,
    Window,
)
from matchhub.matcher.history import History
from matchhub.matcher.table import Block, DAYS_UNKNOWN, Rows, Table

PRIOR: Mapping[str, float] = {
    "industries0": 1.0, "industries1": 1.0, "region0": 0.3, "region1": 0.5, "region2": 0.5, "round": 0.8, "round_apart": -0.5,
    "amount": 0.7, "age": -0.5, "words": 2.0,
}  # fmt: skip
"""Weights before anything is learned: the proposed shares of the domain notes (industry before round before amount)."""

FEWEST_QUERIES = 20


@dataclass
class Attention:
    """A model of p(offer | need) from past rounds; `weights_` and `traits_` are what it learned."""

    facts: Facts
    training: Training = field(default_factory=Training)
    affinity_: Affinity | None = field(default=None, init=False)
    rounds_: Encoded | None = field(default=None, init=False)
    weights_: dict[str, float] = field(default_factory=dict, init=False)
    traits_: Vector = field(default_factory=lambda: np.zeros(TRAITS, np.float32), init=False)
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
        prior = np.array([PRIOR.get(name, 0.0) for name in names] + [0.0] * TRAITS, dtype=np.float64)
        windows = self._windows(history, self.affinity_)
        self.queries_ = sum(len(window.needs) for window in windows)
        learned, self.typical_lift_ = prior, 1.0
        if self.queries_ >= FEWEST_QUERIES:
            learned, lifts = self._learned(windows, prior)
            self.typical_lift_ = max(float(np.median(lifts)), 1.0)
        weights, self.traits_ = np.split(learned.astype(np.float32), [len(names)])
        self.weights_ = dict(zip(names, weights.tolist(), strict=True))
        self._stand_on(history, offer_ids)
        return self

    def _windows(self, history: History, affinity: Affinity) -> list[Window]:
        """The last windows that have rounds before them, each with its queries drawn."""
        random = np.random.default_rng(self.training.seed)
        days = history.rounds.day(self.facts.day)
        end = int(days.max(initial=DAYS_UNKNOWN)) + 1
        ends = [end - self.training.window_days * back for back in range(self.training.windows)]
        found = [Window.of(history, affinity, days, stop, self.training, random) for stop in ends]
        return [window for window in found if window is not None]

    def _learned(self, windows: list[Window], prior: Numbers) -> tuple[Numbers, Numbers]:
        """The weights, and the lifts that the truth has under them: first from an even sample, then from one drawn where
        those weights look."""
        random = np.random.default_rng(self.training.seed + 1)
        weights = prior
        for most, looking in ((self.training.sample, False), (self.training.sharpened, True)):
            batch = Batch.join([w.batch(most, random, weights if looking else None) for w in windows])
            weights = fit_weights(batch, weights, prior, self.training.ridge)
        return weights, truth_lifts(batch, weights)

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
        mass = np.asarray(spread(attention, self.part_), dtype=np.float32) * self.pull_[None, :]
        whole = np.maximum(mass.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
        return np.asarray(mass / whole, dtype=np.float32)

    def rounds_of(self, column: int) -> Rows:
        """The rounds in which one offer took part."""
        ends = self.by_offer.indptr
        return np.asarray(self.by_offer.indices[ends[column] : ends[column + 1]], dtype=np.int64)

    @property
    def by_offer(self) -> sparse.csc_matrix:
        """(n_rounds, n_offers) who took part, by columns; turned once."""
        assert self.part_ is not None
        if self.columns_ is None:
            self.columns_ = self.part_.tocsc()
        return self.columns_
