"""Which table each meeting has: people move as little as can be, and the second side (the firms) stays where it sits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matchhub.matcher.groups.programme import Fixed, Programme


def lay(meetings: Sequence[Fixed], programme: Programme) -> tuple[Fixed, ...]:
    """The meetings with tables numbered from 0; what is locked or stood in the current plan keeps its table."""
    said = {(m.a, m.b, m.slot): m.table for m in (*programme.current, *programme.locks) if m.table is not None}
    own: dict[tuple[str, int], int] = {}
    found: list[Fixed] = []
    for slot in range(programme.slots):
        here = sorted(meeting for meeting in meetings if meeting.slot == slot)
        found += _lay_slot(here, int(programme.tables[slot]), said, own)
    return tuple(sorted(found))


def _lay_slot(
    here: list[Fixed], tables: int, said: dict[tuple[int, int, int | None], int], own: dict[tuple[str, int], int]
) -> list[Fixed]:
    """One slot: first what is said, then who can stay at the own table, then the rest in order."""
    left = list(range(tables))
    placed: dict[Fixed, int] = {}

    def claim(meeting: Fixed, table: int | None) -> None:
        if table is not None and meeting not in placed and table in left:
            left.remove(table)
            placed[meeting] = table

    for meeting in here:
        claim(meeting, said.get((meeting.a, meeting.b, meeting.slot)))
    for side in ("b", "a"):
        for meeting in here:
            claim(meeting, own.get((side, meeting.b if side == "b" else meeting.a)))
    for meeting in here:
        claim(meeting, _fresh(left, own))
    for meeting, table in placed.items():
        own["b", meeting.b] = own["a", meeting.a] = table
    return [replace(meeting, table=table) for meeting, table in placed.items()]


def _fresh(left: list[int], own: dict[tuple[str, int], int]) -> int | None:
    """A table that nobody calls the own one, else any that is left."""
    taken = {table for (side, _), table in own.items() if side == "b"}
    return next((table for table in left if table not in taken), left[0] if left else None)
