"""What is learned from lists: a linear and a boosted correction of the first stage, both additive over topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from sklearn.ensemble import HistGradientBoostingRegressor

from matchhub.matcher.affinity import Vector
from matchhub.matcher.reranking.lists import Sample

MOST_BOOSTED = 250_000
"""Pairs that the boosted part learns from at most."""


@dataclass(frozen=True, slots=True)
class Learning:
    """How the second stage learns. `ridge`: the precision of the prior "no correction"; `boosted_from`: lists from which
    on trees are grown as well."""

    ridge: float = 10.0
    boosted_from: int = 10**9
    trees: int = 200
    leaves: int = 12
    rate: float = 0.08
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """A correction in log odds: Σ over topics of a linear and a boosted part. `topics` names the topic of every fact."""

    topics: tuple[str, ...]
    mean: Vector
    scale: Vector
    linear: Vector
    boosted: HistGradientBoostingRegressor | None
    centre: float = 0.0

    @classmethod
    def fit(cls, sample: Sample, topics: Sequence[str], learning: Learning) -> Head:
        """Learn from lists; the prior is the first stage as it is."""
        mean, scale = sample.facts.mean(axis=0), sample.facts.std(axis=0) + np.float32(1e-6)
        linear = fit_linear((sample.facts - mean) / scale, sample, learning.ridge)
        head = cls(tuple(topics), mean, scale, linear.astype(np.float32), None)
        if sample.lists >= learning.boosted_from:
            odds = sample.odds + head.total(sample.facts)
            head = cls(head.topics, mean, scale, head.linear, fit_boosted(sample, odds, topics, learning))
        return head

    def total(self, facts: NDArray[np.float32]) -> Vector:
        """(n_pairs,) the whole correction."""
        found = ((facts - self.mean) / self.scale) @ self.linear
        if self.boosted is not None:
            found = found + self.boosted.predict(facts) - self._silent()
        return np.asarray(found - self.centre, dtype=np.float32)

    def parts(self, facts: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
        """topic → (n_pairs,) its part of the correction; the parts add up to `total` plus `centre`, to rounding.

        No tree looks at facts of two topics, so what the trees add for one topic is what they say when all facts but its
        own are missing, less what they say when all are.
        """
        found = {}
        for topic in dict.fromkeys(self.topics):
            own = np.array([name == topic for name in self.topics])
            part = ((facts[:, own] - self.mean[own]) / self.scale[own]).astype(np.float64) @ self.linear[own]
            if self.boosted is not None:
                alone = np.where(own[None, :], facts, np.float32(np.nan))
                part = part + self.boosted.predict(alone) - self._silent()
            found[topic] = np.asarray(part, dtype=np.float64)
        return found

    def _silent(self) -> float:
        assert self.boosted is not None
        return float(self.boosted.predict(np.full((1, len(self.topics)), np.nan, np.float32))[0])


def fit_linear(facts: NDArray[np.float32], sample: Sample, ridge: float) -> NDArray[np.float64]:
    """Weights that raise the truth in its list: -Σ log p(hit | list) + ridge / 2 · |w|², p a softmax over the list with the
    first stage's log odds as offset."""
    lengths = np.diff([*sample.starts, len(sample.odds)])
    hits = np.add.reduceat(sample.right.astype(np.float32), sample.starts)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = facts @ weights.astype(np.float32) + sample.odds
        mass = np.exp(logits - np.repeat(np.maximum.reduceat(logits, sample.starts), lengths))
        share = mass / np.repeat(np.add.reduceat(mass, sample.starts), lengths)
        slope = share * np.repeat(hits, lengths) - sample.right
        value = -float(np.log(np.maximum(share[sample.right], 1e-30)).sum(dtype=np.float64))
        return value + ridge / 2 * float(weights @ weights), (slope @ facts).astype(np.float64) + ridge * weights

    start = np.zeros(facts.shape[1])
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 100})
    return np.asarray(found.x, dtype=np.float64)


def fit_boosted(
    sample: Sample, odds: Vector, topics: Sequence[str], learning: Learning
) -> HistGradientBoostingRegressor:
    """Trees on one Newton step of the same likelihood from where the linear part stands.

    With p the share of a pair in its list, the step's target is (hit - p) / (p (1 - p)), its weight p (1 - p): additive
    over topics because `interaction_cst` keeps each tree to the facts of one.
    """
    lengths = np.diff([*sample.starts, len(odds)])
    hits = np.repeat(np.add.reduceat(sample.right.astype(np.float32), sample.starts), lengths)
    mass = np.exp(odds - np.repeat(np.maximum.reduceat(odds, sample.starts), lengths))
    share = np.clip(hits * mass / np.repeat(np.add.reduceat(mass, sample.starts), lengths), 1e-3, 0.95)
    weight = share * (1 - share)
    groups = [np.flatnonzero([name == topic for name in topics]).tolist() for topic in dict.fromkeys(topics)]
    trees = HistGradientBoostingRegressor(
        max_iter=learning.trees, learning_rate=learning.rate, max_leaf_nodes=learning.leaves, min_samples_leaf=60,
        l2_regularization=20.0, max_bins=64, interaction_cst=groups, early_stopping=False, random_state=learning.seed,
    )  # fmt: skip
    kept = slice(None, MOST_BOOSTED)
    return trees.fit(sample.facts[kept], ((sample.right - share) / weight)[kept], sample_weight=weight[kept])
