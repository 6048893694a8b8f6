"""Meetings one to one: the plan that is worth most under slots, tables, presence and bounds, with its distance to the best."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from matchhub.matcher.groups.choice import choose, worth_of
from matchhub.matcher.groups.programme import Bools, Change, Fixed, Programme
from matchhub.matcher.groups.tables import lay
from matchhub.matcher.groups.timetable import Timetable

PASSES, TRIES, LOCKED = 3, 400, 1e9


class Unmet(StrEnum):
    """Why two who would gladly meet do not. That one of them said no is never told: such a pair is not among them."""

    NEVER_TOGETHER = "never_together"  # no slot in which both are there
    FULL_A = "full_a"  # the first one has all the meetings that fit
    FULL_B = "full_b"
    TABLES = "tables"  # all tables are taken whenever both could
    CROSSED = "crossed"  # both have room, but never in the same slot


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A pair that does not meet, what the meeting would be worth, and why."""

    a: int
    b: int
    worth: float
    why: Unmet


@dataclass(frozen=True, slots=True)
class Plan:
    """meetings: all, with slot and table. worth: of these; bound: no plan can be worth more."""

    meetings: tuple[Fixed, ...]
    worth: float
    bound: float
    change: Change

    @property
    def gap(self) -> float:
        """How far from the best it can be at most, in [0, 1]; 0: there is no better plan."""
        return max(0.0, 1.0 - self.worth / self.bound) if self.bound > 0 else 0.0


def plan(programme: Programme) -> Plan:
    """Choose the pairs, give each a slot, mend what found none, lay the tables. ValueError where locks contradict."""
    choice = choose(programme)
    timetable = Timetable(programme)
    _place_locks(timetable, programme)
    _place_current(timetable, choice.chosen)
    _place(timetable, choice.chosen)
    for _ in range(PASSES):
        if worth_of(programme, _met(timetable)) >= choice.bound - 1e-6 or not _improve(timetable):
            break
    if any((lock.a, lock.b) not in timetable.slot_of for lock in programme.locks):
        raise ValueError("a locked pair finds no slot in which both are there")
    meetings = lay(timetable.meetings(), programme)
    worth = worth_of(programme, _met(timetable))
    return Plan(meetings, worth, max(choice.bound, worth), Change.between(programme.current, meetings))


def repair(programme: Programme, current: Plan, *, now: int, a: dict[int, int], b: dict[int, int]) -> Plan:
    """The plan mended on the spot: people are missing from a slot on; what is before slot `now` stays as it was."""
    past = tuple(meeting for meeting in current.meetings if meeting.slot is not None and meeting.slot < now)
    away = {("a", person): slot for person, slot in a.items()} | {("b", person): slot for person, slot in b.items()}

    def still(meeting: Fixed) -> bool:
        slot = meeting.slot or 0
        return all(slot < away.get(who, programme.slots) for who in (("a", meeting.a), ("b", meeting.b)))

    kept = tuple(lock for lock in programme.locks if (lock.a, lock.b) not in {(m.a, m.b) for m in past} and still(lock))
    stay = float(np.nanmax(programme.worth, initial=1.0))  # on the day a change costs more than it can bring
    changed = replace(programme.without(a=a, b=b), locks=past + kept, current=current.meetings, stay=stay, first=now)
    return plan(changed)


def unplaced(programme: Programme, found: Plan) -> tuple[Unplaced, ...]:
    """The pairs that would gladly meet and do not, by what they would be worth, each with the first cause that holds."""
    timetable = Timetable(programme)
    for meeting in found.meetings:
        timetable.put(meeting.a, meeting.b, meeting.slot or 0)
    met = _met(timetable)
    wanted = ~np.isnan(programme.worth) & ~met
    told = [
        Unplaced(int(a), int(b), float(programme.worth[a, b]), _why(timetable, int(a), int(b)))
        for a, b in np.argwhere(wanted)
    ]
    return tuple(sorted(told, key=lambda pair: (-pair.worth, pair.a, pair.b)))


def _why(timetable: Timetable, a: int, b: int) -> Unmet:
    given = timetable.given
    slots = timetable.together(a, b)
    if not slots:
        return Unmet.NEVER_TOGETHER
    if (timetable.at_a[a] >= 0).sum() >= given.a.room[a]:
        return Unmet.FULL_A
    if (timetable.at_b[b] >= 0).sum() >= given.b.room[b]:
        return Unmet.FULL_B
    if any(timetable.at_a[a, slot] < 0 and timetable.at_b[b, slot] < 0 for slot in slots):
        return Unmet.TABLES
    return Unmet.CROSSED


def _met(timetable: Timetable) -> Bools:
    met = np.zeros(timetable.given.worth.shape, dtype=bool)
    for a, b in timetable.slot_of:
        met[a, b] = True
    return met


def _place_locks(timetable: Timetable, programme: Programme) -> None:
    """What is locked to a slot stands first; a lock without one comes with the others, and is never dropped."""
    for lock in programme.locks:
        if lock.slot is None:
            continue
        if timetable.at_a[lock.a, lock.slot] >= 0 or timetable.at_b[lock.b, lock.slot] >= 0:
            raise ValueError("two locked meetings of one person are in the same slot")
        timetable.put(lock.a, lock.b, lock.slot)
    if (timetable.used > programme.tables).any():
        raise ValueError("more meetings are locked to a slot than it has tables")


def _place_current(timetable: Timetable, chosen: Bools) -> None:
    """Meetings that stay keep their slot where both are still there."""
    for meeting in timetable.given.current:
        a, b, slot = meeting.a, meeting.b, meeting.slot
        if slot is None or not chosen[a, b] or (a, b) in timetable.slot_of or slot not in timetable.together(a, b):
            continue
        if timetable.at_a[a, slot] < 0 and timetable.at_b[b, slot] < 0 and timetable.has_table(slot):
            timetable.put(a, b, slot)


def _place(timetable: Timetable, chosen: Bools) -> None:
    """Seat the chosen pairs: locks first, then those with the fewest slots in common, then the most worth."""
    worth = timetable.given.worth
    anywhere = {(lock.a, lock.b) for lock in timetable.given.locks}
    pairs = [(int(a), int(b)) for a, b in np.argwhere(chosen) if (int(a), int(b)) not in timetable.slot_of]
    pairs.sort(key=lambda pair: (pair not in anywhere, len(timetable.together(*pair)), -worth[pair], pair))
    for pair in pairs:
        timetable.seat(*pair)


def _improve(timetable: Timetable) -> bool:
    """Seat further pairs, the most worth first, in the place of meetings that are worth less; whether anything got better."""
    given, better = timetable.given, False
    lost = ~_met(timetable) & given.allowed
    tries = min(TRIES, int(lost.sum()))
    for at in np.argsort(-np.where(lost, np.nan_to_num(given.worth), 0.0), axis=None, kind="stable")[:tries]:
        a, b = divmod(int(at), len(given.b))
        if _has_room(timetable, a, b):
            better |= timetable.seat(a, b)
        better |= (a, b) not in timetable.slot_of and _squeeze_in(timetable, a, b)
    return better


def _has_room(timetable: Timetable, a: int, b: int) -> bool:
    given = timetable.given
    return bool((timetable.at_a[a] >= 0).sum() < given.a.room[a] and (timetable.at_b[b] >= 0).sum() < given.b.room[b])


def _value(timetable: Timetable, pair: tuple[int, int]) -> float:
    """What a meeting is worth as things stand: its own worth, and the reward where one of the two has too few."""
    given, (a, b) = timetable.given, pair
    short = int((timetable.at_a[a] >= 0).sum() <= min(given.a.least[a], given.a.room[a]) - 1)
    short += int((timetable.at_b[b] >= 0).sum() <= min(given.b.least[b], given.b.room[b]) - 1)
    stays = given.stay if pair in timetable.was else 0.0
    stands = LOCKED if any((lock.a, lock.b) == pair for lock in given.locks) else 0.0
    return float(np.nan_to_num(given.worth[a, b])) + timetable.reward * short + stays + stands


def _squeeze_in(timetable: Timetable, a: int, b: int) -> bool:
    """Put a pair where one or two meetings of lower worth stand, and seat those elsewhere if that can be."""
    for slot in timetable.together(a, b):
        at_a, at_b = int(timetable.at_a[a, slot]), int(timetable.at_b[b, slot])
        out = [pair for pair, other in (((a, at_a), at_a), ((at_b, b), at_b)) if other >= 0]
        if not out or any(pair in timetable.locked for pair in out) or not _fits_after(timetable, a, b, out):
            continue
        if _try(timetable, (a, b), slot, out):
            return True
    return False


def _fits_after(timetable: Timetable, a: int, b: int, out: list[tuple[int, int]]) -> bool:
    given = timetable.given
    left_a = (timetable.at_a[a] >= 0).sum() - sum(pair[0] == a for pair in out)
    left_b = (timetable.at_b[b] >= 0).sum() - sum(pair[1] == b for pair in out)
    return bool(left_a < given.a.room[a] and left_b < given.b.room[b])


def _try(timetable: Timetable, pair: tuple[int, int], slot: int, out: list[tuple[int, int]]) -> bool:
    """Swap, seat elsewhere what had to go, keep it when the whole is worth more, undo it otherwise."""
    lost = 0.0
    for gone in out:
        timetable.take(*gone)
        lost += _value(timetable, gone)
    gain = _value(timetable, pair)
    timetable.put(*pair, slot)
    back = []
    for gone in sorted(out, key=lambda gone: -timetable.given.worth[gone]):
        value = _value(timetable, gone)
        if _seat_plainly(timetable, gone):
            back.append(gone)
            gain += value
    if gain > lost + 1e-9:
        return True
    for added in (*back, pair):
        timetable.take(*added)
    for gone in out:
        timetable.put(*gone, slot)
    return False


def _seat_plainly(timetable: Timetable, pair: tuple[int, int]) -> bool:
    """A slot that is free for both as things stand, with nobody moved (so that it can be undone)."""
    a, b = pair
    if not _has_room(timetable, a, b):
        return False
    for slot in timetable.together(a, b):
        if timetable.at_a[a, slot] < 0 and timetable.at_b[b, slot] < 0 and timetable.has_table(slot):
            timetable.put(a, b, slot)
            return True
    return False
