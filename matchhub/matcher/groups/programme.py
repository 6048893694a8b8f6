"""What a plan of meetings has to respect: two sides, slots, tables, who is there when, who shall meet how often."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Values = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Side:
    """The people of one side.

    free: (n, slots) who is there when; least, most: (n,) how many meetings each shall have at least and may have.
    """

    free: Bools
    least: Whole
    most: Whole

    @classmethod
    def of(cls, people: int, slots: int, *, least: int = 0, most: int | None = None) -> Side:
        """Everybody is there all the time and has the same bounds."""
        full = np.full(people, slots if most is None else most, dtype=np.int64)
        return cls(np.ones((people, slots), dtype=bool), np.full(people, least, dtype=np.int64), full)

    @property
    def room(self) -> Whole:
        """(n,) how many meetings each can have: no more than wanted, no more than slots."""
        return np.minimum(self.most, self.free.sum(axis=1))

    def __len__(self) -> int:
        return len(self.free)


@dataclass(frozen=True, slots=True, order=True)
class Fixed:
    """One meeting: a of the first side with b of the second, in a slot, at a table (None: not yet said)."""

    a: int
    b: int
    slot: int | None = None
    table: int | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """All that is given.

    worth: (n_a, n_b) what a meeting is worth, > 0; NaN where the two must not meet (a no, met before, a conflict).
    tables: (slots,) meetings at once. locks: what must stand. current: a plan to stay near; stay: what keeping one
    of its meetings is worth beside its own worth. first: what lies before this slot is past; nothing new comes there.
    """

    worth: Values
    tables: Whole
    a: Side
    b: Side
    locks: tuple[Fixed, ...] = ()
    current: tuple[Fixed, ...] = ()
    stay: float = 0.5
    first: int = 0

    def __post_init__(self) -> None:
        if self.worth.shape != (len(self.a), len(self.b)):
            raise ValueError("worth is not a block of the two sides")
        if any(side.free.shape[1] != len(self.tables) for side in (self.a, self.b)):
            raise ValueError("who is there when is not told for every slot")
        if (self.worth <= 0).any():
            raise ValueError("a meeting that is worth nothing is no meeting: write NaN")
        pairs = [(lock.a, lock.b) for lock in self.locks]
        if len(set(pairs)) < len(pairs):
            raise ValueError("a pair is locked twice")

    @property
    def slots(self) -> int:
        """How many slots there are."""
        return len(self.tables)

    @property
    def open(self) -> Bools:
        """(slots,) in which a meeting can still be put."""
        return (self.tables > 0) & (np.arange(self.slots) >= self.first)

    @property
    def allowed(self) -> Bools:
        """(n_a, n_b) who may meet and shares a slot in which there are tables; a lock is allowed whatever else is said."""
        common = (self.a.free[:, self.open].astype(np.int64) @ self.b.free[:, self.open].T.astype(np.int64)) > 0
        may = ~np.isnan(self.worth) & common
        for lock in self.locks:
            may[lock.a, lock.b] = True
        return may

    def without(self, *, a: dict[int, int] | None = None, b: dict[int, int] | None = None) -> Programme:
        """The same where some are missing from a slot on: person → the first slot without them."""
        return replace(self, a=_gone(self.a, a or {}), b=_gone(self.b, b or {}))


def _gone(side: Side, missing: dict[int, int]) -> Side:
    free = side.free.copy()
    for person, first in missing.items():
        free[person, first:] = False
    return replace(side, free=free)


@dataclass(frozen=True, slots=True)
class Change:
    """What a new plan changes of an old one; `people` are (side, person) whom it concerns."""

    moved: tuple[tuple[Fixed, Fixed], ...]
    added: tuple[Fixed, ...]
    dropped: tuple[Fixed, ...]
    people: frozenset[tuple[str, int]] = field(default=frozenset())

    @classmethod
    def between(cls, old: tuple[Fixed, ...], new: tuple[Fixed, ...]) -> Change:
        """Meetings by pair: another slot or table is a move."""
        before = {(meeting.a, meeting.b): meeting for meeting in old}
        after = {(meeting.a, meeting.b): meeting for meeting in new}
        moved = tuple(
            (before[pair], after[pair]) for pair in sorted(before.keys() & after.keys()) if before[pair] != after[pair]
        )
        added = tuple(after[pair] for pair in sorted(after.keys() - before.keys()))
        dropped = tuple(before[pair] for pair in sorted(before.keys() - after.keys()))
        touched = [*(meeting for pair in moved for meeting in pair), *added, *dropped]
        people = frozenset(who for meeting in touched for who in (("a", meeting.a), ("b", meeting.b)))
        return cls(moved, added, dropped, people)

    def __len__(self) -> int:
        return len(self.moved) + len(self.added) + len(self.dropped)
