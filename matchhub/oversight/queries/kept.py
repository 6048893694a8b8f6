"""Figures of large scopes as the worker has kept them: to count a hundred thousand needs costs more than a page may.

Where nothing is kept (a scope of few needs, a cut that is seldom asked for) the figures are counted while the page waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from matchhub.core.paging import Known
from matchhub.core.policy import Actor
from matchhub.matches.queries.pushes import Front
from matchhub.oversight.models import KeptFigures
from matchhub.oversight.queries.scopes import Own, Scope, scope_of

ALL = "all"  # instead of a month
HELD = select(KeptFigures.as_of, KeptFigures.figures).where(
    KeptFigures.scope == bindparam("scope"), KeptFigures.own == bindparam("own")
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The figures of one scope and when they were counted. `groups`: (month or "all", grouping) → [stage, group, count];
    `counts`: of what a home and the lists behind it tell; `front`: of what a carrier may recommend."""

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

    def count(self, name: str) -> int | None:
        """How many of these there were; None where this is not kept."""
        found: int | None = self.figures.get("counts", {}).get(name)
        return found

    @property
    def firms(self) -> Sequence[tuple[str | None, int, int]] | None:
        """(district, firms that are incubated, those of the last year); None where this is not kept."""
        found: Sequence[tuple[str | None, int, int]] | None = self.figures.get("firms")
        return found

    @property
    def trail(self) -> Mapping[str, int]:
        """What the auditor's pages count; empty where this is not kept."""
        found: Mapping[str, int] = self.figures.get("trail", {})
        return found

    def front(self) -> Front | None:
        """The needs whose best pairs a carrier is shown first; None where this is not kept."""
        found = self.figures.get("front")
        if found is None:
            return None
        return Front(self.as_of, found["needs"], tuple(found["following"]) if found["following"] else None)


def known_total(session: Session, actor: Actor, what: str) -> Known | None:
    """How many rows of a stage of the funnel there were in an actor's scope: as long is the list of all of them."""
    found = kept(session, *scope_of(actor))
    groups = found.groups(None, "district") if found else None
    return Known(sum(count for stage, _, count in groups if stage == what), found.as_of) if found and groups else None


def kept_front(session: Session, actor: Actor) -> Front | None:
    """What is kept of the pairs that a carrier may recommend."""
    found = kept(session, *scope_of(actor))
    return found.front() if found else None


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
