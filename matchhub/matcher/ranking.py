"""From features to one order: two sided means, their geometric mean, coverage apart, and the best k of each row."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.table import Block, Rows

Shares: TypeAlias = NDArray[np.float64]
Parts: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SideWeights:
    """(n_offers,) weight of every feature on one side, by feature name."""

    of: Mapping[str, NDArray[np.float32]]

    @property
    def total(self) -> NDArray[np.float32]:
        """(n_offers,) all weight of the side."""
        return np.asarray(sum(self.of.values()), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Scores:
    """(n_needs, n_offers) blocks in [0, 1]; a side's mean is NaN where nothing of it speaks."""

    joint: Block
    a: Block
    b: Block
    coverage: Block


def side_mean(values: Mapping[str, Block], weights: SideWeights, shape: tuple[int, int]) -> tuple[Block, Block]:
    """The weighted mean over the features that speak, and the weight that spoke; features not in `values` are silent."""
    spoken, total = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for name, weight in weights.of.items():
        if name in values:
            speaks = np.where(np.isnan(values[name]), np.float32(0), weight[None, :])
            spoken += speaks
            total += speaks * np.nan_to_num(values[name])
    mean = np.divide(total, spoken, out=np.full(shape, np.nan, np.float32), where=spoken > 0)
    return np.minimum(mean, 1), spoken


def join(a: Block, b: Block) -> Block:
    """The geometric mean of both sides, so that a one-sided wish does not top a list; a silent side is the other's."""
    left, right = np.where(np.isnan(a), b, a), np.where(np.isnan(b), a, b)
    return np.asarray(np.nan_to_num(np.sqrt(left * right)), dtype=np.float32)


def score(values: Mapping[str, Block], a: SideWeights, b: SideWeights, shape: tuple[int, int]) -> Scores:
    """Scores of a block from its features."""
    mean_a, spoken_a = side_mean(values, a, shape)
    mean_b, spoken_b = side_mean(values, b, shape)
    whole = np.maximum(a.total + b.total, np.finfo(np.float32).tiny)
    return Scores(join(mean_a, mean_b), mean_a, mean_b, (spoken_a + spoken_b) / whole[None, :])


def contributions(
    values: Sequence[float], weights_a: Sequence[float], weights_b: Sequence[float]
) -> tuple[float, Shares, Shares]:
    """The joint score of one pair and what every feature adds to it on either side.

    The geometric mean is homogeneous of degree one, so by Euler's theorem it is the sum of its variables times their
    slopes: each side carries one half of the joint score, split over its features as its mean is. A side that is silent
    carries nothing and the other one all. Silent features add 0. The parts add up to the score to rounding (1e-12).
    """
    sides = [_parts(values, weights) for weights in (weights_a, weights_b)]
    means = [None if parts is None else sum(parts) for parts in sides]
    known = [mean for mean in means if mean is not None]
    joint = math.prod(known) ** (1 / len(known)) if known else 0.0
    split = [
        np.zeros(len(values)) if not parts or not mean else np.array(parts) / mean * joint / len(known)
        for parts, mean in zip(sides, means, strict=True)
    ]
    return joint, split[0], split[1]


def contributions_of(values: Parts, weights_a: Parts, weights_b: Parts) -> tuple[Parts, Parts]:
    """What every feature adds on either side, for many pairs: (n_pairs, n_features) float64 each, NaN where a value is
    silent; the same as `contributions` tells of each alone."""
    spoken, filled = ~np.isnan(values), np.nan_to_num(values)
    split = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for weights in (weights_a, weights_b):
            used = np.where(spoken, weights, 0.0)
            split.append(np.where(used > 0, used / _added(used) * filled, 0.0))
        means = [_added(parts) for parts in split]
        known = [_added(np.where(spoken, weights, 0.0)) > 0 for weights in (weights_a, weights_b)]
        count = known[0].astype(int) + known[1]
        product = np.where(known[0], means[0], 1.0) * np.where(known[1], means[1], 1.0)
        joint = np.where(count == 2, np.sqrt(product), np.where(count == 1, product, 0.0))
        for_a, for_b = (
            np.where(mean > 0, parts / mean * joint / count, 0.0) for parts, mean in zip(split, means, strict=True)
        )
    return for_a, for_b


def _added(parts: Parts) -> Parts:
    """(n, 1) sums of rows from left to right, as plain numbers are added."""
    return np.asarray(np.cumsum(parts, axis=1)[:, -1:], dtype=np.float64)


def _parts(values: Sequence[float], weights: Sequence[float]) -> list[float] | None:
    """What each feature adds to its side's mean; None where the side is silent. Plain numbers: there are ten of them."""
    spoken = [0.0 if value != value else weight for value, weight in zip(values, weights, strict=True)]
    whole = sum(spoken)
    return (
        [weight / whole * value if weight else 0.0 for weight, value in zip(spoken, values, strict=True)]
        if whole
        else None
    )


@dataclass(frozen=True, slots=True)
class Pairs:
    """Ranked pairs as columns of one length; within one need (or offer) the best comes first, `place` from 1.

    need, offer: row numbers in the tables; score, score_a, score_b (NaN for a silent side), coverage: float32 in [0, 1];
    verdict: int8, 1 pass or 0 maybe; missing: facts not known (rules and features); values: (n, n_features) float32;
    learned: (n, n_topics) float32, what the second stage adds to the score (no topics without one); heard: (n,) float32,
    what answers to earlier proposals add.
    """

    need: Rows
    offer: Rows
    place: Rows
    key: NDArray[np.float32]
    score: NDArray[np.float32]
    score_a: NDArray[np.float32]
    score_b: NDArray[np.float32]
    coverage: NDArray[np.float32]
    verdict: NDArray[np.int8]
    missing: NDArray[np.int16]
    values: NDArray[np.float32]
    learned: NDArray[np.float32]
    heard: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.need)

    def at(self, chosen: Rows) -> Pairs:
        """Some of the pairs, in the given order."""
        return Pairs(**{part.name: getattr(self, part.name)[chosen] for part in fields(self)})

    @classmethod
    def join(cls, parts: Sequence[Pairs]) -> Pairs:
        """All pairs of several blocks."""
        return cls(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)})

    def best(self, owner: str, k: int) -> Pairs:
        """The best k pairs of each owner ("need" or "offer"), places counted anew; ties go to the lower row number."""
        mine, other = (self.need, self.offer) if owner == "need" else (self.offer, self.need)
        ordered = self.at(np.lexsort((other, -self.key, mine)))
        mine = getattr(ordered, owner)
        starts = np.flatnonzero(np.diff(mine, prepend=-1))
        place = np.arange(len(mine)) - np.repeat(starts, np.diff([*starts, len(mine)])) + 1
        object.__setattr__(ordered, "place", place.astype(np.int64))
        return ordered.at(np.flatnonzero(place <= k))


@dataclass(frozen=True, slots=True)
class Ranked:
    """The same scores read from both sides: the best offers of every need and the best needs of every offer."""

    by_need: Pairs
    by_offer: Pairs


def top(keys: Block, k: int) -> tuple[Rows, Rows]:
    """Row and column of the k largest finite keys of every row; ties at the end go to the lower column."""
    if k <= 0 or keys.size == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    count = min(k, keys.shape[1])
    least = np.partition(keys, keys.shape[1] - count, axis=1)[:, keys.shape[1] - count]
    above, tied = keys > least[:, None], keys == least[:, None]
    room = count - above.sum(axis=1)
    chosen = (above | (tied & (np.cumsum(tied, axis=1) <= room[:, None]))) & np.isfinite(keys)
    rows, columns = np.nonzero(chosen)
    return rows.astype(np.int64), columns.astype(np.int64)
