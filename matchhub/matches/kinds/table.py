"""Columns of needs and offers, and what the readers of every kind share.

Amounts and figures of firms are banded here, before anything is scored: no score, no point and no outcome of a rule can
tell more than the band.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, Select, select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.core.clock import CITY_ZONE
from matchhub.core.money import band, band_of_range
from matchhub.listings.enums import NeedState, OfferState
from matchhub.listings.models import Need, Offer
from matchhub.matches.models import ENGAGED, Exclusion
from matchhub.profiles.models import EnterpriseProfile, Profile

ANYWHERE = "100000"
ANY = "*"
NEED, OFFER = Need.__table__, Offer.__table__
PROFILE, ENTERPRISE, ORGANIZATION = Profile.__table__, EnterpriseProfile.__table__, Organization.__table__


@dataclass(slots=True)
class Columns:
    """One side as columns of one length, ready to become the matcher's table."""

    ids: list[int] = field(default_factory=list)
    organizations: list[int] = field(default_factory=list)
    numbers: dict[str, list[float | None]] = field(default_factory=lambda: defaultdict(list))
    sets: dict[str, list[list[str] | None]] = field(default_factory=lambda: defaultdict(list))
    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    dates: dict[str, list[date | None]] = field(default_factory=lambda: defaultdict(list))

    def __len__(self) -> int:
        return len(self.ids)

    def begin(self, row: Any) -> None:
        """A new row."""
        self.ids.append(row.id)
        self.organizations.append(row.organization_id)


@dataclass(slots=True)
class Past(Columns):
    """Past rounds: one row per participant's offer; rows of one event are one round."""

    offer_ids: list[int] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    firms: list[str] = field(default_factory=list)


def extend(target: dict[str, list[Any]], **values: Any) -> None:
    """Append one value to each of several columns."""
    for name, value in values.items():
        target[name].append(value)


def needs_of(table: Any, *chosen: Any) -> Select[Any]:
    """The needs of one kind with their firms' profiles; a firm without a profile has silences. `table` is the kind's."""
    return (
        select(
            NEED.c.id, NEED.c.organization_id, NEED.c.teaser, NEED.c.statement, NEED.c.industries, NEED.c.region_code,
            NEED.c.updated_at, PROFILE.c.industries.label("fields"), PROFILE.c.region_code.label("place"),
            PROFILE.c.one_liner, ENTERPRISE.c.stage, ENTERPRISE.c.qualifications,
            ORGANIZATION.c.region_code.label("seat"), *chosen,
        )
        .join(table, table.c.id == NEED.c.id)
        .join(ORGANIZATION, ORGANIZATION.c.id == NEED.c.organization_id)
        .outerjoin(PROFILE, PROFILE.c.organization_id == NEED.c.organization_id)
        .outerjoin(ENTERPRISE, ENTERPRISE.c.id == PROFILE.c.id)
        .order_by(NEED.c.id)
    )  # fmt: skip


def offers_of(table: Any, *chosen: Any) -> Select[Any]:
    """The offers of one kind with the words of their owners' profiles."""
    return (
        select(
            OFFER.c.id, OFFER.c.organization_id, OFFER.c.title, OFFER.c.statement, OFFER.c.industries, OFFER.c.regions,
            OFFER.c.exclusions, OFFER.c.must, OFFER.c.capacity_per_month, OFFER.c.reply_days, OFFER.c.state,
            PROFILE.c.one_liner, PROFILE.c.summary, *chosen,
        )
        .join(table, table.c.id == OFFER.c.id)
        .join(ORGANIZATION, ORGANIZATION.c.id == OFFER.c.organization_id)
        .outerjoin(PROFILE, PROFILE.c.organization_id == OFFER.c.organization_id)
        .order_by(OFFER.c.id)
    )  # fmt: skip


def listed(
    statement: Select[Any], table: Any, now: datetime, ids: Sequence[int] | None, only_open: bool
) -> Select[Any]:
    """Of the rows of `table` (needs or offers) the open ones, or some by their ids (in any state unless `only_open`)."""
    if ids is not None:
        statement = statement.where(table.c.id.in_(ids))
        if not only_open:
            return statement
    return statement.where(
        table.c.state == (NeedState.OPEN if table is NEED else OfferState.OPEN),
        or_(table.c.expires_at.is_(None), table.c.expires_at > now),
        or_(ORGANIZATION.c.status == OrganizationStatus.VERIFIED, ORGANIZATION.c.is_claimed.is_(False)),
        ORGANIZATION.c.status.not_in((OrganizationStatus.CLOSED, OrganizationStatus.MERGED)),
    )


def need_basics(columns: Columns, row: Any) -> None:
    """What needs of every kind tell: field, place, stage, words."""
    place = row.region_code or row.place or row.seat
    columns.begin(row)
    extend(
        columns.sets,
        industries=row.industries or row.fields,
        region=[place] if place else None,
        qualifications=row.qualifications,
    )
    extend(columns.texts, text=" ".join(filter(None, (row.teaser, row.statement, row.one_liner))))


def offer_basics(columns: Columns, row: Any, capacity_left: float | None) -> None:
    """What offers of every kind tell: fields, places, conditions, words, room."""
    columns.begin(row)
    extend(columns.numbers, capacity_left=capacity_left, reply_days=row.reply_days)
    extend(columns.numbers, active=float(row.state == OfferState.OPEN))
    extend(columns.numbers, capacity=row.capacity_per_month, house=row.organization_id)
    extend(
        columns.sets,
        industries=row.industries,
        regions=anywhere(row.regions),
        exclusions=row.exclusions,
        must=row.must,
    )
    extend(columns.texts, text=" ".join(filter(None, (row.title, row.statement, row.one_liner, row.summary))))


def anywhere(regions: Sequence[str] | None) -> list[str]:
    """Regions, with the whole country as 不限."""
    return [ANY if code == ANYWHERE else code for code in regions or ()]


def banded(low: int | None, high: int | None) -> tuple[int | None, int | None]:
    """The band that stands for an amount asked for; without a band nothing is asked."""
    return (None, None) if low is None and high is None else band_of_range(low, high)


def figure(yuan: int | None) -> tuple[int | None, int | None]:
    """The band that stands for a figure of a firm, such as its revenue."""
    return band(yuan)


def left(capacity: int | None, taken: int) -> int | None:
    """Room that is left; None where no limit was stated."""
    return None if capacity is None else capacity - taken


def taken_this_month(session: Session, now: datetime) -> dict[int, int]:
    """offer id → introductions begun since the first of the month in the city."""
    first = now.astimezone(CITY_ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return _counted(session, Exclusion.reason == "in_progress", Exclusion.created_at >= first)


def engaged_now(session: Session) -> dict[int, int]:
    """offer id → engagements that are open now: what `Mentorship.firms_at_most` is spent on, written down by mentoring."""
    return _counted(session, Exclusion.reason == ENGAGED)


def _counted(session: Session, *conditions: Any) -> dict[int, int]:
    counted = select(Exclusion.offer_id, func.count()).where(*conditions).group_by(Exclusion.offer_id)
    return {row[0]: row[1] for row in session.execute(counted)}


def month_is_full(session: Session, offer: Offer, now: datetime) -> bool:
    """Whether the month's capacity of an offer is taken."""
    taken = taken_this_month(session, now).get(offer.id, 0)
    return offer.capacity_per_month is not None and taken >= offer.capacity_per_month


def by_organization(columns: Columns) -> dict[int, list[int]]:
    """organization id → its needs or offers."""
    found: dict[int, list[int]] = defaultdict(list)
    for identity, organization in zip(columns.ids, columns.organizations, strict=True):
        found[organization].append(identity)
    return found
