"""Needs, offers and past rounds as plain columns: no mapped objects, so that 100,000 rows fit.

Amounts of needs are banded here, before anything is scored: no score or point can tell more than the band that is shown.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, or_, Select, select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.core.clock import city_date, CITY_ZONE
from matchhub.core.money import band, band_of_range
from matchhub.listings.enums import NeedState, OfferState
from matchhub.listings.models import EquityNeed, InvestmentMandate, Need, Offer
from matchhub.matches.models import Exclusion
from matchhub.profiles.enums import RelationKind
from matchhub.profiles.models import EnterpriseProfile, InvestorProfile, OrganizationRelation, PastRound, Profile

ANYWHERE = "100000"
ANY = "*"


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


@dataclass(slots=True)
class Past(Columns):
    """Past rounds: one row per participant's offer; rows of one event are one round."""

    offer_ids: list[int] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    firms: list[str] = field(default_factory=list)


def need_columns(
    session: Session, *, now: datetime, ids: Sequence[int] | None = None, only_open: bool = False
) -> Columns:
    """The open needs of the city (or these needs, in any state unless `only_open`) in one query."""
    need, equity, profile, enterprise = (
        Need.__table__,
        EquityNeed.__table__,
        Profile.__table__,
        EnterpriseProfile.__table__,
    )
    organization = Organization.__table__
    statement = (
        select(
            need.c.id, need.c.organization_id, need.c.teaser, need.c.statement, need.c.industries, need.c.region_code,
            need.c.updated_at, equity.c.amount_min_yuan, equity.c.amount_max_yuan, equity.c.round_code,
            equity.c.instruments, equity.c.equity_max_pct, equity.c.excludes, profile.c.industries.label("fields"),
            profile.c.region_code.label("place"), profile.c.one_liner, enterprise.c.qualifications,
            organization.c.region_code.label("seat"),
            exists().where(PastRound.enterprise_id == need.c.organization_id).label("funded"),
        )
        .join(equity, equity.c.id == need.c.id)
        .join(organization, organization.c.id == need.c.organization_id)
        .outerjoin(profile, profile.c.organization_id == need.c.organization_id)
        .outerjoin(enterprise, enterprise.c.id == profile.c.id)
        .order_by(need.c.id)
    )  # fmt: skip
    statement = _only(statement, need.c, NeedState.OPEN, now, ids, only_open)
    columns = Columns()
    for row in session.execute(statement):
        _add_need(columns, row)
    return columns


def _only(
    statement: Select[Any], listed: Any, state: Any, now: datetime, ids: Sequence[int] | None, only_open: bool
) -> Select[Any]:
    if ids is not None:
        statement = statement.where(listed.id.in_(ids))
        if not only_open:
            return statement
    return statement.where(
        listed.state == state,
        or_(listed.expires_at.is_(None), listed.expires_at > now),
        or_(
            Organization.__table__.c.status == OrganizationStatus.VERIFIED,
            Organization.__table__.c.is_claimed.is_(False),
        ),
        Organization.__table__.c.status.not_in((OrganizationStatus.CLOSED, OrganizationStatus.MERGED)),
    )


def _add_need(columns: Columns, row: Any) -> None:
    low, high = banded(row.amount_min_yuan, row.amount_max_yuan)
    place = row.region_code or row.place or row.seat
    columns.ids.append(row.id)
    columns.organizations.append(row.organization_id)
    _extend(
        columns.numbers,
        amount_min=low,
        amount_max=high,
        equity_max_pct=row.equity_max_pct,
        debut=float(not row.funded),
    )
    _extend(
        columns.sets,
        round=[row.round_code] if row.round_code else None,
        industries=row.industries or row.fields,
        region=[place] if place else None,
        qualifications=row.qualifications,
        instruments=row.instruments,
        excludes=row.excludes,
    )
    _extend(columns.texts, text=" ".join(filter(None, (row.teaser, row.statement, row.one_liner))))
    _extend(columns.dates, updated_on=city_date(row.updated_at))


def banded(low: int | None, high: int | None) -> tuple[int | None, int | None]:
    """The band that stands for an amount asked for; without a band nothing is asked."""
    return (None, None) if low is None and high is None else band_of_range(low, high)


def _extend(target: dict[str, list[Any]], **values: Any) -> None:
    for name, value in values.items():
        target[name].append(value)


def offer_columns(
    session: Session, *, now: datetime, ids: Sequence[int] | None = None, only_open: bool = False
) -> Columns:
    """The open offers of the city (or these offers, in any state unless `only_open`) in one query."""
    offer, mandate, profile, investor = (
        Offer.__table__,
        InvestmentMandate.__table__,
        Profile.__table__,
        InvestorProfile.__table__,
    )
    organization = Organization.__table__
    statement = (
        select(
            offer.c.id, offer.c.organization_id, offer.c.title, offer.c.statement, offer.c.industries, offer.c.regions,
            offer.c.exclusions, offer.c.must, offer.c.capacity_per_month, offer.c.reply_days, offer.c.state,
            mandate.c.ticket_min_yuan, mandate.c.ticket_max_yuan, mandate.c.rounds, mandate.c.instruments,
            mandate.c.qualifications, profile.c.one_liner, profile.c.summary,
        )
        .join(mandate, mandate.c.id == offer.c.id)
        .join(organization, organization.c.id == offer.c.organization_id)
        .outerjoin(profile, profile.c.organization_id == offer.c.organization_id)
        .outerjoin(investor, investor.c.id == profile.c.id)
        .order_by(offer.c.id)
    )  # fmt: skip
    taken = taken_this_month(session, now)
    columns = Columns()
    for row in session.execute(_only(statement, offer.c, OfferState.OPEN, now, ids, only_open)):
        _add_offer(columns, row, taken.get(row.id, 0))
    return columns


def taken_this_month(session: Session, now: datetime) -> dict[int, int]:
    """offer id → introductions begun since the first of the month in the city."""
    first = now.astimezone(CITY_ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counted = (
        select(Exclusion.offer_id, func.count())
        .where(Exclusion.reason == "in_progress", Exclusion.created_at >= first)
        .group_by(Exclusion.offer_id)
    )
    return {row[0]: row[1] for row in session.execute(counted)}


def _add_offer(columns: Columns, row: Any, taken: int) -> None:
    columns.ids.append(row.id)
    columns.organizations.append(row.organization_id)
    left = None if row.capacity_per_month is None else row.capacity_per_month - taken
    _extend(
        columns.numbers,
        ticket_min=row.ticket_min_yuan,
        ticket_max=row.ticket_max_yuan,
        capacity_left=left,
        reply_days=row.reply_days,
        active=float(row.state == OfferState.OPEN),
    )
    _extend(
        columns.sets,
        industries=row.industries,
        regions=[ANY if code == ANYWHERE else code for code in row.regions or ()],
        exclusions=row.exclusions,
        rounds=row.rounds,
        instruments=row.instruments,
        qualifications_preferred=row.qualifications,
        must=row.must,
    )
    _extend(columns.texts, text=" ".join(filter(None, (row.title, row.statement, row.one_liner, row.summary))))


def past_columns(session: Session, offers: Columns) -> Past:
    """The past rounds of the owners of these offers; an owner with two offers has its past in both."""
    of: dict[int, list[int]] = defaultdict(list)
    for offer_id, organization_id in zip(offers.ids, offers.organizations, strict=True):
        of[organization_id].append(offer_id)
    rows = session.execute(
        select(
            PastRound.id, PastRound.investor_id, PastRound.enterprise_id, PastRound.company_name, PastRound.closed_on,
            PastRound.round_code, PastRound.amount_yuan, PastRound.industries, PastRound.region_code, PastRound.text,
        ).order_by(PastRound.closed_on, PastRound.id)
    ).all()  # fmt: skip
    past = Past()
    for row in rows:
        for offer_id in of.get(row.investor_id, ()):
            _add_round(past, row, offer_id)
    return past


def _add_round(past: Past, row: Any, offer_id: int) -> None:
    low, high = band(row.amount_yuan)
    firm = str(row.enterprise_id or row.company_name or row.id)
    past.ids.append(row.id)
    past.offer_ids.append(offer_id)
    past.firms.append(firm)
    past.events.append(f"{firm}:{row.closed_on}:{row.round_code}")
    _extend(past.numbers, amount_min=low, amount_max=high)
    _extend(
        past.sets,
        round=[row.round_code] if row.round_code else None,
        industries=row.industries,
        region=[row.region_code] if row.region_code else None,
    )
    _extend(past.texts, text=row.text or row.company_name)
    _extend(past.dates, updated_on=row.closed_on)


def excluded_pairs(session: Session, needs: Columns, offers: Columns, *, now: datetime) -> list[tuple[int, int, str]]:
    """(need id, offer id, reason) of the pairs that must not be suggested now: written down, or between parties that
    block each other."""
    written = session.execute(
        select(Exclusion.need_id, Exclusion.offer_id, Exclusion.reason).where(
            or_(Exclusion.until.is_(None), Exclusion.until > now)
        )
    )
    pairs = [(need_id, offer_id, reason) for need_id, offer_id, reason in written]
    needs_of, offers_of = _by_organization(needs), _by_organization(offers)
    blocked = select(OrganizationRelation.from_id, OrganizationRelation.to_id).where(
        OrganizationRelation.kind == RelationKind.BLOCKED
    )
    for one, other in session.execute(blocked):
        for firm, fund in ((one, other), (other, one)):
            pairs += [(n, o, "blocked") for n in needs_of.get(firm, ()) for o in offers_of.get(fund, ())]
    return pairs


def _by_organization(columns: Columns) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for listed, organization in zip(columns.ids, columns.organizations, strict=True):
        found[organization].append(listed)
    return found
