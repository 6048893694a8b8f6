"""What events ask of the matcher: how well those in a room fit, who meets whom when, and which projects make a line-up.

Plain values in and out, so that no other feature knows the matcher.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TYPE_CHECKING

from sqlalchemy.orm import Session

from matchhub.listings.enums import PairingKind
from matchhub.matches.engine.store import store
from matchhub.matches.engine.tables import table_of
from matchhub.matches.queries.columns import excluded_pairs, need_columns, offer_columns

if TYPE_CHECKING:
    from matchhub.matcher.groups import Change, Programme

Seat = tuple[int, int, int | None, int | None]
"""One meeting: row of the first side, row of the second, slot, table."""


def fits(
    session: Session, kind: PairingKind, need_ids: Sequence[int], offer_ids: Sequence[int], *, now: datetime
) -> dict[tuple[int, int], float]:
    """(need id, offer id) → score in [0, 1] of each pair of a room that no rule and no exclusion forbids. A plan must not
    be made without it, so a matcher that is being loaded is waited for; empty where the worker has not made one yet. One block:
    a few hundred by a few hundred."""
    held = store(session, kind)
    scorer = held.scorer() or held.load()
    if scorer is None or not need_ids or not offer_ids:
        return {}
    needs = need_columns(session, kind, now=now, ids=need_ids)
    offers = offer_columns(session, kind, now=now, ids=offer_ids)
    if not needs.ids or not offers.ids:
        return {}
    forbidden = {(need, offer) for need, offer, _ in excluded_pairs(session, kind, needs, offers, now=now)}
    judged = scorer.matcher.judge(table_of(needs), table_of(offers))
    return {
        (need, offer): float(judged.scores.joint[row, column])
        for row, need in enumerate(needs.ids)
        for column, offer in enumerate(offers.ids)
        if judged.key[row, column] >= 0 and (need, offer) not in forbidden
    }


@dataclass(frozen=True, slots=True)
class People:
    """One side of a plan: who is there in which slot, how many meetings each shall have and may have."""

    free: Sequence[Sequence[bool]]
    least: Sequence[int]
    most: Sequence[int]


@dataclass(frozen=True, slots=True)
class MeetingsAsked:
    """A plan of meetings to make. worth[a][b] > 0, or None where the two must not meet; tables by slot; what is past,
    locked, and stood before (see the library's `Programme`)."""

    worth: Sequence[Sequence[float | None]]
    tables: Sequence[int]
    a: People
    b: People
    locks: Sequence[Seat] = ()
    current: Sequence[Seat] = ()
    first: int = 0
    stay: float = 0.5


@dataclass(frozen=True, slots=True)
class MeetingsPlanned:
    """The plan, how far from the best it can be at most, what it changes, and why gladly wished pairs are not in it."""

    meetings: tuple[Seat, ...]
    worth: float
    gap: float
    moved: int
    added: int
    dropped: int
    people: int
    unmet: Mapping[tuple[int, int], str] = field(default_factory=dict)


def plan_meetings(asked: MeetingsAsked) -> MeetingsPlanned:
    """The meetings that are worth most. ValueError where locks contradict each other or what is given."""
    from matchhub.matcher.groups import plan, unplaced  # noqa: PLC0415 -- the matcher is imported late

    programme = _programme(asked)
    found = plan(programme)
    return MeetingsPlanned(
        tuple((m.a, m.b, m.slot, m.table) for m in found.meetings),
        found.worth,
        found.gap,
        *_counted(found.change),
        {(pair.a, pair.b): pair.why.value for pair in unplaced(programme, found)},
    )


def _counted(change: Change) -> tuple[int, int, int, int]:
    return len(change.moved), len(change.added), len(change.dropped), len(change.people)


def _programme(asked: MeetingsAsked) -> Programme:
    import numpy as np  # noqa: PLC0415 -- with the matcher

    from matchhub.matcher.groups import Fixed, Programme, Side  # noqa: PLC0415 -- the matcher is imported late

    slots = len(asked.tables)
    worth = np.array([[np.nan if value is None else value for value in row] for row in asked.worth], dtype=np.float64)

    def side(people: People) -> Side:
        free = np.array(people.free, dtype=bool).reshape(len(people.free), slots)
        return Side(free, np.array(people.least, dtype=np.int64), np.array(people.most, dtype=np.int64))

    def fixed(seats: Sequence[Seat]) -> tuple[Any, ...]:
        return tuple(Fixed(*seat) for seat in seats)

    shape = (len(asked.a.free), len(asked.b.free))
    return Programme(
        worth.reshape(shape),
        np.array(asked.tables, dtype=np.int64),
        side(asked.a),
        side(asked.b),
        fixed(asked.locks),
        fixed(asked.current),
        asked.stay,
        asked.first,
    )


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody who may stand in a line-up. chances: by guest, None where nothing is known."""

    chances: Sequence[float | None]
    kinds: Mapping[str, str | None]
    first: bool = False
    passed_over: int = 0
    fixed: bool = False
    barred: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """One of the line-up: its row, what the line-up would lose without it (guests expected to find somebody, points), the
    guests who want it most, and what only it brings by kind."""

    row: int
    interested: float
    points: float
    guests: tuple[int, ...]
    only: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LineupProposed:
    """The line-up with its reasons, the reserves in order, how many guests are expected to find somebody, and how many
    different values of each kind it has."""

    places: tuple[Placed, ...]
    reserves: tuple[int, ...]
    interested: float
    values: Mapping[str, int]


def propose_lineup(applicants: Sequence[Applicant], places: int, reserves: int = 2) -> LineupProposed:
    """Which applicants make the room worth coming for."""
    from matchhub.matcher.groups import propose  # noqa: PLC0415 -- the matcher is imported late

    found = propose(_applicants(applicants), places, reserves)
    return LineupProposed(
        tuple(_placed(entry) for entry in found.entries), found.reserves, found.worth.interested, found.worth.values
    )


def explain_lineup(applicants: Sequence[Applicant], places: int, rows: Sequence[int]) -> tuple[Placed, ...]:
    """Why each is in a line-up that somebody has changed, in the order given."""
    from matchhub.matcher.groups.lineup import entries_of  # noqa: PLC0415 -- the matcher is imported late

    return tuple(_placed(entry) for entry in entries_of(_applicants(applicants), places, rows))


def _placed(entry: Any) -> Placed:
    return Placed(entry.row, entry.brings.interested, 100 * entry.brings.total, entry.guests, entry.only)


def swap_cost(
    applicants: Sequence[Applicant], places: int, rows: Sequence[int], *, out: int, into: int
) -> tuple[float, Mapping[str, int], float]:
    """What taking `into` in the place of `out` brings: guests who find somebody, different values by kind, points."""
    from matchhub.matcher.groups import swap  # noqa: PLC0415 -- the matcher is imported late

    worth = swap(_applicants(applicants), places, rows, out, into)
    return worth.interested, worth.values, 100 * worth.total


def _applicants(applicants: Sequence[Applicant]) -> Any:
    import numpy as np  # noqa: PLC0415 -- with the matcher

    from matchhub.matcher.groups import Applicants  # noqa: PLC0415 -- the matcher is imported late

    guests = len(applicants[0].chances) if applicants else 0
    chances = [[np.nan if chance is None else chance for chance in one.chances] for one in applicants]
    kinds = dict.fromkeys(kind for one in applicants for kind in one.kinds)
    return Applicants(
        np.array(chances, dtype=np.float64).reshape(len(applicants), guests),
        {kind: [one.kinds.get(kind) for one in applicants] for kind in kinds},
        [one.first for one in applicants],
        [one.passed_over for one in applicants],
        frozenset(row for row, one in enumerate(applicants) if one.fixed),
        frozenset(row for row, one in enumerate(applicants) if one.barred),
    )
