"""How often offers took each of some codes, and how much more often that is than all do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matchhub.matcher.affinity import Vector
from matchhub.matcher.arrays import times
from matchhub.matcher.products import product
from matchhub.matcher.table import Block

STRENGTH = 4.0
"""Rounds: how many an offer must have before its own shares outweigh those of all."""


@dataclass(frozen=True, slots=True)
class Shares:
    """(n_offers, n_codes) how often an offer took each code, its (n_offers,) total, and (n_codes,) the shares of all."""

    taken: sparse.csr_matrix
    total: Vector
    base: Vector

    @classmethod
    def of(cls, weighed: sparse.csr_matrix, hot: sparse.csr_matrix) -> Shares:
        """From (n_offers, n_rounds) weights and (n_rounds, n_codes) ones."""
        taken = sparse.csr_matrix(weighed @ hot, dtype=np.float32)
        known = (np.asarray(hot.sum(axis=1)).ravel() > 0).astype(np.float32)
        everyone = np.asarray(taken.sum(axis=0)).ravel()
        base = (everyone + 1) / (everyone.sum() + len(everyone) + 1)
        return cls(taken, np.asarray(weighed @ known, np.float32).ravel(), base.astype(np.float32))

    def lift(self, asked: sparse.csr_matrix) -> Block:
        """(n_needs, n_offers) log of how much more often an offer takes what is asked than all do; 0 where nothing is asked."""
        hits, usual = product(asked, self.taken), _usual(asked, self.base)
        raised = np.log(hits + STRENGTH * usual + 1e-9)
        raised -= np.log(self.total + STRENGTH)[None, :]
        raised -= np.log(usual + 1e-9)
        return np.where(usual > 0, raised, 0).astype(np.float32)


def _usual(asked: sparse.csr_matrix, base: Vector) -> Block:
    """(n, 1) the shares that all have of what is asked."""
    return times(asked, base).reshape(-1, 1)
