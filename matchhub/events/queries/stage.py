"""What is on, what comes next, how late it is; who wants to hear more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, Session

from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.events.enums import AgendaKind, GIVER_ROLES, PitchState, RegistrationState
from matchhub.events.models import AgendaItem, Event, Pitch, PitchInterest, Registration, StageClock
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import OfferState
from matchhub.listings.models import Offer

ON_STAGE = (PitchState.CONFIRMED, PitchState.PRESENTED)
FEW, STEP = 5, 5


def clock_of(session: Session, event_id: int) -> StageClock | None:
    """What the organizer said is on, and the delay."""
    return session.scalar(select(StageClock).where(StageClock.event_id == event_id))


def staged(session: Session, event_id: int) -> list[Pitch]:
    """The line-up in its order, with firm and need."""
    statement = (
        select(Pitch)
        .options(joinedload(Pitch.organization, innerjoin=True), joinedload(Pitch.need, innerjoin=True))
        .where(Pitch.event_id == event_id, Pitch.state.in_(ON_STAGE))
        .order_by(Pitch.position, Pitch.id)
    )
    return list(session.scalars(statement))


@dataclass(frozen=True, slots=True)
class Slot:
    """One item of the agenda, or one pitch within it. Times count the delay for what has not begun."""

    item: AgendaItem | None
    pitch: Pitch | None
    starts_at: datetime
    minutes: int
    state: str  # over, on, ahead

    @property
    def ends_at(self) -> datetime:
        """When it ends."""
        return self.starts_at + timedelta(minutes=self.minutes)


def slots_of(event: Event, pitches: list[Pitch], clock: StageClock | None, *, now: datetime) -> list[Slot]:
    """The agenda as it runs: pitches stand in place of the item that holds them.

    What the organizer put on is on; before that, and where nothing was, the plan and its delay tell.
    """
    planned = _planned(event, pitches)
    delay = timedelta(minutes=clock.delay_minutes if clock else 0)
    said = next((place for place, row in enumerate(planned) if _is_put_on(row, clock)), None)
    found = []
    for place, row in enumerate(planned):
        starts_at = row.starts_at + delay
        if said is not None:
            state = "over" if place < said else "on" if place == said else "ahead"
            if place == said and clock is not None and clock.on_since is not None:
                starts_at = clock.on_since
        else:
            over, begun = starts_at + timedelta(minutes=row.minutes) <= now, starts_at <= now
            state = "over" if over else "on" if begun else "ahead"
        found.append(Slot(row.item, row.pitch, row.starts_at if state == "over" else starts_at, row.minutes, state))
    return found


def _is_put_on(row: Slot, clock: StageClock | None) -> bool:
    if clock is None or (clock.item_id is None and clock.pitch_id is None):
        return False
    return row.pitch.id == clock.pitch_id if row.pitch else row.item is not None and row.item.id == clock.item_id


def _planned(event: Event, pitches: list[Pitch]) -> list[Slot]:
    """By the plan alone; a pitch without a time of its own follows the one before it."""
    found: list[Slot] = []
    held = False
    for item in event.agenda:
        begins = item.starts_at(event.starts_at)
        if item.kind is not AgendaKind.PITCHES or held or not pitches:
            found.append(Slot(item, None, begins, item.minutes, "ahead"))
            continue
        held = True
        for pitch in pitches:
            if pitch.offset_minutes is not None:
                begins = event.starts_at + timedelta(minutes=pitch.offset_minutes)
            found.append(Slot(None, pitch, begins, pitch.minutes, "ahead"))
            begins += timedelta(minutes=pitch.minutes)
    return found


def passed_over(
    event: Event, pitches: list[Pitch], clock: StageClock | None, forward: Pitch, *, now: datetime
) -> list[Pitch]:
    """Whom `forward` would pass over by going on now: those before it in the order whom nobody has put on, and whose time,
    by the plan and its delay, has not come."""
    if forward.state is not PitchState.CONFIRMED:
        return []
    delay = timedelta(minutes=clock.delay_minutes if clock else 0)
    found: list[Pitch] = []
    for row in _planned(event, pitches):
        if row.pitch is not None and row.pitch.id == forward.id:
            return found
        if row.pitch is not None and row.pitch.state is PitchState.CONFIRMED and row.starts_at + delay > now:
            found.append(row.pitch)
    return []  # the agenda has no item for pitches


def staged_pitch(actor: Actor, pitch_id: int) -> Pitch | None:
    """A pitch of an event at which the actor has a seat."""
    row = db.session.get(Pitch, pitch_id)
    if row is None or row.state not in ON_STAGE or place_at(db.session(), actor, row.event_id) is None:
        return None
    return row


def place_at(session: Session, actor: Actor, event_id: int) -> Registration | None:
    """The actor's own seat."""
    if not actor.user_id:
        return None
    seated = (RegistrationState.REGISTERED, RegistrationState.ATTENDED)
    return session.scalar(
        select(Registration).where(
            Registration.event_id == event_id, Registration.user_id == actor.user_id, Registration.state.in_(seated)
        )
    )


def may_be_interested(place: Registration | None) -> bool:
    """Whether the person sits there as somebody who gives: an investor, a bank, a mentor."""
    return place is not None and place.pool.role in GIVER_ROLES


def own_interests(session: Session, registration_id: int) -> dict[int, PitchInterest]:
    """pitch id → one's own interest that stands."""
    statement = select(PitchInterest).where(
        PitchInterest.registration_id == registration_id, PitchInterest.withdrawn_at.is_(None)
    )
    return {row.pitch_id: row for row in session.scalars(statement)}


def own_interest(actor: Actor, interest_id: int) -> PitchInterest | None:
    """One's own interest."""
    row = db.session.get(PitchInterest, interest_id)
    return row if row is not None and actor.is_known and row.registration.user_id == actor.user_id else None


def interest_of(session: Session, pitch_id: int, registration_id: int) -> PitchInterest | None:
    """The one row of a person and a pitch, withdrawn or not."""
    return session.scalar(
        select(PitchInterest).where(
            PitchInterest.pitch_id == pitch_id, PitchInterest.registration_id == registration_id
        )
    )


def interest_counts(session: Session, event_id: int) -> dict[int, int]:
    """pitch id → how many are interested, by fives; below five 0: nobody learns who it was."""
    statement = (
        select(PitchInterest.pitch_id, func.count())
        .join(Pitch, Pitch.id == PitchInterest.pitch_id)
        .where(Pitch.event_id == event_id, PitchInterest.withdrawn_at.is_(None))
        .group_by(PitchInterest.pitch_id)
    )
    return {pitch_id: count // STEP * STEP if count >= FEW else 0 for pitch_id, count in session.execute(statement)}


def interests_behind(session: Session, introduction: Introduction) -> list[PitchInterest]:
    """Interests of the side that asked, in the need that it asked about, without an introduction yet."""
    statement = (
        select(PitchInterest)
        .join(Pitch, Pitch.id == PitchInterest.pitch_id)
        .join(Registration, Registration.id == PitchInterest.registration_id)
        .where(
            Pitch.need_id == introduction.need_id,
            Registration.organization_id == introduction.requester_id,
            PitchInterest.introduction_id.is_(None),
            PitchInterest.withdrawn_at.is_(None),
        )
    )
    return list(session.scalars(statement))


def offer_for(session: Session, actor: Actor, pitch: Pitch) -> int | None:
    """The newest open offer of the actor's organization that answers the need of a pitch."""
    statement = select(Offer.id).where(
        Offer.organization_id == actor.organization_id, Offer.kind == pitch.need.kind, Offer.state == OfferState.OPEN
    )
    return session.scalars(statement.order_by(Offer.published_at.desc(), Offer.id.desc())).first()
