"""What a line-up is made from: who applied, who will be in the room, who never pitched, who was passed over; the line-up."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.models import Organization
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.events.enums import (
    ApplicationState,
    GIVER_ROLES,
    InvitationState,
    OPEN_REGISTRATIONS,
    PitchState,
    RegistrationState,
)
from matchhub.events.models import Event, EventInvitation, Pitch, PitchApplication, Registration, SeatPool
from matchhub.events.queries.finding import own_event
from matchhub.listings.enums import OfferState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.listings.queries.needs import EVERY_KIND
from matchhub.matches.engine import Applicant, fits

LEAST_GUESTS, MOST_GUESTS = 3, 150
NO_CHANCE, GOOD_FIT = 0.35, 0.7
IN_THE_ROOM = OPEN_REGISTRATIONS | {RegistrationState.ATTENDED}
ASKED = (InvitationState.DRAFT, InvitationState.SENT, InvitationState.ACCEPTED)


def chance_of(fit: float) -> float:
    """How likely a guest wants to talk, from how well the two fit: scores bunch in the middle, where most are politely passed
    by. 0 up to 0.35, 0.29 at 0.7, 1 at 1. An assumption, not learned: there are no outcomes of events to learn it from yet."""
    return max(0.0, (fit - NO_CHANCE) / (1 - NO_CHANCE)) ** 2


GOOD_CHANCE = chance_of(GOOD_FIT)


@dataclass(frozen=True, slots=True)
class LineupBasis:
    """The applications, row by row as the matcher reads them, and the guests of its columns. `is_assumed`: hardly anybody
    has registered or been invited yet, so everybody in the city with a fitting kind of offer stands for the guests."""

    applications: list[PitchApplication]
    applicants: list[Applicant]
    guests: list[Organization]
    is_assumed: bool
    passed_over: Mapping[int, int]  # organization id → how often
    first: frozenset[int]  # organizations that never pitched

    def row_of(self, application_id: int) -> int | None:
        """The row of an application."""
        return next((row for row, one in enumerate(self.applications) if one.id == application_id), None)


def lineup_basis(
    session: Session,
    event: Event,
    applications: Sequence[PitchApplication],
    *,
    fixed: Collection[int] = (),
    barred: Collection[int] = (),
    now: datetime,
) -> LineupBasis:
    """`fixed` and `barred`: ids of applications that the organizer has put in or left out. A dozen queries."""
    kinds = {row.need.kind for row in applications}
    guests, is_assumed = _guests(session, event, kinds)
    best = _chances(session, applications, [guest.id for guest in guests], now=now)
    firms = [row.organization_id for row in applications]
    pitched, passed = _pitched_before(session, firms, event), _passed_over(session, firms, event)
    applicants = [
        Applicant(
            [best.get((row.id, guest.id)) for guest in guests],
            _kinds(row.need),
            row.organization_id not in pitched,
            passed[row.organization_id],
            row.id in fixed,
            row.id in barred and row.id not in fixed,
        )
        for row in applications
    ]
    return LineupBasis(
        list(applications), applicants, guests, is_assumed, passed, frozenset(firms) - frozenset(pitched)
    )


def _kinds(need: Need) -> dict[str, str | None]:
    """What shall vary: field, carrier, stage."""
    return {
        "industry": need.lead_industry,
        "carrier": str(need.carrier_id) if need.carrier_id else None,
        "stage": getattr(need, "round_code", None) or (None if need.kind is PairingKind.EQUITY else need.kind.value),
    }


def _guests(session: Session, event: Event, kinds: Collection[PairingKind]) -> tuple[list[Organization], bool]:
    """Funds, banks and mentors with a place or an invitation; else those with an open offer of these kinds."""
    registered = (
        select(Registration.organization_id)
        .join(SeatPool, SeatPool.id == Registration.pool_id)
        .where(Registration.event_id == event.id, Registration.state.in_(IN_THE_ROOM), SeatPool.role.in_(GIVER_ROLES))
    )
    invited = select(EventInvitation.organization_id).where(
        EventInvitation.event_id == event.id, EventInvitation.state.in_(ASKED), EventInvitation.role.in_(GIVER_ROLES)
    )
    in_room = or_(Organization.id.in_(registered), Organization.id.in_(invited))
    found = list(session.scalars(select(Organization).where(in_room).order_by(Organization.sort_key, Organization.id)))
    if len(found) >= LEAST_GUESTS:
        return found, False
    offering = select(Offer.organization_id).where(Offer.kind.in_(kinds), Offer.state == OfferState.OPEN)
    statement = (
        select(Organization).where(Organization.id.in_(offering)).order_by(Organization.sort_key, Organization.id)
    )
    return list(session.scalars(statement.limit(MOST_GUESTS))), True


def offers_of(session: Session, organization_ids: Collection[int]) -> dict[PairingKind, dict[int, int]]:
    """kind → offer id → whose it is, of what these organizations offer at present."""
    found: dict[PairingKind, dict[int, int]] = defaultdict(dict)
    statement = select(Offer.kind, Offer.id, Offer.organization_id).where(
        Offer.organization_id.in_(organization_ids), Offer.state == OfferState.OPEN
    )
    for kind, identity, owner in session.execute(statement):
        found[kind][identity] = owner
    return found


def _chances(
    session: Session, applications: Sequence[PitchApplication], guest_ids: Collection[int], *, now: datetime
) -> dict[tuple[int, int], float]:
    """(application, guest) → the best chance of what the one asks for and the other offers."""
    asked: dict[PairingKind, dict[int, int]] = defaultdict(dict)
    for row in applications:
        asked[row.need.kind][row.need_id] = row.id
    given = offers_of(session, guest_ids)
    best: dict[tuple[int, int], float] = {}
    for kind, needs in asked.items():
        offers = given.get(kind, {})
        for (need, offer), score in fits(session, kind, list(needs), list(offers), now=now).items():
            pair = needs[need], offers[offer]
            best[pair] = max(chance_of(score), best.get(pair, 0.0))
    return best


def _pitched_before(session: Session, firms: Collection[int], event: Event) -> set[int]:
    statement = (
        select(Pitch.organization_id)
        .join(Event, Event.id == Pitch.event_id)
        .where(
            Pitch.organization_id.in_(firms),
            Pitch.event_id != event.id,
            Pitch.state.in_((PitchState.CONFIRMED, PitchState.PRESENTED)),
            Event.starts_at < event.starts_at,
        )
    )
    return set(session.scalars(statement))


def _passed_over(session: Session, firms: Collection[int], event: Event) -> Counter[int]:
    """organization id → how often it applied to an earlier event and did not get on the stage."""
    statement = (
        select(PitchApplication.organization_id, func.count())
        .join(Event, Event.id == PitchApplication.event_id)
        .where(
            PitchApplication.organization_id.in_(firms),
            PitchApplication.event_id != event.id,
            PitchApplication.state.in_((ApplicationState.REJECTED, ApplicationState.RESERVE)),
            Event.starts_at < event.starts_at,
        )
        .group_by(PitchApplication.organization_id)
    )
    return Counter({row[0]: row[1] for row in session.execute(statement)})


# --- the line-up --------------------------------------------------------------------------------------------------


def lineup_of(session: Session, event_id: int) -> list[Pitch]:
    """The entries in their order, then the reserves in theirs; who dropped out is not in it."""
    statement = (
        select(Pitch)
        .options(
            joinedload(Pitch.organization, innerjoin=True), joinedload(Pitch.need, innerjoin=True).options(EVERY_KIND)
        )
        .where(Pitch.event_id == event_id, Pitch.state != PitchState.DROPPED)
        .order_by((Pitch.state == PitchState.RESERVE), Pitch.position, Pitch.id)
    )
    return list(session.scalars(statement))


def own_pitch(actor: Actor, pitch_id: int) -> Pitch | None:
    """An entry of a line-up of the own organization."""
    row = db.session.get(Pitch, pitch_id)
    return None if row is None or own_event(actor, row.event_id) is None else row


def pitch_of_firm(actor: Actor, pitch_id: int) -> Pitch | None:
    """The own firm's entry, once it was told of it."""
    row = db.session.get(Pitch, pitch_id)
    if row is None or actor.organization_id is None or row.organization_id != actor.organization_id:
        return None
    return row if row.state in (PitchState.CONFIRMED, PitchState.PRESENTED) else None


def pitch_for(session: Session, application_id: int) -> Pitch | None:
    """The entry that an application became, unless it dropped out."""
    statement = select(Pitch).where(Pitch.application_id == application_id, Pitch.state != PitchState.DROPPED)
    return session.scalar(statement)
