"""The offer's past rounds as a feature: what its owner really takes, beside what it says it wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TYPE_CHECKING

import numpy as np

from matchhub.matcher.attention import Attention, Training
from matchhub.matcher.features import Feature, SILENT
from matchhub.matcher.table import Block, Bools, day_of, Rows, Table

if TYPE_CHECKING:
    from matchhub.matcher.affinity import Facts
    from matchhub.matcher.history import History


@dataclass
class TrackRecord(Feature):
    """Learned attention over past rounds as a value: lift / (lift + usual).

    lift is p(offer | need) against an even chance among the offers with a past; `usual` is a quarter of the median lift
    that the offers really taken had in training, so that those typically reach 0.8. Silent for offers without a past.
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
    def rounds(self) -> int:
        """How many past rounds it stands on."""
        return 0 if self.attention_ is None or self.attention_.part_ is None else int(self.attention_.part_.shape[0])

    def compare(self, needs: Table, offers: Table) -> Block:
        """(n_needs, n_offers) float32 block in [0, 1), NaN for offers without a past round."""
        block = np.full((len(needs), len(offers)), SILENT)
        columns = self._columns(offers)
        known = columns >= 0
        if self.attention_ is not None and known.any():
            lift = self.remembered("shares", needs, self._shares)[:, columns[known]] * np.float32(len(self.offers_))
            block[:, known] = lift / (lift + np.float32(self.attention_.usual_lift_))
        return block

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether the offer has a past round."""
        return self._columns(offers) >= 0

    def _shares(self, needs: Table) -> Block:
        """(n_needs, n_offers with a past) p(offer | need)."""
        assert self.attention_ is not None
        logits = self._logits(needs) if len(needs) == 1 else self.attention_.logits(needs)
        return self.attention_.shares(logits)

    def _logits(self, need: Table) -> Block:
        """(1, n_rounds) log attention; the same need is asked about again when its pairs are explained."""
        assert self.attention_ is not None
        return self.remembered("logits", need, self.attention_.logits)

    def _columns(self, offers: Table) -> Rows:
        """(n_offers,) place in the attention's offers, -1 without a past."""
        place = self.offers_
        return self.remembered(
            "columns", offers, lambda table: np.array([place.get(i, -1) for i in table.ids], dtype=np.int64)
        )

    def evidence(self, need: Table, offer: Table) -> Mapping[str, Any]:
        """How many rounds the offer has, and the three that speak most for this need, with their share of attention."""
        column = int(self._columns(offer)[0])
        if self.attention_ is None or self.attention_.part_ is None or column < 0:
            return {"rounds": 0, "nearest": ()}
        own = self.attention_.part_[:, [column]].tocoo().coords[0]
        logits = self._logits(need)[0, own].astype(np.float64)
        share = np.exp(logits - logits.max())
        share /= share.sum()
        best = np.argsort(-share, kind="stable")[:3]
        return {"rounds": len(own), "nearest": tuple(self._round(int(own[at]), float(share[at])) for at in best)}

    def _round(self, row: int, share: float) -> Mapping[str, Any]:
        assert self.attention_ is not None and self.attention_.past_ is not None
        past = self.attention_.past_
        sets = {name: past.codes(name).row(row) for name in past.sets}
        return {"id": past.ids[row], "date": day_of(int(past.day(self.facts.day)[row])), "share": share, **sets}
