"""When each chosen pair meets: a colouring of the pairs by slots, moved along alternating paths where somebody is taken.

Where everybody is there in every slot, a slot is found for every pair that `choose` chose: König's theorem (1916; the
alternating paths are Kempe's), and paths of odd length even out the slots until the tables suffice. Where people come and
go this is a heuristic, and the bound of `choose` tells how far it can be off.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matchhub.matcher.groups.choice import reward
from matchhub.matcher.groups.programme import Fixed, Programme

FREE = -1


class Timetable:
    """Who meets whom in which slot: at_a[a, slot] is the other one or FREE, at_b likewise."""

    def __init__(self, programme: Programme) -> None:
        slots = programme.slots
        self.given = programme
        self.at_a = np.full((len(programme.a), slots), FREE, dtype=np.int64)
        self.at_b = np.full((len(programme.b), slots), FREE, dtype=np.int64)
        self.used = np.zeros(slots, dtype=np.int64)
        self.slot_of: dict[tuple[int, int], int] = {}
        self.locked: set[tuple[int, int]] = {(lock.a, lock.b) for lock in programme.locks if lock.slot is not None}
        self.reward, self.open = reward(programme), programme.open
        self.was = {(meeting.a, meeting.b): meeting.slot for meeting in programme.current}

    # --- one meeting in, one out -------------------------------------------------------------------------------

    def put(self, a: int, b: int, slot: int) -> None:
        self.at_a[a, slot], self.at_b[b, slot] = b, a
        self.used[slot] += 1
        self.slot_of[a, b] = slot

    def take(self, a: int, b: int) -> int:
        slot = self.slot_of.pop((a, b))
        self.at_a[a, slot] = self.at_b[b, slot] = FREE
        self.used[slot] -= 1
        return slot

    def together(self, a: int, b: int) -> list[int]:
        """Slots in which both are there and there are tables at all, the one that they had first, then the emptiest."""
        given = self.given
        both = np.flatnonzero(given.a.free[a] & given.b.free[b] & self.open)
        was = self.was.get((a, b))
        return sorted((int(slot) for slot in both), key=lambda slot: (slot != was, self.used[slot], slot))

    def has_table(self, slot: int) -> bool:
        return bool(self.used[slot] < self.given.tables[slot])

    # --- finding a slot ----------------------------------------------------------------------------------------

    def seat(self, a: int, b: int) -> bool:
        """Find a slot for the pair, moving others where that helps; False, and nothing moved, where there is none."""
        slots = self.together(a, b)
        both_free = [slot for slot in slots if self.at_a[a, slot] == FREE and self.at_b[b, slot] == FREE]
        for slot in both_free:
            if self.has_table(slot) or self._clear_a_table(slot):
                self.put(a, b, slot)
                return True
        return self._seat_by_path(a, b, slots, over=0) or self._seat_and_even_out(a, b, slots)

    def _seat_and_even_out(self, a: int, b: int, slots: list[int]) -> bool:
        """The same with one meeting more than tables for a moment; as it was where no other slot takes it."""
        before = self.at_a.copy(), self.at_b.copy(), self.used.copy(), dict(self.slot_of)
        if self._seat_by_path(a, b, slots, over=1):
            full = np.flatnonzero(self.used > self.given.tables)
            if all(self._clear_a_table(int(slot)) for slot in full):
                return True
        self.at_a, self.at_b, self.used, self.slot_of = before
        return False

    def _seat_by_path(self, a: int, b: int, slots: list[int], *, over: int) -> bool:
        """A slot in which only a is free, made free for b by swapping two slots along b's alternating path."""
        free_at_a = [slot for slot in slots if self.at_a[a, slot] == FREE]
        free_at_b = np.flatnonzero(self.given.b.free[b] & (self.at_b[b] == FREE) & self.open).tolist()
        best: tuple[int, int, list[tuple[int, int]]] | None = None
        for slot in free_at_a:
            for other in free_at_b:
                path = self._path(("b", b), slot, other)
                if self._may_swap(path, slot, other, coming=1, over=over) and (
                    best is None or len(path) < len(best[2])
                ):
                    best = (slot, other, path)
        if best is None:
            return False
        slot, other, path = best
        self._swap(path, slot, other)
        self.put(a, b, slot)
        return True

    def _path(self, start: tuple[str, int], first: int, second: int) -> list[tuple[int, int]]:
        """The meetings met when going from a person by slots `first`, `second`, `first` … in turn."""
        side, person = start
        found: list[tuple[int, int]] = []
        slot = first
        while True:
            other = int(self.at_a[person, slot] if side == "a" else self.at_b[person, slot])
            if other == FREE:
                return found
            found.append((person, other) if side == "a" else (other, person))
            side, person = ("b" if side == "a" else "a"), other
            slot = second if slot == first else first

    def _may_swap(self, path: list[tuple[int, int]], first: int, second: int, coming: int = 0, over: int = 0) -> bool:
        """Whether the meetings of a path may change between two slots: nobody locked or away, and tables for all."""
        given = self.given
        for a, b in path:
            target = second if self.slot_of[a, b] == first else first
            if (a, b) in self.locked or not (given.a.free[a, target] and given.b.free[b, target]):
                return False
        leaving = sum(1 if self.slot_of[pair] == first else -1 for pair in path)
        fits_first = self.used[first] - leaving + coming <= given.tables[first] + over
        return bool(fits_first and self.used[second] + leaving <= given.tables[second] + over)

    def _swap(self, path: list[tuple[int, int]], first: int, second: int) -> None:
        taken = [(pair, self.take(*pair)) for pair in path]
        for pair, slot in taken:
            self.put(*pair, second if slot == first else first)

    def _clear_a_table(self, slot: int) -> bool:
        """Move one more meeting out of a full slot than into it, by a path of odd length between it and an emptier one."""
        emptier = [
            int(other)
            for other in np.argsort(self.used, kind="stable")
            if self.open[other] and self.has_table(int(other))
        ]
        for other in emptier:
            for path in self._odd_paths(slot, other):
                if self._may_swap(path, slot, other):
                    self._swap(path, slot, other)
                    return True
        return False

    def _odd_paths(self, slot: int, other: int) -> Iterator[list[tuple[int, int]]]:
        """Paths that begin and end in `slot`: their ends meet nobody in `other`."""
        ends = np.flatnonzero((self.at_a[:, slot] != FREE) & (self.at_a[:, other] == FREE))
        for a in ends:
            path = self._path(("a", int(a)), slot, other)
            if len(path) % 2:
                yield path

    # --- what came of it ---------------------------------------------------------------------------------------

    def meetings(self) -> tuple[Fixed, ...]:
        """Every meeting with its slot, tables not yet said."""
        return tuple(sorted(Fixed(a, b, slot) for (a, b), slot in self.slot_of.items()))
