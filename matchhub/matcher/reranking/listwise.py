"""What boosted trees learn from: how far each pair of a list should move, by what a swap would change in the list's nDCG.

This is LambdaMART's gradient. A list's order among the first few places counts, not how far each of its pairs is told from a
constant: a hit pulls against every other pair in proportion to |ΔnDCG| of their swap, as long as one of both is near the top.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn._loss.link import IdentityLink
from sklearn._loss.loss import BaseLoss

from matchhub.matcher.table import Bools, Rows

CLOSE = 0.01
"""Keeps the pull between two scores that are nearly equal within bounds."""


class Swaps(BaseLoss):
    """The gradient and curvature of lists, one after the other from `starts`, whose hits are `right`; only swaps with one of
    both among the first `depth` count."""

    def __init__(self, right: Bools, starts: Rows, depth: int = 15) -> None:
        super().__init__(closs=None, link=IdentityLink(), n_classes=2)
        lengths = np.diff([*starts, len(right)])
        line = np.repeat(np.arange(len(starts)), lengths)
        self.depth, self.shape = depth, (len(starts), int(lengths.max(initial=1)))
        self.place = (line, np.arange(len(right)) - starts[line])
        self.hit, self.other = _pairs(right, starts, lengths, line)
        self.list = line[self.hit]
        self.discount = (1 / np.log2(np.arange(2, self.shape[1] + 2))).astype(np.float32)
        hits = np.minimum(np.add.reduceat(right.astype(np.int64), starts), depth)
        self.ideal = np.cumsum(np.append(0, self.discount))[hits].astype(np.float32)[self.list]

    def fit_intercept_only(self, y_true: Any, sample_weight: Any = None) -> NDArray[np.float64]:
        """(1,) where the scores begin: a list's order has no level."""
        return np.zeros(1)

    def gradient_hessian(
        self,
        y_true: Any,
        raw_prediction: NDArray[np.float64],
        sample_weight: Any = None,
        gradient_out: Any = None,
        hessian_out: Any = None,
        n_threads: int = 1,
    ) -> tuple[Any, Any]:
        """Fill both with what the present scores ask for; a list's pull is bounded by the log of its sum."""
        scores = np.asarray(raw_prediction, dtype=np.float32).ravel()
        places = self._places(scores)
        upper, lower = places[self.hit], places[self.other]
        gap = scores[self.hit] - scores[self.other]
        change = np.abs(self.discount[upper] - self.discount[lower]) / self.ideal / (CLOSE + np.abs(gap))
        change *= np.minimum(upper, lower) < self.depth
        wrong = 1 / (1 + np.exp(gap))
        pull = wrong * change
        whole = 2 * np.bincount(self.list, pull, self.shape[0])
        bound = (np.log2(1 + whole) / np.maximum(whole, 1e-12))[self.list]
        pull, bend = pull * bound, pull * (1 - wrong) * bound
        for out, values, sign in ((gradient_out, pull, -1), (hessian_out, bend, 1)):
            added = sign * np.bincount(self.hit, values, len(scores)) + np.bincount(self.other, values, len(scores))
            out[...] = added.reshape(out.shape)
        return gradient_out, hessian_out

    def _places(self, scores: NDArray[np.float32]) -> Rows:
        """(n_pairs,) the place of each pair in its list, from 0; ties in the order of the list."""
        grid = np.full(self.shape, -np.inf, dtype=np.float32)
        grid[self.place] = scores
        order = np.argsort(-grid, axis=1, kind="stable")
        places = np.empty(self.shape, dtype=np.int64)
        np.put_along_axis(places, order, np.broadcast_to(np.arange(self.shape[1]), self.shape), axis=1)
        return places[self.place]


def _pairs(right: Bools, starts: Rows, lengths: Rows, line: Rows) -> tuple[Rows, Rows]:
    """Every hit with every other pair of its list that is none."""
    hits = np.flatnonzero(right)
    size = lengths[line[hits]]
    within = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    hit, other = np.repeat(hits, size), np.repeat(starts[line[hits]], size) + within
    kept = ~right[other]
    return hit[kept], other[kept]
