"""What is learned from lists: a linear correction of the first stage and trees beside it, both told topic by topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from matchhub.matcher.affinity import Vector
from matchhub.matcher.reranking.lists import Sample
from matchhub.matcher.reranking.trees import Growing, Trees
from matchhub.matcher.table import Rows

RECORD = "track_record"
"""The topic of what the past says of a pair as a whole."""


@dataclass(frozen=True, slots=True)
class Learning:
    """How the second stage learns. `ridge`: the precision of the prior "no correction"; `boosted_from`: lists from which
    on trees are grown as well, and `boosted` how much of the word they have then; `joined_from`: lists of later rounds from which
    on it is read who joins."""

    ridge: float = 100.0
    boosted_from: int = 1500
    boosted: float = 0.4
    joined_from: int = 1500
    growing: Growing = field(default_factory=Growing)


@dataclass(frozen=True, slots=True)
class Head:
    """A correction in log odds: Σ over topics of a linear part and of what trees say. `topics` names the topic of every fact.

    The trees judge a pair anew, so their share of the word is taken from the first stage and from the linear part; `centre`
    brings them to the level of both, so that what was really taken has the same mean log odds.
    """

    topics: tuple[str, ...]
    mean: Vector
    scale: Vector
    linear: Vector
    trees: Trees | None = None
    boosted: float = 0.0
    centre: float = 0.0

    @classmethod
    def fit(cls, sample: Sample, topics: Sequence[str], learning: Learning, reads: Rows | None = None) -> Head:
        """Learn from lists; the prior is the first stage as it is. `reads`: the facts for the trees (default: all)."""
        mean, scale = sample.facts.mean(axis=0), sample.facts.std(axis=0) + np.float32(1e-6)
        linear = fit_linear((sample.facts - mean) / scale, sample, learning.ridge)
        head = cls(tuple(topics), mean, scale, linear.astype(np.float32))
        if sample.lists < learning.boosted_from:
            return head
        every = np.arange(len(topics)) if reads is None else reads
        trees = Trees.grow(sample, topics, learning.growing, every)
        hits, odds = sample.facts[sample.right], sample.odds[sample.right]
        level = float(np.mean(trees.total(hits) - odds - head.total(hits, odds)))
        return replace(head, trees=trees, boosted=learning.boosted, centre=level)

    def total(self, facts: NDArray[np.float32], odds: Vector) -> Vector:
        """(n_pairs,) the whole correction of the first stage's log odds."""
        found = ((facts - self.mean) / self.scale) @ self.linear
        if self.trees is not None:
            anew = self.trees.total(facts) - odds - np.float32(self.centre)
            found = found * np.float32(1 - self.boosted) + anew * np.float32(self.boosted)
        return np.asarray(found, dtype=np.float32)

    def parts(self, facts: NDArray[np.float32], odds: Vector) -> dict[str, NDArray[np.float64]]:
        """topic → (n_pairs,) its part of the correction; the parts add up to `total`, to rounding.

        What the trees take of the first stage's word counts under RECORD.
        """
        found = {}
        for topic in dict.fromkeys(self.topics):
            own = np.array([name == topic for name in self.topics])
            part = ((facts[:, own] - self.mean[own]) / self.scale[own]).astype(np.float64) @ self.linear[own]
            found[topic] = np.asarray(part, dtype=np.float64)
        if self.trees is not None:
            for topic, part in self.trees.parts(facts).items():
                found[topic] = (1 - self.boosted) * found[topic] + self.boosted * part
            back = self.trees.paths.base - self.centre - odds.astype(np.float64)
            found[RECORD] = found.get(RECORD, 0) + self.boosted * back
        return found


def fit_linear(facts: NDArray[np.float32], sample: Sample, ridge: float) -> NDArray[np.float64]:
    """Weights that raise the truth in its list: the sum over lists of the mean over their hits of -log p(hit | list), and
    ridge / 2 · |w|²; p a softmax over the list with the first stage's log odds as offset.

    Every list counts alike, as it does where lists are measured: five who took part in one round are not five lists.
    """
    lengths = np.diff([*sample.starts, len(sample.odds)])
    hits = np.add.reduceat(sample.right.astype(np.float32), sample.starts)
    due = sample.right / np.repeat(hits, lengths)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = facts @ weights.astype(np.float32) + sample.odds
        mass = np.exp(logits - np.repeat(np.maximum.reduceat(logits, sample.starts), lengths))
        share = mass / np.repeat(np.add.reduceat(mass, sample.starts), lengths)
        told = np.log(np.maximum(share[sample.right], 1e-30)) @ due[sample.right].astype(np.float64)
        value = ridge / 2 * float(weights @ weights) - float(told)
        return value, ((share - due) @ facts).astype(np.float64) + ridge * weights

    start = np.zeros(facts.shape[1])
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 100})
    return np.asarray(found.x, dtype=np.float64)
