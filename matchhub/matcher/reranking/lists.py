"""The lists that the second stage learns from and re-ranks: the first stage's best offers of every need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.affinity import Vector
from matchhub.matcher.ranking import top
from matchhub.matcher.table import Block, Bools, Rows

LEAST_ODDS = 1e-6


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists of one length, best first: (n_needs, length) columns of offers, the log odds of their first key, and which
    places are filled."""

    columns: Rows
    odds: Block
    filled: Bools

    @classmethod
    def of(cls, keys: Block, length: int) -> Lists:
        """The best `length` offers of every need; a key that is not finite is in no list."""
        count = min(length, keys.shape[1])
        rows, columns = top(keys, count)
        order = np.lexsort((columns, -keys[rows, columns], rows))
        rows, columns = rows[order], columns[order]
        place = np.arange(len(rows)) - np.searchsorted(rows, rows)
        listed = np.zeros((len(keys), count), dtype=np.int64)
        filled = np.zeros(listed.shape, dtype=bool)
        listed[rows, place], filled[rows, place] = columns, True
        return cls(listed, log_odds(np.where(filled, np.take_along_axis(keys, listed, axis=1), 0)), filled)


def log_odds(share: NDArray[np.float32]) -> NDArray[np.float32]:
    """log(p / (1 - p)), within ±14."""
    held = np.clip(share.astype(np.float64), LEAST_ODDS, 1 - LEAST_ODDS)
    return np.asarray(np.log(held / (1 - held)), dtype=np.float32)


def from_odds(odds: NDArray[np.floating]) -> NDArray[np.float64]:
    """The share behind log odds."""
    return np.asarray(1 / (1 + np.exp(-np.asarray(odds, np.float64))), dtype=np.float64)


def in_their_list(values: NDArray[np.float32], filled: Bools) -> NDArray[np.float32]:
    """(n, length, facts) → (n, length, 3 · facts): each as it is, against the list's best, and as a log rank in the list."""
    best = np.where(filled[:, :, None], values, -np.inf).max(axis=1, keepdims=True)
    gap = values - np.where(np.isfinite(best), best, 0)
    order = np.argsort(np.where(filled[:, :, None], -values, np.inf), axis=1, kind="stable")
    rank = np.empty(values.shape, dtype=np.float32)
    places = np.broadcast_to(np.arange(values.shape[1], dtype=np.float32)[None, :, None], values.shape)
    np.put_along_axis(rank, order, places, axis=1)
    return np.concatenate([values, gap, np.log1p(rank)], axis=2)


def with_ranks(facts: int) -> Rows:
    """Of the facts of `in_their_list`: those as they are and the ranks. Trees cut a fact and its rank; gaps told them nothing."""
    third = facts // 3
    return np.concatenate([np.arange(third), np.arange(2 * third, facts)])


@dataclass(frozen=True, slots=True)
class Sample:
    """Pairs to learn from, list by list: (n_pairs, n_facts) facts, log odds of the first stage, truth, and list starts."""

    facts: NDArray[np.float32]
    odds: Vector
    right: Bools
    starts: Rows

    @property
    def lists(self) -> int:
        """How many lists."""
        return len(self.starts)

    def reading(self, facts: Rows) -> Sample:
        """The same pairs with some of the facts."""
        return Sample(self.facts[:, facts], self.odds, self.right, self.starts)

    @classmethod
    def join(cls, parts: Sequence[Sample]) -> Sample:
        """All lists of several samples."""
        ends = np.cumsum([0, *(len(part.odds) for part in parts)])
        return cls(
            np.concatenate([part.facts for part in parts]),
            np.concatenate([part.odds for part in parts]),
            np.concatenate([part.right for part in parts]),
            np.concatenate([part.starts + end for part, end in zip(parts, ends[:-1], strict=True)]),
        )


def drawn(
    lists: Lists, facts: NDArray[np.float32], right: Bools, negatives: int, random: np.random.Generator
) -> Sample:
    """All hits and up to `negatives` others of every list that has a hit."""
    chance = np.where(lists.filled & ~right, random.random(right.shape), 2)
    least = np.sort(chance, axis=1)[:, min(negatives, right.shape[1]) - 1]
    hits = np.asarray(right & lists.filled)
    chosen: Bools = (hits | ((chance <= least[:, None]) & (chance < 1))) & np.asarray(hits.any(axis=1)).reshape(-1, 1)
    rows, _ = np.nonzero(chosen)
    starts = np.flatnonzero(np.diff(rows, prepend=-1)).astype(np.int64)
    return Sample(facts[chosen], lists.odds[chosen], right[chosen], starts)
