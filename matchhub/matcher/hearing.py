"""What was answered to proposals, laid over the scores: a no lowers its offer for needs like the one that was refused.

It stands after both stages and corrects the log odds of the score by what `Answers` learned of the offer's share of yes and of
its yes and no among like needs; who never answered stays as it was. What it adds is told as a reason of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchhub.matcher.answers import Answers
from matchhub.matcher.explanation import Item
from matchhub.matcher.reranking import from_odds
from matchhub.matcher.reranking.lists import log_odds
from matchhub.matcher.table import Block, Bools, Rows, Table

if TYPE_CHECKING:
    from matchhub.matcher.engine import Judged, Matcher

ANSWERS = "answers"
CERTAIN = 0.9
ROWS = 256
LIKE = 0.5
"""From which cosine of their codes on two needs are called alike in a reason."""


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """Proposals that were answered: pairs (row of needs, row of offers) and whether both sides said yes."""

    needs: Table
    offers: Table
    row: Rows
    column: Rows
    right: Bools

    @classmethod
    def of(cls, needs: Table, offers: Table, answers: Sequence[tuple[Any, Any, bool]]) -> Self:
        """Build from (need id, offer id, yes); an answer about a row that is not in the tables is left out."""
        rows, columns = ({one: at for at, one in enumerate(table.ids)} for table in (needs, offers))
        held = [(rows[n], columns[o], yes) for n, o, yes in answers if n in rows and o in columns]
        row, column, right = np.array(held, dtype=np.int64).reshape(-1, 3).T
        return cls(needs, offers, row, column, right == 1)

    def __len__(self) -> int:
        return len(self.row)


@dataclass
class Hearing:
    """The correction by answers. `place_`: offer id → column of `part_`, (n_answers, n_offers) ones for who answered."""

    answers: Answers
    place_: dict[Any, int] = field(default_factory=dict, init=False)
    part_: sparse.csr_matrix | None = field(default=None, init=False)
    yes_: sparse.csr_matrix | None = field(default=None, init=False)

    @classmethod
    def learned(cls, matcher: Matcher, sets: Sequence[str], answered: Answered | None) -> Hearing | None:
        """What the answers teach; None where nothing was answered."""
        if answered is None or not len(answered) or not sets:
            return None
        right = answered.right.astype(np.float64)
        held = cls(
            Answers(matcher, sets).fit(answered.needs, answered.offers, answered.row, answered.column, answered.right)
        )
        held.answers.forget_tables()
        held.place_ = {offer: column for column, offer in enumerate(answered.offers.ids)}
        shape, at = (len(answered), len(answered.offers)), (np.arange(len(answered)), answered.column)
        held.part_ = sparse.csr_matrix((np.ones(len(answered)), at), shape=shape)
        held.yes_ = sparse.csr_matrix((right, at), shape=shape)
        return held

    def correction(self, needs: Table, offers: Table) -> Block:
        """(n_needs, n_offers) float32 what answers add to the log odds; 0 for offers that never answered."""
        found = np.zeros((len(needs), len(offers)), dtype=np.float32)
        columns = np.array([self.place_.get(offer, -1) for offer in offers.ids], dtype=np.int64)
        known = np.flatnonzero(columns >= 0)
        if len(known):
            assert self.part_ is not None and self.yes_ is not None
            used, back = np.unique(columns[known], return_inverse=True)
            part, yes = self.part_[:, used], self.yes_[:, used]
            found[:, known] = self.answers.correction(needs, part, yes)[:, back]
        return found

    def evidence(self, need: Table, offer: Any) -> Mapping[str, Any]:
        """How many needs the offer answered, and how many of those like this one with yes and no."""
        return self.evidences(need, [(0, offer)])[0]

    def evidences(self, needs: Table, pairs: Sequence[tuple[int, Any]]) -> list[Mapping[str, Any]]:
        """The same for many pairs of a row of the needs and an offer's id; the needs are compared some at a time."""
        assert self.part_ is not None and self.yes_ is not None
        by_offer, said_yes = self.part_.tocsc(), np.asarray(self.yes_.sum(axis=1)).ravel() > 0
        wanted: dict[int, list[int]] = {}
        for at, (row, _) in enumerate(pairs):
            wanted.setdefault(row, []).append(at)
        found: dict[int, Mapping[str, Any]] = {}
        rows = list(wanted)
        for first in range(0, len(rows), ROWS):
            block = rows[first : first + ROWS]
            alike = self.answers.likeness(needs if len(needs) == 1 else needs.take(block)) >= LIKE
            for line, row in enumerate(block):
                for at in wanted[row]:
                    column = self.place_.get(pairs[at][1], -1)
                    ends = by_offer.indptr[column : column + 2] if column >= 0 else (0, 0)
                    past = by_offer.indices[ends[0] : ends[1]]
                    like, yes = alike[line, past], said_yes[past]
                    found[at] = {
                        "answered": len(past), "yes": int((like & yes).sum()), "no": int((like & ~yes).sum()),
                    }  # fmt: skip
        return [found[at] for at in range(len(pairs))]


def corrected(matcher: Matcher, judged: Judged, needs: Table, offers: Table) -> Judged:
    """Scores and order with what was answered laid over them."""
    if matcher.hearing_ is None:
        return judged
    odds, before = matcher.hearing_.correction(needs, offers), judged.scores.joint
    moved = (odds != 0) & (before > 0)
    joint = before.copy()
    joint[moved] = shifted(before[moved], odds[moved])
    key = judged.key.copy()
    key[moved] *= joint[moved] / before[moved]
    return replace(judged, scores=replace(judged.scores, joint=joint), key=key, heard=joint - before)


def shifted(share: NDArray[np.float32], odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shares moved by log odds, in [0, 1]: by as large a part of what is there (down) or missing (up) as a share within
    CERTAIN would be, for a score of 1 is no certainty."""
    held = log_odds(np.clip(share, 1 - CERTAIN, CERTAIN))
    before, after = from_odds(held), from_odds(held + odds)
    down, up = share * after / before, 1 - (1 - share) * (1 - after) / (1 - before)
    return np.asarray(np.where(odds < 0, down, up), dtype=np.float32)


def heard_items(matcher: Matcher, judged: Judged, need: Table, offers: Table, columns: Rows) -> list[tuple[Item, ...]]:
    """For each of these columns of what was judged for one need: what answers add to the score, where they add anything."""
    held = matcher.hearing_
    if held is None or judged.heard is None:
        return [()] * len(columns)
    odds = held.correction(need, offers)[0]
    return [
        (
            Item(
                ANSWERS,
                ANSWERS,
                0.0,
                float(from_odds(odds[at])),
                float(judged.heard[0, at]),
                held.evidence(need, offers.ids[at]),
                (),
            ),
        )
        if odds[at]
        else ()
        for at in columns.tolist()
    ]
