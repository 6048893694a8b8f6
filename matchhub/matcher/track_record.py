"""The offer's past rounds as a feature: what its owner really takes, beside what it says it wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Self, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.asking import asked
from matchhub.matcher.attention import Attention
from matchhub.matcher.attention_learning import Training
from matchhub.matcher.features import Feature, SILENT
from matchhub.matcher.table import Block, Bools, day_of, Rows, Table

if TYPE_CHECKING:
    from matchhub.matcher.affinity import Facts
    from matchhub.matcher.history import History

ROWS = 256


@dataclass
class TrackRecord(Feature):
    """Learned attention over past rounds as a value: lift / (lift + 2 · typical).

    lift is p(offer | need) against an even chance among the offers with a past; `typical` is the median lift that the
    offers really taken had in training (1 while nothing could be learned). So what was taken typically reaches 1/3, and
    only what stands out among those comes near 1. Silent for offers without a past (see `newcomers`).
    """

    facts: Facts
    training: Training = field(default_factory=Training)
    attention_: Attention | None = field(default=None, init=False)
    offers_: dict[Any, int] = field(default_factory=dict, init=False)

    def fit(self, needs: Table, offers: Table, history: History | None) -> Self:
        """Learn from the past; without any the feature is silent."""
        self.attention_, self.offers_ = None, {}
        if history is not None and len(history):
            ids = tuple(dict.fromkeys(history.offer_ids))
            self.attention_ = Attention(self.facts, self.training).fit(history, ids)
            self.offers_ = {offer: column for column, offer in enumerate(ids)}
        self.forget()
        return self

    @property
    def typical(self) -> float:
        """The lift that reads 1/3."""
        return 1.0 if self.attention_ is None else self.attention_.typical_lift_

    def standing_on(self, attention: Attention, ids: Sequence[Any]) -> TrackRecord:
        """The same feature over another past."""
        other = copy(self)
        other.attention_, other.offers_ = attention, {offer: column for column, offer in enumerate(ids)}
        other.forget()
        return other

    @property
    def rounds(self) -> int:
        """How many past rounds it stands on."""
        return 0 if self.attention_ is None or self.attention_.part_ is None else int(self.attention_.part_.shape[0])

    def rounds_of(self, offers: Table) -> Rows:
        """(n_offers,) in how many of them each offer took part."""
        if self.attention_ is None or self.attention_.part_ is None:
            return np.zeros(len(offers), dtype=np.int64)
        part = self.attention_.part_
        counts = self.kept("rounds", lambda: np.append(np.asarray(part.sum(axis=0)).ravel(), 0))
        return np.asarray(counts[self.columns(offers)], dtype=np.int64)

    def compare(self, needs: Table, offers: Table) -> Block:
        """(n_needs, n_offers) float32 block in [0, 1), NaN for offers without a past round."""
        block = np.full((len(needs), len(offers)), SILENT)
        columns = self.columns(offers)
        known = columns >= 0
        if self.attention_ is not None and known.any():
            lift = self.remembered("shares", needs, self._shares)[:, columns[known]] * np.float32(len(self.offers_))
            block[:, known] = lift / (lift + np.float32(2 * self.typical))
        return block

    def spoken(self, need: Table, offers: Table) -> tuple[Rows, NDArray[np.float32]]:
        """The offers with a past, and the values of one need there."""
        rows = self.with_past(offers)
        if not len(rows):
            return rows, np.zeros(0, dtype=np.float32)
        lift = self.remembered("shares", need, self._shares)[0, self.columns(offers)[rows]]
        lift *= np.float32(len(self.offers_))
        return rows, lift / (lift + np.float32(2 * self.typical))

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether the offer has a past round."""
        return self.columns(offers) >= 0

    def _shares(self, needs: Table) -> Block:
        """(n_needs, n_offers with a past) p(offer | need)."""
        assert self.attention_ is not None
        return self.attention_.shares(asked(self.attention_, needs)[1])

    def _logits(self, need: Table) -> Block:
        """(1, n_rounds) log attention; the same need is asked about again when its pairs are explained."""
        assert self.attention_ is not None
        return asked(self.attention_, need)[1]

    def columns(self, offers: Table) -> Rows:
        """(n_offers,) place in the attention's offers, -1 without a past."""
        place = self.offers_
        return self.remembered(
            "columns", offers, lambda table: np.array([place.get(i, -1) for i in table.ids], dtype=np.int64)
        )

    def with_past(self, offers: Table) -> Rows:
        """The rows of the offers that have a past."""
        return self.remembered("with past", offers, lambda table: np.flatnonzero(self.columns(table) >= 0))

    def evidence(self, need: Table, offer: Table) -> Mapping[str, Any]:
        """How many rounds the offer has, and the three that speak most for this need, with their share of attention."""
        column = int(self.columns(offer)[0])
        if self.attention_ is None or self.attention_.part_ is None or column < 0:
            return {"rounds": 0, "nearest": ()}
        return self._told(self._logits(need)[0], column)

    def evidences(self, needs: Table, offers: Table, pairs: Sequence[tuple[int, int]]) -> list[Mapping[str, Any]]:
        """The evidence of many pairs; attention is computed for blocks of needs."""
        columns, found = self.columns(offers), dict[tuple[int, int], Mapping[str, Any]]()
        wanted: dict[int, list[int]] = {}
        for row, at in pairs:
            if self.attention_ is None or columns[at] < 0:
                found[row, at] = {"rounds": 0, "nearest": ()}
            else:
                wanted.setdefault(row, []).append(at)
        rows = list(wanted)
        for first in range(0, len(rows), ROWS):
            block = rows[first : first + ROWS]
            assert self.attention_ is not None
            _, logits = asked(self.attention_, needs if len(needs) == 1 else needs.take(block))
            found |= {
                (row, at): self._told(logits[line], int(columns[at]))
                for line, row in enumerate(block)
                for at in wanted[row]
            }
        return [found[pair] for pair in pairs]

    def _told(self, attention: NDArray[np.float32], column: int) -> Mapping[str, Any]:
        assert self.attention_ is not None
        own = self.attention_.rounds_of(column)
        logits = attention[own].astype(np.float64)
        share = np.exp(logits - logits.max())
        share /= share.sum()
        best = np.argsort(-share, kind="stable")[:3]
        return {"rounds": len(own), "nearest": tuple(self._round(int(own[at]), float(share[at])) for at in best)}

    def _round(self, row: int, share: float) -> Mapping[str, Any]:
        assert self.attention_ is not None and self.attention_.past_ is not None
        past = self.attention_.past_
        told = (*self.facts.trees, self.facts.ladder[0])
        sets = {name: past.codes(name).row(row) for name in told if name in past.sets}
        return {"id": past.ids[row], "date": day_of(int(past.day(self.facts.day)[row])), "share": share, **sets}
