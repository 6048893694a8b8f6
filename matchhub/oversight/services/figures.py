"""Keeping the figures of large scopes: counted by the worker, read by pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from matchhub.core.db import db, writes
from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need
from matchhub.matches.queries.pushes import front_of
from matchhub.oversight.models import KeptFigures
from matchhub.oversight.queries import funnel, silence, targets, unanswered
from matchhub.oversight.queries.funnel import Cut, Grouping
from matchhub.oversight.queries.kept import ALL, key_of
from matchhub.oversight.queries.scopes import needs_of, Own, Scope

LARGE = 2_000  # needs; a smaller scope is counted while its page waits
MONTHS = 14  # as many as the bulletin and the funnel offer, and one more to compare with
Key = tuple[Scope, Own]


@dataclass(slots=True)
class More:
    """Filled by `wiring.py`: what the auditor's pages count over the whole city, which a higher feature knows."""

    of_trail: Callable[[Session, datetime], Mapping[str, int]] = lambda session, now: {}


MORE = More()


def large_scopes(session: Session) -> list[Key]:
    """The scopes whose figures are kept: the city, districts and carriers with many needs."""
    total = session.scalar(select(func.count(Need.id))) or 0
    found: list[Key] = [(Scope.CITY, None)] if total > LARGE else []
    if not found:
        return []
    for scope, column in ((Scope.DISTRICT, Need.district_code), (Scope.CARRIER, Need.carrier_id)):
        many: Any = select(column).where(column.is_not(None)).group_by(column).having(func.count() > LARGE)
        found += [(scope, own) for own in session.scalars(many)]
    return found


def counted(session: Session, scope: Scope, own: Own, *, now: datetime) -> dict[str, Any]:
    """What pages ask of a scope, as values that JSON can hold: by everything for all time, by district for each month."""
    groups: dict[str, Any] = {}
    sums = {ALL: _sums(session, scope, own, Cut())}
    for grouping in Grouping:
        groups[f"{ALL} {grouping.value}"] = funnel.counted_now(session, scope, own, Cut(), grouping)
    for month in funnel.months_back(now, MONTHS):
        cut = Cut(month=month)
        groups[f"{month} {Grouping.DISTRICT.value}"] = funnel.counted_now(session, scope, own, cut, Grouping.DISTRICT)
        sums[month] = _sums(session, scope, own, cut)
    found: dict[str, Any] = {"groups": groups, "sums": sums, "counts": _counts(session, scope, own, now)}
    if scope is Scope.CARRIER:
        found["front"] = _front(session, own, now)
    else:
        firms = targets.firms_now(session, None if own is None else str(own), now=now)
        found["firms"] = [[row.district_code, row.figure, row.new] for row in firms]
    if scope is Scope.CITY:
        found["trail"] = MORE.of_trail(session, now)
    return found


def _counts(session: Session, scope: Scope, own: Own, now: datetime) -> dict[str, int]:
    """What a home and the lists behind it tell of a scope."""
    parts = {
        "open_needs": select(func.count(Need.id)).where(needs_of(scope), Need.state == NeedState.OPEN),
        "lonely": unanswered.lonely_needs_of(scope),
    }
    if scope is Scope.CARRIER:
        parts |= {"silent": silence.SILENT, "unread": silence.UNREAD_COUNT}
    given = {
        "own": own, "lonely_before": now - timedelta(days=unanswered.DAYS),
        "silent_before": now - timedelta(days=silence.DAYS), **silence.cuts(session),
    }  # fmt: skip
    statement = select(*(part.scalar_subquery().label(name) for name, part in parts.items()))
    return dict(session.execute(statement, given).one()._asdict())


def _front(session: Session, own: Own, now: datetime) -> dict[str, Any]:
    front = front_of(session, int(own or 0), now=now)
    return {"needs": list(front.need_ids), "following": front.following}


def _sums(session: Session, scope: Scope, own: Own, cut: Cut) -> list[list[Any]]:
    return [[kind.value, *row] for kind, row in funnel.summed_now(session, scope, own, cut).items()]


@writes
def keep(figures: dict[Key, dict[str, Any]], *, now: datetime) -> None:
    """Put these figures in the place of all that is kept."""
    db.session.execute(delete(KeptFigures))
    db.session.add_all(
        KeptFigures(scope=scope.value, own=key_of(own), as_of=now, figures=values)
        for (scope, own), values in figures.items()
    )
