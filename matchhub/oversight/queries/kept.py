"""Figures of large scopes as the worker has kept them: to count a hundred thousand needs costs more than a page may.

Where nothing is kept (a scope of few needs, a cut that is seldom asked for) the figures are counted while the page waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from matchhub.core.policy import Actor
from matchhub.oversight.models import KeptFigures
from matchhub.oversight.queries.scopes import Own, Scope, scope_of

ALL = "all"  # instead of a month
HELD = select(KeptFigures.as_of, KeptFigures.figures).where(
    KeptFigures.scope == bindparam("scope"), KeptFigures.own == bindparam("own")
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The figures of one scope and when they were counted. `groups`: (month or "all", grouping) → [stage, group, count]."""

    as_of: datetime
    figures: dict[str, Any]

    def groups(self, month: str | None, grouping: str) -> Sequence[tuple[str, str | None, int]] | None:
        """(stage, group, count) of a month or of all; None where this is not kept."""
        found: Sequence[tuple[str, str | None, int]] | None
        found = self.figures["groups"].get(f"{month or ALL} {grouping}")
        return found

    def sums(self, month: str | None) -> Sequence[tuple[str, int, int, int]] | None:
        """(pairing, outcomes, those with an amount, their sum); None where this is not kept."""
        found: Sequence[tuple[str, int, int, int]] | None = self.figures["sums"].get(month or ALL)
        return found


def kept(session: Session, scope: Scope, own: Own) -> Kept | None:
    """What is kept of a scope; asked for once a request."""
    key = scope.value, key_of(own)
    asked = session.info.setdefault("kept_figures", {})
    transaction = session.get_transaction()
    if transaction is None or asked.get(key, (None,))[0] is not transaction:
        row = session.execute(HELD, {"scope": key[0], "own": key[1]}).one_or_none()
        asked[key] = session.get_transaction(), None if row is None else Kept(row.as_of, row.figures)
    found: Kept | None = asked[key][1]
    return found


def key_of(own: Own) -> str:
    """The district or the carrier of a scope as it is kept; '' for the city."""
    return "" if own is None else str(own)


def as_of(session: Session, actor: Actor) -> datetime | None:
    """Until when the figures of an actor's scope count; None where they are counted while the page waits."""
    found = kept(session, *scope_of(actor))
    return found.as_of if found else None
