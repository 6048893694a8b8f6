"""What is open, as tables of the matcher. The matcher is imported late: a web process starts without scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TYPE_CHECKING

from sqlalchemy.orm import Session

from matchhub.listings.enums import PairingKind
from matchhub.matches.queries.columns import Columns, excluded_pairs, need_columns, offer_columns, Past, past_columns
from matchhub.matches.queries.proposals import answers

if TYPE_CHECKING:
    from matchhub.matcher import Answered, Table


def table_of(columns: Columns) -> Table:
    """Columns as a table of the matcher."""
    from matchhub.matcher import Table  # noqa: PLC0415 -- the matcher is imported late

    return Table.of(columns.ids, numbers=columns.numbers, sets=columns.sets, texts=columns.texts, dates=columns.dates)


@dataclass(slots=True)
class Market:
    """What is open now, as tables of the matcher: all of it, or one need or offer against all of the other side."""

    kind: PairingKind
    needs: Table
    offers: Table
    exclusions: list[tuple[int, int, str]]
    past: Past | None = None
    answered: Answered | None = None

    @classmethod
    def read(
        cls,
        session: Session,
        kind: PairingKind,
        *,
        now: datetime,
        need_id: int | None = None,
        offer_id: int | None = None,
        with_past: bool = False,
    ) -> Market:
        """A handful of queries, whatever the number of rows. A need or offer that is not open gives an empty table."""
        needs = _open_only(need_columns, session, kind, need_id, now)
        offers = _open_only(offer_columns, session, kind, offer_id, now)
        excluded = excluded_pairs(session, kind, needs, offers, now=now)
        past = past_columns(session, kind, offers) if with_past else None
        answered = answered_of(session, kind, answers(session, kind), now=now) if with_past else None
        return cls(kind, table_of(needs), table_of(offers), excluded, past, answered)


def answered_of(
    session: Session, kind: PairingKind, given: Sequence[tuple[int, int, bool]], *, now: datetime
) -> Answered:
    """Answers with the needs and offers that they were about, in any state."""
    from matchhub.matcher import Answered  # noqa: PLC0415 -- the matcher is imported late

    needs = need_columns(session, kind, now=now, ids=sorted({need for need, _, _ in given}))
    offers = offer_columns(session, kind, now=now, ids=sorted({offer for _, offer, _ in given}))
    return Answered.of(table_of(needs), table_of(offers), given)


def _open_only(read: Any, session: Session, kind: PairingKind, one: int | None, now: datetime) -> Columns:
    columns: Columns = read(session, kind, now=now, ids=None if one is None else [one], only_open=True)
    return columns
