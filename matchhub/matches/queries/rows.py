"""Rows of suggestions with what a list shows of their needs, offers and owners: plain values, the rest stays where it is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, null, Row, Select, Table
from sqlalchemy.orm import aliased

from matchhub.accounts.models import Organization
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Need, NEED_MODELS, Offer, OFFER_MODELS
from matchhub.matches.enums import Side, Verdict
from matchhub.matches.kinds.listed import Asking, Offering, Owner
from matchhub.matches.models import Suggestion

STORED = (
    "id", "run_id", "kind", "need_id", "offer_id", "position", "score", "coverage", "verdict", "unknown_count", "told",
)  # fmt: skip
SIDES: dict[Side, tuple[Any, Any, Any]] = {
    Side.NEED: (Need, NEED_MODELS, Asking),
    Side.OFFER: (Offer, OFFER_MODELS, Offering),
}
FIRST = len(STORED)


@dataclass(slots=True)
class Standing:
    """A suggestion as a list shows it; a side that was not asked for is None until who knows it puts it there."""

    id: int
    run_id: int
    kind: PairingKind
    need_id: int
    offer_id: int
    position: int
    score: float
    coverage: float
    verdict: Verdict
    unknown_count: int
    told: list[Any]
    need: Any = None  # Asking, or the Need itself
    offer: Any = None  # Offering, or the Offer itself


def with_sides(statement: Select[Any], kinds: Iterable[PairingKind], sides: Sequence[Side]) -> Select[Any]:
    """Suggestions of these kinds as plain columns, and those of these sides, to be read by `standing`.

    `statement` speaks of suggestions, needs and offers; the tables of the kinds and the owners are joined here.
    """
    columns: list[Any] = [getattr(Suggestion, name) for name in STORED]
    for side in sides:
        base, models, shape = SIDES[side]
        tables = [models[kind].__table__ for kind in kinds]
        owner = aliased(Organization)
        for table in tables:
            statement = statement.join(table, table.c.id == base.id, isouter=len(tables) > 1)
        statement = statement.join(owner, owner.id == base.organization_id)
        columns += [_column(base.__table__, tables, name) for name in shape._fields[:-1]]
        columns += [getattr(owner, name) for name in Owner._fields]
    return statement.with_only_columns(*columns, maintain_column_froms=True)


def _column(base: Table, tables: Sequence[Table], name: str) -> ColumnElement[Any]:
    """A fact of a need or an offer, from whichever table of its kind has it."""
    held = [table.c[name] for table in ([base] if name in base.c else tables) if name in table.c]
    if len(held) > 1:
        return func.coalesce(*held, type_=held[0].type)
    return held[0] if held else null()


def standing(rows: Iterable[Row[Any]], sides: Sequence[Side]) -> Iterator[Standing]:
    """The rows of such a statement, each with the sides that were asked for."""
    for row in rows:
        found, at = Standing(*row[:FIRST]), FIRST
        for side in sides:
            shape = SIDES[side][2]
            owner, end = at + len(shape._fields) - 1, at + len(shape._fields) - 1 + len(Owner._fields)
            setattr(found, side.value, shape(*row[at:owner], Owner(*row[owner:end])))
            at = end
        yield found
