"""All rows about one person, part by part."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select, Table
from sqlalchemy.orm import Session

from matchhub.console.personal.parts import Part, PARTS
from matchhub.core.db import Base

MOST = 20_000  # rows of one part


@dataclass(frozen=True, slots=True)
class Found:
    """What one part holds of a person."""

    part: Part
    rows: Sequence[Sequence[Any]]


def kept_of(session: Session, user_id: int | None, addresses: Sequence[str]) -> list[Found]:
    """What is kept of a person, by the number of the account and by the addresses; parts that hold nothing are left out."""
    found = [Found(part, _rows(session, part, user_id, addresses)) for part in PARTS]
    return [one for one in found if one.rows]


def _rows(session: Session, part: Part, user_id: int | None, addresses: Sequence[str]) -> Sequence[Sequence[Any]]:
    table = Base.metadata.tables[part.table]
    whose = _whose(table, part, user_id, addresses)
    if whose is None:
        return []
    chosen = [table.c[name] for name in part.columns]
    order = table.c.id if "id" in table.c else next(iter(table.primary_key))
    return session.execute(select(*chosen).where(whose).order_by(order.desc()).limit(MOST)).all()


def _whose(
    table: Table, part: Part, user_id: int | None, addresses: Sequence[str]
) -> ColumnElement[bool] | None:  # fmt: skip
    if part.via:
        above = Base.metadata.tables[part.via]
        upper = next(one for one in PARTS if one.table == part.via)
        theirs = _whose(above, upper, user_id, addresses)
        return None if theirs is None else table.c[part.by].in_(select(above.c.id).where(theirs))
    ways = [table.c[part.by] == user_id] if part.by and user_id is not None else []
    if addresses:
        ways += [table.c[name].in_(addresses) for name in part.addresses]
    return or_(*ways) if ways else None
