"""Whom nobody answers: needs without an introduction, requests that wait, offers that are full or silent.

Everything within the scope of the steward, set by the server. Requests are counted by the kind of side that has to answer
and its name only where it offers (funds, banks and mentors are public to members); a firm in scope is known to its steward.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from statistics import median
from typing import Any

from sqlalchemy import and_, bindparam, ColumnElement, exists, func, or_, Select, select, Subquery, true
from sqlalchemy.orm import joinedload, load_only, Session

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.accounts.models import Organization
from matchhub.accounts.queries import NAMED
from matchhub.core.clock import CITY_ZONE
from matchhub.core.paging import Page, paged, placed, placed_at
from matchhub.core.policy import Actor
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.introductions.queries import month_bounds
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import Side
from matchhub.matches.models import PublishedRun
from matchhub.oversight.queries.kept import kept
from matchhub.oversight.queries.scopes import in_scope, needs_of, Scope, scope_of

DAYS = 14
ANSWERED_WITHIN = timedelta(days=180)
DAY = 24 * 60 * 60
TAKEN = (
    IntroductionState.REQUESTED, IntroductionState.ACCEPTED, IntroductionState.REVOKED, IntroductionState.CLOSED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What narrows the lists within the scope."""

    district: str = ""
    carrier_id: int | None = None
    kind: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nothing narrows them."""
        return not self.conditions()

    def conditions(self) -> list[ColumnElement[bool]]:
        """Conditions on Need."""
        found: list[ColumnElement[bool]] = []
        if self.district:
            found.append(Need.district_code == self.district)
        if self.carrier_id is not None:
            found.append(Need.carrier_id == self.carrier_id)
        if self.kind in set(PairingKind):
            found.append(Need.kind == self.kind)
        return found


@dataclass(frozen=True, slots=True)
class LonelyNeed:
    """A need that nobody was asked about; `fits` offers stand in its list."""

    need_id: int
    organization: Organization
    kind: PairingKind
    code_name: str
    district_code: str | None
    published_at: datetime
    fits: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An organization that has requests to answer; the median of its answers is in days, None where it never answered."""

    organization: Organization
    count: int
    oldest: datetime
    median_days: float | None


@dataclass(frozen=True, slots=True)
class StuckOffer:
    """An offer whose month is taken, or whose owner leaves requests unanswered."""

    offer: Offer
    is_full: bool
    waiting: int
    oldest: datetime | None


def lonely_needs(
    session: Session, actor: Actor, narrowed: Narrowed, *, days: int, now: datetime, number: int = 1, per_page: int = 50
) -> Page[LonelyNeed]:
    """Needs open for so many days without any introduction, the longest first: two queries."""
    statement: Any = (
        select(
            Need.id, Organization, Need.kind, Need.code_name, Need.district_code, Need.published_at, PublishedRun.fits
        )
        .select_from(Need)
        .join(Organization, Organization.id == Need.organization_id)
        .outerjoin(PublishedRun, and_(PublishedRun.side == Side.NEED, PublishedRun.subject_id == Need.id))
        .options(load_only(*NAMED))
        .where(*_lonely(actor, narrowed, days=days, now=now))
    )
    held = kept(session, *scope_of(actor)) if narrowed.is_open and days == DAYS else None
    total = held.count("lonely") if held else None
    if total is None:
        asked = select(Need.id).where(*_lonely(actor, narrowed, days=days, now=now))
        place = placed(session, asked, number, per_page)
    else:
        place = placed_at(number, total, per_page)
    ordered = statement.order_by(Need.published_at, Need.id)
    rows = session.execute(ordered.limit(per_page).offset(place.first))
    return place.of([LonelyNeed(*row) for row in rows])


def _lonely(actor: Actor, narrowed: Narrowed, *, days: int, now: datetime) -> list[ColumnElement[bool]]:
    return [*_unasked(in_scope(actor), now - timedelta(days=days)), *narrowed.conditions()]


def _unasked(mine: ColumnElement[bool], before: Any) -> list[ColumnElement[bool]]:
    asked = exists().where(Introduction.need_id == Need.id)
    return [mine, Need.state == NeedState.OPEN, Need.published_at < before, ~asked]


@cache
def lonely_needs_of(scope: Scope) -> Select[int]:
    """How many needs of the scope `own` nobody was asked about since `lonely_before`."""
    return select(func.count(Need.id)).where(*_unasked(needs_of(scope), bindparam("lonely_before")))


def waiting_organizations(
    session: Session, actor: Actor, narrowed: Narrowed, *, now: datetime, number: int = 1, per_page: int = 50
) -> Page[Waiting]:
    """Who has requests to answer, the oldest request first: three queries."""
    grouped = (
        select(
            Introduction.recipient_id.label("recipient_id"),
            func.count().label("waiting"),
            func.min(Introduction.requested_at).label("oldest"),
        )
        .join(Need, Need.id == Introduction.need_id)
        .where(
            in_scope(actor), *narrowed.conditions(), Introduction.state == IntroductionState.REQUESTED,
            Introduction.expires_at > now,
        )
        .group_by(Introduction.recipient_id)
        .subquery()
    )  # fmt: skip
    total = session.scalar(select(func.count()).select_from(grouped)) or 0
    number = min(max(1, number), max(1, -(-total // per_page)))
    rows = session.execute(
        select(Organization, grouped.c.waiting, grouped.c.oldest)
        .join(grouped, grouped.c.recipient_id == Organization.id)
        .order_by(grouped.c.oldest, Organization.id)
        .limit(per_page)
        .offset((number - 1) * per_page)
    ).all()
    medians = median_answer_days(session, actor, [row[0].id for row in rows], now=now)
    items = [Waiting(row[0], row[1], row[2], medians.get(row[0].id)) for row in rows]
    return Page(items, number, total, per_page)


def median_answer_days(
    session: Session, actor: Actor, organization_ids: Sequence[int], *, now: datetime
) -> dict[int, float]:
    """organization → the median of days between request and answer in the last 180 days, of the scope's introductions."""
    if not organization_ids:
        return {}
    rows = session.execute(
        select(Introduction.recipient_id, Introduction.requested_at, Introduction.answered_at)
        .join(Need, Need.id == Introduction.need_id)
        .where(
            in_scope(actor),
            Introduction.recipient_id.in_(organization_ids),
            Introduction.answered_at >= now - ANSWERED_WITHIN,
        )
    )
    taken: dict[int, list[float]] = {}
    for organization_id, asked, answered in rows:
        if answered is not None:
            taken.setdefault(organization_id, []).append((answered - asked).total_seconds() / DAY)
    return {organization_id: round(median(days), 1) for organization_id, days in taken.items()}


def stuck_offers(
    session: Session, actor: Actor, narrowed: Narrowed, *, days: int, now: datetime, number: int = 1, per_page: int = 50
) -> Page[StuckOffer]:
    """Open offers whose month is taken, or that left a request of the scope unanswered for so many days: three queries."""
    late, full = _late(actor, narrowed, days=days, now=now), _full(now)
    of_kind = Offer.kind == narrowed.kind if narrowed.kind in set(PairingKind) else true()
    statement = (
        select(Offer)
        .options(joinedload(Offer.organization, innerjoin=True))
        .outerjoin(late, late.c.offer_id == Offer.id)
        .outerjoin(full, full.c.offer_id == Offer.id)
        .where(
            Offer.state == OfferState.OPEN,
            of_kind,
            or_(
                late.c.waiting > 0,
                and_(Offer.capacity_per_month.is_not(None), full.c.taken >= Offer.capacity_per_month),
            ),
        )
        .order_by(late.c.oldest.is_(None), late.c.oldest, Offer.id)
    )
    page = paged(session, statement, number, per_page)
    ids = [offer.id for offer in page.items]
    rows = session.execute(
        select(Offer.id, late.c.waiting, late.c.oldest, full.c.taken)
        .outerjoin(late, late.c.offer_id == Offer.id)
        .outerjoin(full, full.c.offer_id == Offer.id)
        .where(Offer.id.in_(ids))
    )
    facts = {row[0]: row for row in rows}
    return page.showing([_stuck(offer, *facts[offer.id][1:]) for offer in page.items])


def _stuck(offer: Offer, waiting: int | None, oldest: datetime | None, taken: int | None) -> StuckOffer:
    is_full = offer.capacity_per_month is not None and (taken or 0) >= offer.capacity_per_month
    return StuckOffer(offer, is_full, waiting or 0, oldest)


def _late(actor: Actor, narrowed: Narrowed, *, days: int, now: datetime) -> Subquery:
    """Offers whose owner was asked so many days ago, in the scope, and has not answered."""
    return (
        select(
            Introduction.offer_id.label("offer_id"), func.count().label("waiting"),
            func.min(Introduction.requested_at).label("oldest"),
        )
        .join(Need, Need.id == Introduction.need_id)
        .join(Offer, Offer.id == Introduction.offer_id)
        .where(
            in_scope(actor), *narrowed.conditions(), Introduction.state == IntroductionState.REQUESTED,
            Introduction.recipient_id == Offer.organization_id, Introduction.requested_at < now - timedelta(days=days),
        )
        .group_by(Introduction.offer_id)
        .subquery()
    )  # fmt: skip


def _full(now: datetime) -> Subquery:
    """What each offer's capacity of this month is spent on, as whoever asks it would be told."""
    since, _ = month_bounds(now.astimezone(CITY_ZONE))
    return (
        select(Introduction.offer_id.label("offer_id"), func.count().label("taken"))
        .join(Offer, Offer.id == Introduction.offer_id)
        .where(
            Introduction.recipient_id == Offer.organization_id, Introduction.requested_at >= since,
            Introduction.state.in_(TAKEN),
        )
        .group_by(Introduction.offer_id)
        .subquery()
    )  # fmt: skip


def carriers_in_scope(session: Session, actor: Actor) -> list[Organization]:
    """The carriers of which an officer may look at the needs alone."""
    if actor.role not in (Role.CITY_OFFICER.value, Role.DISTRICT_OFFICER.value):
        return []
    has_needs = exists().where(Need.carrier_id == Organization.id, in_scope(actor))
    carriers = select(Organization).where(Organization.kind == OrganizationKind.CARRIER, has_needs)
    return list(session.scalars(carriers.order_by(Organization.sort_key, Organization.id)))
