"""Introductions as those find them who look after others: that they exist and where they stand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, lazyload, load_only, Session

from matchhub.accounts.enums import Role
from matchhub.core.clock import CITY_ZONE
from matchhub.core.db import unindexed
from matchhub.core.paging import Page, placed, TOTALS
from matchhub.core.policy import Actor
from matchhub.introductions.enums import IntroductionState, MeetingState
from matchhub.introductions.models import Introduction, Meeting
from matchhub.introductions.queries.finding import OF_NEEDS, OWN_COLUMNS
from matchhub.introductions.queries.limits import month_bounds
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Need


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a steward's list."""

    district: str = ""
    industry: str = ""
    month: str = ""  # 2026-11
    state: str = ""
    met: bool = False
    kind: str = ""


def in_stewards_scope(actor: Actor) -> list[object]:
    """Conditions on Need that hold an officer or operator to what it looks after, set by the server alone."""
    if actor.role == Role.CITY_OFFICER.value:
        return []
    if actor.role == Role.DISTRICT_OFFICER.value:
        return [Need.district_code == actor.region_code]
    return [Need.carrier_id == actor.organization_id]


def managed(session: Session, actor: Actor, filters: Filters, *, number: int, per_page: int = 50) -> Page[Introduction]:
    """The stewards' list: which introductions exist and where they stand."""
    of_needs: list[Any] = [*in_stewards_scope(actor), *narrowed(filters)]
    own: list[Any] = _asked_for(filters)
    joined = (
        select(Introduction.id).join(Need, Introduction.need_id == Need.id) if of_needs else select(Introduction.id)
    )
    known = None if own or filters != Filters() else TOTALS.of(session, actor, "introductions")
    place = placed(session, joined.where(*of_needs, *own), number, per_page, known=known)
    rows = session.scalars(
        select(Introduction)
        .options(
            load_only(*OWN_COLUMNS),
            joinedload(Introduction.need, innerjoin=True).options(load_only(*OF_NEEDS), lazyload(Need.organization)),
        )
        .where(*(_of(of_needs, is_many=place.is_capped or known is not None) if of_needs else ()), *own)
        .order_by(Introduction.requested_at.desc(), Introduction.id.desc())
        .limit(per_page)
        .offset(place.first)
    )
    return place.of(rows.all())


def _of(of_needs: list[Any], *, is_many: bool) -> tuple[ColumnElement[bool], ...]:
    """That an introduction belongs to one of these needs, asked so that the newest are read until the page is full, not all
    and then sorted. Of many, each is asked for its need; few needs are listed once."""
    asked = select(Need.id).where(*of_needs)
    if is_many:
        return (asked.where(Need.id == unindexed(Introduction.need_id)).correlate(Introduction).exists(),)
    return (unindexed(Introduction.need_id).in_(asked.correlate(None)),)


def _asked_for(filters: Filters) -> list[ColumnElement[bool]]:
    """What the filters ask of the introduction itself."""
    found: list[Any] = []
    if filters.state in set(IntroductionState):
        found.append(Introduction.state == filters.state)
    if filters.kind in set(PairingKind):
        found.append(Introduction.kind == filters.kind)
    if filters.met:
        held = select(Meeting.introduction_id).where(Meeting.state == MeetingState.HELD)
        found.append(Introduction.id.in_(held))
    if bounds := month_of(filters.month):
        found += [Introduction.requested_at >= bounds[0], Introduction.requested_at < bounds[1]]
    return found


def narrowed(filters: Filters) -> list[object]:
    """Conditions of the filters on Need."""
    found: list[object] = []
    if filters.district:
        found.append(Need.district_code == filters.district)
    if filters.industry:
        found.append(Need.lead_industry == filters.industry)
    return found


def month_of(text: str) -> tuple[datetime, datetime] | None:
    """2026-11 as its bounds in the city; nonsense is None."""
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=CITY_ZONE)
    except ValueError:
        return None
    return month_bounds(first) if 1970 <= first.year < 9999 else None
