"""The second stage applied to judged pairs, and what it adds to one pair, topic by topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.reranking.lists import from_odds, log_odds
from matchhub.matcher.reranking.reranker import Correction, Reranker
from matchhub.matcher.table import Block, Rows

PAST = "past."
"""How the topics of the second stage begin among the items of an explanation: past.industry, past.network …"""

COVERAGE = "coverage"
"""The topic of what little knowledge costs a pair in the order of its list."""


@dataclass(frozen=True, slots=True)
class Applied:
    """Corrections of a block: `columns` (n_offers,) places each offer among those with a past, -1 without one."""

    reranker: Reranker
    columns: Rows
    corrections: Sequence[tuple[Rows, str, Correction]]

    def rescored(self, joint: Block, key: Block) -> tuple[Block, Block]:
        """Scores and keys with the listed pairs corrected; the score of a corrected pair is its key."""
        joint, key = joint.copy(), key.copy()
        for rows, columns, _, correction, places in self._placed():
            shares = correction.shares[places]
            joint[rows, columns] = shares
            key[rows, columns] = shares
        return joint, key

    def contributions(self, rows: Rows, columns: Rows, joint: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n_pairs, n_topics) what each topic adds to the score of these pairs, beyond the first stage's `joint`.

        The parts are parts of log odds; the way from the first score to the last is shared among them in proportion, so
        that joint + the row's sum is the score. Pairs that were not corrected have zeros.
        """
        found = np.zeros((len(rows), len(self.topics)))
        where = np.full((int(rows.max(initial=-1)) + 1, len(self.columns)), -1, dtype=np.int32)
        for needs, offers, head, correction, places in self._placed():
            here = np.flatnonzero(needs < len(where))
            where[:] = -1
            where[needs[here], offers[here]] = here
            at = where[rows, columns]
            to = np.flatnonzero(at >= 0)
            if len(to):
                chosen = (places[0][at[to]], places[1][at[to]])
                found[to] = self._shared(head, correction, chosen, joint[to])
        return found

    def _shared(
        self, head: str, correction: Correction, chosen: tuple[Rows, Rows], joint: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        learned = self.reranker.heads_[head]
        facts = correction.facts[chosen]
        odds = correction.lists.odds[chosen]
        parts = learned.parts(facts, odds)
        start = log_odds(joint).astype(np.float64)
        found = np.zeros((len(joint), len(self.topics)))
        for topic, part in parts.items():
            found[:, self.topics.index(topic)] = part
        found[:, 0] = odds - start
        way = found.sum(axis=1)
        gone = from_odds(start + way) - joint
        return found * np.divide(gone, way, out=np.zeros_like(way), where=np.abs(way) > 1e-9)[:, None]

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics of `contributions`; the first is what is common to the pairs of a list and what little is known."""
        named = [topic for head in self.reranker.heads_.values() for topic in head.topics]
        return (COVERAGE, *dict.fromkeys(named))

    def _placed(self) -> list[tuple[Rows, Rows, str, Correction, tuple[Rows, Rows]]]:
        """For each head: need rows, offer columns, name, correction and places in it, of the listed pairs that are here."""
        back = np.full(max(int(self.columns.max(initial=-1)), 0) + 1, -1, dtype=np.int64)
        here = np.flatnonzero(self.columns >= 0)
        back[self.columns[here]] = here
        found = []
        for rows, head, correction in self.corrections:
            lines, at = np.nonzero(correction.lists.filled)
            listed = correction.lists.columns[lines, at]
            offers = np.where(listed < len(back), back[np.minimum(listed, len(back) - 1)], -1)
            kept = offers >= 0
            found.append((rows[lines[kept]], offers[kept], head, correction, (lines[kept], at[kept])))
        return found
