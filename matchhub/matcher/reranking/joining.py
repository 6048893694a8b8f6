"""Who joins a firm that others have backed: what an offer's entries say, apart from rounds in which it only went on.

Later rounds are filled mostly by those who are in already, and only new ones are sought. So what an offer took part in is
told from where it came in, how late it does so, and after whom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from matchhub.matcher.affinity import Affinity, Encoded, Vector
from matchhub.matcher.products import product
from matchhub.matcher.table import Block

DOUBT = 2.0
"""Entries of an offer that weigh as much as the share of all."""

UNSEEN = 0.3
"""Meetings that are taken for granted on either side of a comparison with chance."""


@dataclass(frozen=True, slots=True)
class Links:
    """How often offers met members: (n_offers, n_members) of all time and `lately`, whether at all, and how often chance would
    have had it, as (n_offers,) times (n_members,)."""

    met: sparse.csr_matrix
    lately: sparse.csr_matrix
    ever: sparse.csr_matrix
    ours: Vector
    theirs: Vector

    @classmethod
    def of(cls, turned: sparse.csr_matrix, lately: sparse.csr_matrix, people: sparse.csr_matrix) -> Links:
        """From (n_offers, n_rounds) ones, the same decayed, and (n_rounds, n_members) ones."""
        met = sparse.csr_matrix(turned @ people, dtype=np.float32)
        ever = met.copy()
        ever.data = np.ones_like(met.data)
        ours = np.asarray(turned.sum(axis=1), np.float32).ravel()
        theirs = np.asarray(met.sum(axis=0), np.float32).ravel() / max(float(ours.sum()), 1.0)
        return cls(met, sparse.csr_matrix(lately @ people, dtype=np.float32), ever, ours, theirs)

    def facts(self, backers: sparse.csr_matrix, of: Callable[[Block], Block]) -> Iterator[tuple[str, Block]]:
        """(ending, values) of the needs whose firms have these (n_needs, n_members) backers; `of` takes what is listed."""
        many = np.maximum(np.asarray(backers.sum(axis=1), np.float32).reshape(-1, 1), 1)
        yield "lately", np.asarray(np.log1p(of(product(backers, self.lately))), dtype=np.float32)
        usual = of(np.asarray(backers @ self.theirs, np.float32).reshape(-1, 1) * self.ours[None, :])
        above = (of(product(backers, self.met)) + UNSEEN) / (usual + UNSEEN)
        yield "above_chance", np.asarray(np.log(above), dtype=np.float32)
        yield "known", np.asarray(of(product(backers, self.ever)) / many, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Joining:
    """(n_rounds, n_offers) ones where an offer came in that had not backed the firm before, which rounds are (`later`) no
    first ones, (n_offers,) numbers of the offer alone, with whom it was in rounds, after whom it came in, and (n_members,
    n_offers) which member is which offer."""

    entries: sparse.csr_matrix
    later: Vector
    traits: Mapping[str, Vector]
    beside: Links
    after: Links
    places: sparse.csr_matrix

    @classmethod
    def of(
        cls, affinity: Affinity, rounds: Encoded, part: sparse.csr_matrix, recent: Vector, ids: Sequence[Any]
    ) -> Joining:
        """Read the past; `recent` (n_rounds,) is what a round of that age counts lately."""
        places = _places(affinity, ids)
        entries = _entries(part, sparse.csr_matrix(rounds.backers @ places))
        later = (rounds.debut < 0.5).astype(np.float32)
        turned, coming = sparse.csr_matrix(part.T), sparse.csr_matrix(entries.T)
        late, whole = coming @ later, coming @ np.ones_like(later)
        usual = float(late.sum() / max(whole.sum(), 1))
        return cls(
            entries,
            later,
            {
                "entries_later": np.log1p(late),
                "entries_later_lately": np.log1p(coming @ (later * recent)),
                "entries_lately": np.log1p(coming @ recent),
                "later_share": ((late + DOUBT * usual) / (whole + DOUBT)).astype(np.float32),
            },
            Links.of(turned, _weighed(turned, recent), rounds.members),
            Links.of(coming, _weighed(coming, recent), rounds.backers),
            places,
        )


def _places(affinity: Affinity, ids: Sequence[Any]) -> sparse.csr_matrix:
    known = [(affinity.members_[str(one)], at) for at, one in enumerate(ids) if str(one) in affinity.members_]
    members, columns = np.array(known, dtype=np.int64).reshape(-1, 2).T
    ones = np.ones(len(known), dtype=np.float32)
    return sparse.csr_matrix((ones, (members, columns)), shape=(len(affinity.members_), len(ids)))


def _entries(part: sparse.csr_matrix, backed: sparse.csr_matrix) -> sparse.csr_matrix:
    """`part` without those who had `backed` the firm of the round before."""
    entries = sparse.csr_matrix(part - part.multiply(backed > 0), dtype=np.float32)
    entries.eliminate_zeros()
    return entries


def _weighed(turned: sparse.csr_matrix, recent: Vector) -> sparse.csr_matrix:
    return sparse.csr_matrix(turned.multiply(recent[None, :]), dtype=np.float32)
