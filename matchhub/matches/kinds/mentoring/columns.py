"""Needs for advice and mentors' offers as plain columns, and which pairs a tie forbids."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased, Session

from matchhub.accounts.enums import MembershipState
from matchhub.accounts.models import Membership, Organization
from matchhub.core.clock import city_date
from matchhub.listings.models import MentoringNeed, Mentorship, Offer
from matchhub.matches.kinds import table
from matchhub.matches.kinds.table import Columns, extend
from matchhub.profiles.enums import RelationKind
from matchhub.profiles.models import MentorProfile, OrganizationRelation

CONFLICT = "conflict"
TIES = (RelationKind.SHAREHOLDER, RelationKind.PORTFOLIO)


def need_columns(
    session: Session, *, now: datetime, ids: Sequence[int] | None = None, only_open: bool = False
) -> Columns:
    """The open needs of the city (or these needs, in any state unless `only_open`) in one query."""
    wanted = MentoringNeed.__table__
    statement = table.needs_of(wanted, wanted.c.topics, wanted.c.meeting_modes)
    columns = Columns()
    for row in session.execute(table.listed(statement, table.NEED, now, ids, only_open)):
        table.need_basics(columns, row)
        extend(columns.sets, topics=row.topics, modes=row.meeting_modes, stage=[row.stage] if row.stage else None)
    return columns


def offer_columns(
    session: Session, *, now: datetime, ids: Sequence[int] | None = None, only_open: bool = False
) -> Columns:
    """The open offers of the city (or these offers, in any state unless `only_open`) in one query."""
    given, mentor = Mentorship.__table__, MentorProfile.__table__
    statement = table.offers_of(
        given, given.c.topics, given.c.stages, given.c.meeting_modes, given.c.firms_at_most, mentor.c.registered_until
    ).outerjoin(mentor, mentor.c.id == table.PROFILE.c.id)
    engaged, asked = table.engaged_now(session), table.taken_this_month(session, now)
    columns = Columns()
    for row in session.execute(table.listed(statement, table.OFFER, now, ids, only_open)):
        room = room_left(row, engaged.get(row.id, 0), asked.get(row.id, 0))
        table.offer_basics(columns, row, room)
        extend(columns.numbers, registered=_registered(row.registered_until, city_date(now)))
        extend(columns.sets, topics=row.topics, stages=row.stages, modes=row.meeting_modes)
    return columns


def _registered(until: date | None, today: date) -> float | None:
    """1 in date, 0 over; a registration that nobody has written down is not known."""
    return None if until is None else float(today <= until)


def room_left(offer: Any, engaged: int, asked_this_month: int) -> int | None:
    """How many more firms: the smaller of the places left for engagements and of what is left of the month."""
    ends = (table.left(offer.firms_at_most, engaged), table.left(offer.capacity_per_month, asked_this_month))
    return min((end for end in ends if end is not None), default=None)


def is_full(session: Session, offer: Offer, now: datetime) -> bool:
    """Whether a mentor can take no more firm."""
    engaged, asked = table.engaged_now(session), table.taken_this_month(session, now)
    room = room_left(offer, engaged.get(offer.id, 0), asked.get(offer.id, 0))
    return room is not None and room <= 0


def conflicts(session: Session, needs: Columns, offers: Columns) -> list[tuple[int, int, str]]:
    """Pairs whose parties have an interest in each other: shares, a person who acts for both, or the mentor's employer."""
    needs_of, offers_of = table.by_organization(needs), table.by_organization(offers)
    pairs = {
        (one, other)
        for tie in (*_shares(session), *_people(session), *_employers(session, list(offers_of)))
        for one, other in (tie, tie[::-1])
    }
    found: dict[tuple[int, int], str] = defaultdict(str)
    for firm, mentor in pairs:
        found |= {(n, o): CONFLICT for n in needs_of.get(firm, ()) for o in offers_of.get(mentor, ())}
    return [(need_id, offer_id, reason) for (need_id, offer_id), reason in sorted(found.items())]


def _shares(session: Session) -> Iterable[Any]:
    tie = OrganizationRelation
    return (tuple(row) for row in session.execute(select(tie.from_id, tie.to_id).where(tie.kind.in_(TIES))))


def _people(session: Session) -> Iterable[Any]:
    """(a mentor's organization, another one that the same person acts for)."""
    one, other = aliased(Membership), aliased(Membership)
    statement = (
        select(one.organization_id, other.organization_id)
        .join(other, other.user_id == one.user_id)
        .join(MentorProfile.__table__.join(table.PROFILE), table.PROFILE.c.organization_id == one.organization_id)
        .where(
            one.organization_id != other.organization_id,
            one.state == MembershipState.ACTIVE,
            other.state == MembershipState.ACTIVE,
        )
    )
    return (tuple(row) for row in session.execute(statement))


def _employers(session: Session, mentors: Sequence[int]) -> Iterable[Any]:
    """(a mentor's organization, the organization of the name that the mentor gives as employer)."""
    profile = MentorProfile.__table__.join(table.PROFILE, table.PROFILE.c.id == MentorProfile.__table__.c.id)
    employer = MentorProfile.__table__.c.employer
    statement = (
        select(table.PROFILE.c.organization_id, Organization.id)
        .select_from(profile)
        .join(Organization, (Organization.name == employer) | (Organization.short_name == employer))
        .where(employer != "", table.PROFILE.c.organization_id.in_(mentors))
    )
    return (tuple(row) for row in session.execute(statement))
