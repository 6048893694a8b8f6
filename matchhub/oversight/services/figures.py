"""Keeping the figures of large scopes: counted by the worker, read by pages."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from matchhub.core.db import db, writes
from matchhub.listings.models import Need
from matchhub.oversight.models import KeptFigures
from matchhub.oversight.queries import funnel
from matchhub.oversight.queries.funnel import Cut, Grouping
from matchhub.oversight.queries.kept import ALL, key_of
from matchhub.oversight.queries.scopes import Own, Scope

LARGE = 5_000  # needs; a smaller scope is counted while its page waits
MONTHS = 14  # as many as the bulletin and the funnel offer, and one more to compare with
Key = tuple[Scope, Own]


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
    return {"groups": groups, "sums": sums}


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
