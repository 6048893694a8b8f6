"""How much a need tells: how narrowly it names its field and place, whether its amount and step are known, and how round
its sum is.

Rounds come to be known in different ways, and who takes part in those of one kind of record is not who takes part in those
of another: small ones are often told by country alone, with a round sum; others in full, to the last figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import sparse

from matchhub.matcher.affinity import Affinity, Encoded, Vector
from matchhub.matcher.arrays import one_hot
from matchhub.matcher.reranking.shares import Shares
from matchhub.matcher.table import Bools, Rows

FIGURES = 5
"""Figures of a sum that are told apart: 2,000,000 has one, 1,250,000 three; more count as so many."""

NEAR = 0.01
"""How far from a whole number of its last figure a sum may be: sums are kept as logs of 32 bits."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What the past rounds told, as one of `patterns` (n_rounds,), and how often an offer took part in rounds that told so
    much, that told so many levels of a tree (by its name), and with sums so round."""

    affinity: Affinity
    patterns: Rows
    told: Shares
    levels: dict[str, Shares]
    figures: Shares

    @classmethod
    def of(cls, affinity: Affinity, weighed: sparse.csr_matrix, rounds: Encoded) -> Self:
        """From (n_offers, n_rounds) weights."""
        patterns = pattern(affinity, rounds)
        return cls(
            affinity,
            patterns,
            Shares.of(weighed, one_hot(patterns, _patterns(affinity))),
            {
                name: Shares.of(weighed, one_hot(depth, levels + 1))
                for name, (depth, levels) in depths(affinity, rounds).items()
            },
            Shares.of(weighed, one_hot(figures(rounds.amount), FIGURES)),
        )

    def asked(self, needs: Encoded) -> tuple[sparse.csr_matrix, dict[str, sparse.csr_matrix], sparse.csr_matrix]:
        """What these needs tell, for `told`, `levels` and `figures`."""
        return (
            one_hot(pattern(self.affinity, needs), _patterns(self.affinity)),
            {name: one_hot(depth, levels + 1) for name, (depth, levels) in depths(self.affinity, needs).items()},
            one_hot(figures(needs.amount), FIGURES),
        )

    def alike(self, needs: Encoded) -> Bools:
        """(n_needs, n_rounds) whether both tell as much."""
        return np.asarray(pattern(self.affinity, needs)[:, None] == self.patterns[None, :])


def depths(affinity: Affinity, rows: Encoded) -> dict[str, tuple[Rows, int]]:
    """By tree: (n,) how many of its levels each row names, and how many there are."""
    found, at = {}, 0
    for name, (_, levels) in affinity.facts.trees.items():
        named = np.array([np.diff(hot.indptr) > 0 for hot in rows.levels[at : at + levels]]).sum(axis=0)
        found[name] = np.asarray(named, dtype=np.int64)[rows.cell], levels
        at += levels
    return found


def pattern(affinity: Affinity, rows: Encoded) -> Rows:
    """(n,) which facts a row tells, as one number."""
    found = np.isnan(rows.amount) * 2 + (np.diff(rows.steps.indptr) > 0)[rows.step]
    for depth, levels in depths(affinity, rows).values():
        found = found * (levels + 1) + depth
    return np.asarray(found, dtype=np.int64)


def _patterns(affinity: Affinity) -> int:
    """How many numbers `pattern` may give."""
    return 4 * int(np.prod([levels + 1 for _, levels in affinity.facts.trees.values()]))


def figures(amounts: Vector) -> Rows:
    """(n,) how many figures each log amount has before its zeros, less one; -1 where it is not known."""
    sums = np.exp(np.nan_to_num(amounts).astype(np.float64))
    lead = sums / 10 ** np.floor(np.log10(sums) + 1e-6)
    tens = lead[:, None] * 10.0 ** np.arange(FIGURES - 1)
    round_ = np.column_stack([np.abs(tens - np.round(tens)) < NEAR, np.ones(len(sums), dtype=bool)])
    return np.where(np.isnan(amounts), -1, round_.argmax(axis=1)).astype(np.int64)
