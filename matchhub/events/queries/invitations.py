"""Whom an event may invite: who fits the line-up best, who was asked already, who wants no more of it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload, Session

from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Membership, Organization, User
from matchhub.core.clock import CITY_ZONE
from matchhub.core.db import db
from matchhub.core.links import code_hash
from matchhub.core.policy import Actor
from matchhub.events.enums import AHEAD_STATES, InvitationState, PitchState, SeatRole
from matchhub.events.models import Event, EventInvitation, InvitationStop, InvitationWave, Registration
from matchhub.events.queries.calls import applications_of
from matchhub.events.queries.finding import own_event
from matchhub.events.queries.lineup import GOOD_FIT, lineup_of, offers_of
from matchhub.listings.enums import OfferState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.matches.engine import fits

LEAST_FIT = 0.35
CAP_PER_MONTH = 3
MOST_OFFERS = 2000
REMIND_AFTER, NO_REMINDER_BEFORE = timedelta(days=3), timedelta(days=1)
ROLE_OF = {
    OrganizationKind.INVESTOR: SeatRole.INVESTOR,
    OrganizationKind.BANK: SeatRole.BANK,
    OrganizationKind.MENTOR: SeatRole.MENTOR,
}


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody who could be invited. `count` of the `of` projects fit what the organization looks for, in `industries`;
    `month`: how often the person was invited this month, by whomever."""

    user_id: int
    name: str
    organization: Organization
    role: SeatRole
    count: int
    of: int
    industries: tuple[str, ...]
    score: float
    month: int = 0

    @property
    def key(self) -> str:
        """The person at any event."""
        return f"user:{self.user_id}"

    @property
    def is_capped(self) -> bool:
        """Whether the person has been invited often enough this month."""
        return self.month >= CAP_PER_MONTH


def needs_on_stage(session: Session, event_id: int) -> list[Need]:
    """What the firms of the line-up ask for; before there is one, of those who applied."""
    pitches = [pitch for pitch in lineup_of(session, event_id) if pitch.state is not PitchState.RESERVE]
    return [row.need for row in pitches or applications_of(session, event_id)]


def suggested_invitees(session: Session, event: Event, *, now: datetime, limit: int = 60) -> list[Invitee]:
    """Funds, banks and mentors that fit the line-up best, one person of each, the best first. Who has a place or an
    invitation, or wants none, is left out; who was invited often enough this month is told as such. A dozen queries."""
    needs = needs_on_stage(session, event.id)
    best = _fitting(session, needs, now=now)
    scores: dict[int, list[tuple[float, Need]]] = defaultdict(list)
    for (owner, need_id), score in best.items():
        if score >= LEAST_FIT:
            scores[owner].append((score, next(need for need in needs if need.id == need_id)))
    ranked = sorted(scores, key=lambda owner: (-sum(score for score, _ in scores[owner]), owner))
    people = _people(session, ranked[: 3 * limit])
    gone = persons_asked(session, event.id) | stopped(session, [f"user:{row.user_id}" for row in people.values()])
    month = sent_this_month(session, [f"user:{row.user_id}" for row in people.values()], now=now)
    found = []
    for owner in ranked:
        person = people.get(owner)
        if person is None or f"user:{person.user_id}" in gone:
            continue
        good = [need for score, need in scores[owner] if score >= GOOD_FIT] or [
            max(scores[owner], key=lambda x: x[0])[1]
        ]
        industries = tuple(dict.fromkeys(need.lead_industry for need in good if need.lead_industry))
        found.append(
            Invitee(
                person.user_id,
                person.user.name,
                person.organization,
                ROLE_OF[person.organization.kind],
                len(good),
                len(needs),
                industries[:3],
                sum(score for score, _ in scores[owner]),
                month[f"user:{person.user_id}"],
            )
        )
    return found[:limit]


def _fitting(session: Session, needs: Sequence[Need], *, now: datetime) -> dict[tuple[int, int], float]:
    """(organization, need) → the best score of anything that it offers."""
    kinds: dict[PairingKind, list[int]] = defaultdict(list)
    for need in needs:
        kinds[need.kind].append(need.id)
    owners = select(Offer.organization_id).where(Offer.kind.in_(kinds), Offer.state == OfferState.OPEN)
    given = offers_of(session, set(session.scalars(owners.order_by(Offer.id.desc()).limit(MOST_OFFERS))))
    best: dict[tuple[int, int], float] = {}
    for kind, ids in kinds.items():
        offers = given.get(kind, {})
        for (need_id, offer), score in fits(session, kind, ids, list(offers), now=now).items():
            pair = offers[offer], need_id
            best[pair] = max(score, best.get(pair, 0.0))
    return best


def _people(session: Session, organization_ids: Collection[int]) -> dict[int, Membership]:
    """Of each verified organization the person who answers for it, else who has been there longest."""
    statement = (
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .join(Organization, Organization.id == Membership.organization_id)
        .options(joinedload(Membership.user, innerjoin=True), joinedload(Membership.organization, innerjoin=True))
        .where(
            Membership.organization_id.in_(organization_ids),
            Membership.state == MembershipState.ACTIVE,
            User.disabled_at.is_(None),
            Organization.status == OrganizationStatus.VERIFIED,
            Organization.kind.in_(ROLE_OF),
        )
        .order_by(Membership.role != Role.OWNER, Membership.id)
    )
    found: dict[int, Membership] = {}
    for row in session.scalars(statement):
        found.setdefault(row.organization_id, row)
    return found


def persons_asked(session: Session, event_id: int) -> set[str]:
    """The keys of whoever has a place, or was invited, whatever became of it: nobody is invited twice."""
    invited = select(EventInvitation.person_key).where(EventInvitation.event_id == event_id)
    here = select(Registration.person_key).where(Registration.event_id == event_id)
    return {*session.scalars(invited), *session.scalars(here)}


def stopped(session: Session, keys: Collection[str]) -> set[str]:
    """Which of these persons want no more invitations."""
    return set(session.scalars(select(InvitationStop.person_key).where(InvitationStop.person_key.in_(keys))))


def sent_this_month(session: Session, keys: Collection[str], *, now: datetime) -> Counter[str]:
    """person → how many invitations left for the person in the city's calendar month, of all events."""
    first = now.astimezone(CITY_ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    statement = (
        select(EventInvitation.person_key, func.count())
        .where(EventInvitation.person_key.in_(keys), EventInvitation.sent_at >= first)
        .group_by(EventInvitation.person_key)
    )
    return Counter({row[0]: row[1] for row in session.execute(statement)})


def invitations_of(session: Session, event_id: int) -> list[EventInvitation]:
    """Whom the event invited, by wave."""
    statement = (
        select(EventInvitation)
        .options(selectinload(EventInvitation.wave), selectinload(EventInvitation.organization))
        .where(EventInvitation.event_id == event_id)
        .order_by(EventInvitation.wave_id, EventInvitation.id)
    )
    return list(session.scalars(statement))


def last_wave(session: Session, event_id: int) -> int:
    """The number of the latest wave; 0 before the first."""
    return session.scalar(select(func.max(InvitationWave.number)).where(InvitationWave.event_id == event_id)) or 0


def own_invitation(actor: Actor, event_invitation_id: int) -> EventInvitation | None:
    """An invitation to an event of the own organization."""
    row = db.session.get(EventInvitation, event_invitation_id)
    return None if row is None or own_event(actor, row.event_id) is None else row


def invitation_by_token(session: Session, token: str) -> EventInvitation | None:
    """The invitation behind a personal address."""
    if len(token) > 64:
        return None
    statement = select(EventInvitation).options(joinedload(EventInvitation.event, innerjoin=True))
    return session.scalar(statement.where(EventInvitation.token_hash == code_hash(token)))


def invitation_to(session: Session, event_id: int, person_key: str) -> EventInvitation | None:
    """The one invitation of a person to an event."""
    return session.scalar(
        select(EventInvitation).where(EventInvitation.event_id == event_id, EventInvitation.person_key == person_key)
    )


def invitations_to_remind(session: Session, *, now: datetime, limit: int) -> list[EventInvitation]:
    """Who has not answered for some days and was not reminded, while there is time to answer."""
    statement = (
        select(EventInvitation)
        .join(Event, Event.id == EventInvitation.event_id)
        .where(
            EventInvitation.state == InvitationState.SENT,
            EventInvitation.reminded_at.is_(None),
            EventInvitation.sent_at <= now - REMIND_AFTER,
            Event.state.in_(AHEAD_STATES),
            Event.starts_at > now + NO_REMINDER_BEFORE,
            Event.registration_closes_at > now,
        )
        .order_by(EventInvitation.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def invitations_to_lapse(session: Session, *, now: datetime, limit: int) -> list[EventInvitation]:
    """Unanswered ones whose event takes nobody any more."""
    over = or_(Event.registration_closes_at <= now, Event.state.not_in(AHEAD_STATES))
    statement = (
        select(EventInvitation)
        .join(Event, Event.id == EventInvitation.event_id)
        .where(EventInvitation.state == InvitationState.SENT, over)
    )
    return list(session.scalars(statement.order_by(EventInvitation.id).limit(limit)))
