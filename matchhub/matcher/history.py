"""What was agreed in the past, as evidence of what the offers' owners really take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import sparse

from matchhub.matcher.table import Bools, DAYS_UNKNOWN, Rows, Table


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Past rounds and who took part.

    `rounds` has one row per round, with the columns of a need as it was then; `part` pairs a row of `rounds` with an
    offer id, one entry per participant.
    """

    rounds: Table
    row: Rows
    offer_ids: tuple[Any, ...]

    @classmethod
    def of(
        cls,
        rows: Table,
        offer_ids: Sequence[Any],
        events: Sequence[Hashable] | None = None,
        firms: Sequence[Hashable] | None = None,
        day: str = "updated_on",
    ) -> Self:
        """Build from one row per participant; rows of the same event become one round (default: each its own).

        Adds `syndicate`, how many took part, and `members`, who; with `firms` (who was backed) `debut`, 1 on a firm's first
        day, and `backers`, who had backed it before that day.
        """
        keys = list(range(len(rows))) if events is None else list(events)
        if not len(rows) == len(offer_ids) == len(keys):
            raise ValueError("history needs one offer id and one event per row")
        sizes = Counter(keys)
        rows = rows.with_numbers("syndicate", [float(sizes[key]) for key in keys])
        rows = rows.with_sets("members", _gathered(keys, offer_ids))
        if firms is not None:
            rows = rows.with_numbers("debut", _debuts(firms, rows.day(day)))
            rows = rows.with_sets("backers", _backers(firms, offer_ids, rows.day(day)))
        first: dict[Hashable, int] = {}
        for position, key in enumerate(keys):
            first.setdefault(key, position)
        place = {key: row for row, key in enumerate(first)}
        at = np.array([place[key] for key in keys], dtype=np.int64)
        return cls(rows.take(list(first.values())), at, tuple(offer_ids))

    def __len__(self) -> int:
        return len(self.rounds)

    def only(self, keep: Bools) -> History:
        """The past reduced to some rounds ((n_rounds,) mask)."""
        renumbered = np.cumsum(keep) - 1
        entries = np.flatnonzero(keep[self.row])
        return History(
            self.rounds.take(np.flatnonzero(keep)),
            renumbered[self.row[entries]],
            tuple(self.offer_ids[entry] for entry in entries),
        )

    def participation(self, ids: Sequence[Any]) -> sparse.csr_matrix:
        """(n_rounds, n_offers) float32 csr of ones: who of these offers took part in which round."""
        place = {offer: column for column, offer in enumerate(ids)}
        entries = [(row, place[offer]) for row, offer in zip(self.row, self.offer_ids, strict=True) if offer in place]
        rows, columns = np.array(entries, dtype=np.int64).reshape(-1, 2).T
        ones = sparse.coo_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(len(self), len(ids)))
        taken = ones.tocsr()
        taken.data[:] = 1
        return taken


def _debuts(firms: Sequence[Hashable], days: Rows) -> list[float | None]:
    """1 where a row is of its firm's first known day, 0 later, None where the day is not known."""
    first: dict[Hashable, int] = {}
    for firm, day in zip(firms, days.tolist(), strict=True):
        if day != DAYS_UNKNOWN:
            first[firm] = min(day, first.get(firm, day))
    known = zip(firms, days.tolist(), strict=True)
    return [None if day == DAYS_UNKNOWN else float(day == first[firm]) for firm, day in known]


def _gathered(keys: Sequence[Hashable], offer_ids: Sequence[Any]) -> list[set[str]]:
    """Who took part in the event of each row; ids as text."""
    found: dict[Hashable, set[str]] = {}
    for key, offer in zip(keys, offer_ids, strict=True):
        found.setdefault(key, set()).add(str(offer))
    return [found[key] for key in keys]


def _backers(firms: Sequence[Hashable], offer_ids: Sequence[Any], days: Rows) -> list[set[str] | None]:
    """Who had backed the firm of each row before its day; nobody where the day is not known."""
    backed: dict[Hashable, list[tuple[int, str]]] = {}
    for firm, offer, day in zip(firms, offer_ids, days.tolist(), strict=True):
        backed.setdefault(firm, []).append((day, str(offer)))
    return [
        {offer for earlier, offer in backed[firm] if DAYS_UNKNOWN < earlier < day} or None
        for firm, day in zip(firms, days.tolist(), strict=True)
    ]
