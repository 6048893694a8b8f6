"""The line-up of an event: which applicants make the room worth coming for, why each is in, and what a swap would cost.

A line-up S of `places` applicants is worth

    interest   Σ over guests of 1 - Π over S of (1 - p)      how many guests find somebody for them
    variety    Σ over kinds and their values of √(share of S with it) ÷ √(all)   many industries, carriers, stages
    turn       Σ over S of first-timers and of those passed over before

each by its weight. All three are monotone and submodular (a further project adds less to a longer list), so taking the best
next one reaches at least 1 - 1/e of the best line-up (Nemhauser, Wolsey, Fisher 1978); exchanges of one for one follow
until none helps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
PASSED_OVER_MOST = 3


@dataclass(frozen=True, slots=True)
class LineupWeights:
    """What counts how much. A line-up that all guests find somebody in, of all values, of first-timers alone, is worth
    the sum."""

    interest: float = 0.6
    variety: float = 0.25
    turn: float = 0.15


@dataclass(frozen=True, slots=True)
class Applicants:
    """Who applied, for whom.

    interest: (n_applicants, n_guests) the chance in [0, 1] that a guest wants to talk to the applicant, NaN where nothing
    is known (told as such, counted as none). kinds: values by what shall vary (industry, carrier, stage), None where it is
    not known. first: who never pitched. passed_over: how often each applied before and was not taken. fixed, barred: rows
    that the organizer has put in or left out.
    """

    interest: Values
    kinds: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    first: Sequence[bool] = ()
    passed_over: Sequence[int] = ()
    fixed: frozenset[int] = frozenset()
    barred: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        told = [column for column in (self.first, self.passed_over) if len(column)]
        if any(len(column) != len(self.interest) for column in (*self.kinds.values(), *told)):
            raise ValueError("the columns are not of one length")
        if self.fixed & self.barred:
            raise ValueError("an applicant cannot be both fixed and barred")

    def __len__(self) -> int:
        return len(self.interest)

    @property
    def turn(self) -> Values:
        """(n,) in [0, 1]: 1 for a first-timer, and for who was passed over three times or more."""
        none = np.zeros(len(self.interest))
        first = np.asarray(self.first, dtype=np.float64) if len(self.first) else none
        over = np.asarray(self.passed_over, dtype=np.float64) if len(self.passed_over) else none
        return np.maximum(first, np.minimum(over / PASSED_OVER_MOST, 1.0))


@dataclass(frozen=True, slots=True)
class Worth:
    """What a line-up is worth and what is in it: guests who are expected to find somebody, different values by kind."""

    total: float
    interested: float
    values: Mapping[str, int]
    turn: float

    def less(self, other: Worth) -> Worth:
        """This one less another: what an exchange brings (negative: costs)."""
        values = {kind: number - other.values.get(kind, 0) for kind, number in self.values.items()}
        turn = self.turn - other.turn
        return Worth(self.total - other.total, self.interested - other.interested, values, turn)


@dataclass(frozen=True, slots=True)
class Entry:
    """Why an applicant is in: what the line-up would lose without it, the guests who want it most, what only it brings."""

    row: int
    brings: Worth
    guests: tuple[int, ...]
    only: Mapping[str, str]
    fixed: bool


@dataclass(frozen=True, slots=True)
class Lineup:
    """entries in order of what each brings; reserves: who steps up first, in order."""

    entries: tuple[Entry, ...]
    reserves: tuple[int, ...]
    worth: Worth

    @property
    def rows(self) -> tuple[int, ...]:
        """The applicants' rows."""
        return tuple(entry.row for entry in self.entries)


def propose(applicants: Applicants, places: int, reserves: int = 2, weights: LineupWeights | None = None) -> Lineup:
    """The line-up of so many places. ValueError where more are fixed than there are places."""
    if len(applicants.fixed) > places:
        raise ValueError("more applicants are fixed than there are places")
    room = _Room(applicants, places, weights or LineupWeights())
    free = [row for row in range(len(applicants)) if row not in applicants.fixed | applicants.barred]
    chosen = sorted(applicants.fixed)
    while len(chosen) < places and len(chosen) < len(applicants.fixed) + len(free):
        left = [row for row in free if row not in chosen]
        chosen.append(max(left, key=lambda row: (room.worth([*chosen, row]).total, -row)))
    chosen = _exchange(room, chosen, free)
    waiting: list[int] = []
    while len(waiting) < reserves and len(waiting) + len(chosen) < len(applicants.fixed) + len(free):
        left = [row for row in free if row not in chosen and row not in waiting]
        waiting.append(max(left, key=lambda row: (room.worth([*chosen, row]).total, -row)))
    entries = sorted(_entries(room, chosen), key=lambda entry: (-entry.brings.total, entry.row))
    return Lineup(tuple(entries), tuple(waiting), room.worth(chosen))


def swap(
    applicants: Applicants, places: int, rows: Sequence[int], out: int, into: int, weights: LineupWeights | None = None
) -> Worth:
    """What taking `into` in the place of `out` brings or costs. ValueError where `out` is not in or `into` is."""
    if out not in rows or into in rows:
        raise ValueError("a swap takes one of the line-up and one that is not")
    room = _Room(applicants, places, weights or LineupWeights())
    return room.worth([*(row for row in rows if row != out), into]).less(room.worth(rows))


def entries_of(
    applicants: Applicants, places: int, rows: Sequence[int], weights: LineupWeights | None = None
) -> tuple[Entry, ...]:
    """Why each is in a line-up that the organizer has changed, in the order given."""
    return tuple(_entries(_Room(applicants, places, weights or LineupWeights()), list(rows)))


class _Room:
    """Applicants made ready to be summed."""

    def __init__(self, applicants: Applicants, places: int, weights: LineupWeights) -> None:
        self.given, self.places, self.weights = applicants, max(places, 1), weights
        self.chance = np.clip(np.nan_to_num(applicants.interest), 0.0, 1.0)
        self.turn = applicants.turn

    def worth(self, rows: Sequence[int]) -> Worth:
        guests = self.chance.shape[1]
        found = float((1.0 - np.prod(1.0 - self.chance[list(rows)], axis=0)).sum()) if len(rows) else 0.0
        seen = {kind: self._counts(values, rows) for kind, values in self.given.kinds.items()}
        variety = [float(np.sqrt(np.array(list(counts.values())) / self.places).sum()) for counts in seen.values()]
        best = np.sqrt(self.places)  # all different: `places` values of share 1/places
        turn = float(self.turn[list(rows)].sum()) / self.places if len(rows) else 0.0
        total = (
            self.weights.interest * (found / guests if guests else 0.0)
            + self.weights.variety * (float(np.mean(variety)) / best if variety else 0.0)
            + self.weights.turn * turn
        )
        return Worth(total, found, {kind: len(counts) for kind, counts in seen.items()}, turn)

    @staticmethod
    def _counts(values: Sequence[str | None], rows: Sequence[int]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for row in rows:
            value = values[row]
            if value is not None:
                counts[value] = counts.get(value, 0) + 1
        return counts


def _exchange(room: _Room, chosen: list[int], free: list[int]) -> list[int]:
    """Exchanges of one for one, the best first, until none helps."""
    best = room.worth(chosen).total
    while True:
        tries = [
            (room.worth([into if row == out else row for row in chosen]).total, -into, out)
            for out in chosen
            if out not in room.given.fixed
            for into in free
            if into not in chosen
        ]
        total, into, out = max(tries, default=(best, 0, 0))
        if total <= best + 1e-12:
            return chosen
        chosen, best = [-into if row == out else row for row in chosen], total


def _entries(room: _Room, chosen: list[int]) -> list[Entry]:
    whole = room.worth(chosen)
    found = []
    for row in chosen:
        others = [other for other in chosen if other != row]
        wanted = np.argsort(-room.chance[row], kind="stable")[:3]
        guests = tuple(int(guest) for guest in wanted if room.chance[row, guest] > 0)
        only = {
            kind: str(values[row])
            for kind, values in room.given.kinds.items()
            if values[row] is not None and values[row] not in {values[other] for other in others}
        }
        found.append(Entry(row, whole.less(room.worth(others)), guests, only, row in room.given.fixed))
    return found
