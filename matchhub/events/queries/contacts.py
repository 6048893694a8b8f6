"""Who found whom at an event, and whom to ask what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, or_, Select, select
from sqlalchemy.orm import aliased, joinedload, lazyload, load_only, selectinload, Session

from matchhub.accounts.queries import NAMED
from matchhub.core.links import code_hash
from matchhub.events.enums import (
    ContactSource,
    EventState,
    FOLLOW_UP_DAYS,
    GIVER_ROLES,
    MeetingOutcome,
    MeetingSide,
    RegistrationState,
    RoundState,
    SeatRole,
)
from matchhub.events.models import (
    Event,
    EventContact,
    FollowUp,
    MeetingGuest,
    MeetingRound,
    Pitch,
    PitchInterest,
    PlannedMeeting,
    Registration,
    SeatPool,
)
from matchhub.events.queries.feedback import who_came
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import NeedState, OfferState
from matchhub.listings.models import Need, Offer

GATHERED_FOR = timedelta(days=30)
"""So long after an event its contacts are looked for: meetings are recorded late, doors upload late."""
ASKED_FOR_AFTER = timedelta(days=7)
"""An introduction that two guests agree on within these days counts as made at the event."""
LATEST = timedelta(days=5)
"""What was due longer ago than this is not asked any more: the next one is."""
ANSWERED_WITHIN = timedelta(days=30)
AGREED = (IntroductionState.ACCEPTED, IntroductionState.CLOSED, IntroductionState.REVOKED)


@dataclass(frozen=True, slots=True)
class Made:
    """Two who found each other. The firm's side is a place, or a pitch."""

    source: ContactSource
    giver: Registration
    firm: Registration | None = None
    pitch: Pitch | None = None
    introduction_id: int | None = None

    @property
    def pair(self) -> tuple[int, int]:
        """The two organizations; a guest without one stands for itself."""
        firm = self.pitch.organization_id if self.pitch is not None else None
        if self.firm is not None:
            firm = self.firm.organization_id or -self.firm.id
        return self.giver.organization_id or -self.giver.id, firm or 0


def to_gather(session: Session, *, now: datetime) -> list[int]:
    """Ids of events whose contacts may still come in."""
    ended = (Event.ends_at <= now, Event.ends_at > now - GATHERED_FOR)
    return list(session.scalars(select(Event.id).where(Event.state == EventState.HELD, *ended).order_by(Event.id)))


def made_at(session: Session, event: Event) -> list[Made]:
    """All pairs that an event brought together: at a table, by interest in a pitch, by an introduction soon after it."""
    return [*_met(session, event), *_interested(session, event), *_introduced(session, event)]


def _met(session: Session, event: Event) -> list[Made]:
    """Tables at which two sat: said to have met, or published and not said otherwise, and both came."""
    giver, firm = aliased(MeetingGuest), aliased(MeetingGuest)
    giver_place, firm_place = aliased(Registration), aliased(Registration)
    both_came = and_(
        PlannedMeeting.outcome == MeetingOutcome.PLANNED,
        MeetingRound.state == RoundState.PUBLISHED,
        giver_place.state == RegistrationState.ATTENDED,
        firm_place.state == RegistrationState.ATTENDED,
    )
    statement = (
        select(giver_place, firm_place)
        .select_from(PlannedMeeting)
        .join(MeetingRound, MeetingRound.id == PlannedMeeting.round_id)
        .join(giver, giver.id == PlannedMeeting.giver_id)
        .join(giver_place, giver_place.id == giver.registration_id)
        .join(firm, firm.id == PlannedMeeting.firm_id)
        .join(firm_place, firm_place.id == firm.registration_id)
        .where(
            MeetingRound.event_id == event.id,
            PlannedMeeting.slot.is_not(None),
            or_(PlannedMeeting.outcome == MeetingOutcome.MET, both_came),
        )
        .order_by(PlannedMeeting.slot, PlannedMeeting.id)
    )
    return [Made(ContactSource.MEETING, one, other) for one, other in session.execute(statement)]


def _interested(session: Session, event: Event) -> list[Made]:
    statement = (
        select(Registration, Pitch, PitchInterest.introduction_id)
        .select_from(PitchInterest)
        .join(Pitch, Pitch.id == PitchInterest.pitch_id)
        .join(Registration, Registration.id == PitchInterest.registration_id)
        .where(Pitch.event_id == event.id, PitchInterest.withdrawn_at.is_(None))
        .order_by(PitchInterest.id)
    )
    return [
        Made(ContactSource.INTEREST, place, None, pitch, found) for place, pitch, found in session.execute(statement)
    ]


def _introduced(session: Session, event: Event) -> list[Made]:
    """Introductions between two who both came, asked for from the start on and within a week, and agreed to."""
    giver, firm = aliased(Registration), aliased(Registration)
    giver_pool, firm_pool = aliased(SeatPool), aliased(SeatPool)
    came = {place: _came(place, event) for place in (giver, firm)}
    statement = (
        select(giver, firm, Introduction.id)
        .select_from(Introduction)
        .join(giver, and_(giver.organization_id == Introduction.investor_id, giver.event_id == event.id))
        .join(giver_pool, giver_pool.id == giver.pool_id)
        .join(firm, and_(firm.organization_id == Introduction.enterprise_id, firm.event_id == event.id))
        .join(firm_pool, firm_pool.id == firm.pool_id)
        .where(
            Introduction.requested_at >= event.starts_at,
            Introduction.requested_at < event.ends_at + ASKED_FOR_AFTER,
            Introduction.state.in_(AGREED),
            giver_pool.role.in_(GIVER_ROLES),
            firm_pool.role == SeatRole.ENTERPRISE,
            *came.values(),
        )
        .order_by(Introduction.id)
    )
    return [
        Made(ContactSource.INTRODUCTION, one, other, None, found) for one, other, found in session.execute(statement)
    ]


def _came(place: Any, event: Event) -> Any:
    """`who_came`, for a row under another name."""
    ids = select(Registration.id).where(Registration.event_id == event.id, who_came(event.id))
    return place.id.in_(ids)


def loaded_contacts() -> Select[EventContact]:
    """Contacts with both sides, their organizations, the pitch and the introduction; by queries of their own, so that a row
    can be held."""
    return select(EventContact).options(
        selectinload(EventContact.event),
        selectinload(EventContact.giver_place).selectinload(Registration.organization),
        selectinload(EventContact.firm_place).selectinload(Registration.organization),
        selectinload(EventContact.pitch).selectinload(Pitch.organization),
        selectinload(EventContact.introduction),
    )


def contacts_of(session: Session, event_id: int) -> list[EventContact]:
    """The contacts of an event."""
    return list(session.scalars(loaded_contacts().where(EventContact.event_id == event_id).order_by(EventContact.id)))


def contacts_about(session: Session, introduction_id: int) -> list[EventContact]:
    """The contacts that became an introduction and have not ended."""
    statement = select(EventContact).where(
        EventContact.introduction_id == introduction_id, EventContact.ended_at.is_(None)
    )
    return list(session.scalars(statement))


def introductions_between(
    session: Session, pairs: Collection[tuple[int, int]], *, since: datetime
) -> dict[tuple[int, int], Introduction]:
    """(giver, firm) → the newest introduction of the two that was asked for since then, or was agreed and not over then."""
    givers, firms = {giver for giver, _ in pairs}, {firm for _, firm in pairs}
    statement = (
        select(Introduction)
        .where(
            Introduction.investor_id.in_(givers),
            Introduction.enterprise_id.in_(firms),
            or_(
                Introduction.requested_at >= since,
                and_(
                    Introduction.state.in_(AGREED),
                    or_(Introduction.ended_at.is_(None), Introduction.ended_at >= since),
                ),
            ),
        )
        .order_by(Introduction.requested_at, Introduction.id)
    )
    found = {(row.investor_id, row.enterprise_id): row for row in session.scalars(statement)}
    return {pair: row for pair, row in found.items() if pair in pairs}


def contacts_to_ask(session: Session, *, now: datetime, limit: int) -> list[tuple[EventContact, int]]:
    """Open contacts and the day that is due for them: lately, and not asked yet. Of events that are not put away."""
    found: list[tuple[EventContact, int]] = []
    for day in FOLLOW_UP_DAYS:
        due_from = now - timedelta(days=day)
        asked = select(FollowUp.id).where(FollowUp.contact_id == EventContact.id, FollowUp.day >= day).exists()
        statement = (
            loaded_contacts()
            .join(Event, Event.id == EventContact.event_id)
            .where(
                Event.state == EventState.HELD,
                EventContact.ended_at.is_(None),
                EventContact.met_at <= due_from,
                EventContact.met_at > due_from - LATEST,
                ~asked,
            )
            .order_by(EventContact.id)
            .limit(limit - len(found))
        )
        found += [(row, day) for row in session.scalars(statement)]
        if len(found) >= limit:
            break
    return found


def follow_up_by_token(session: Session, token: str) -> FollowUp | None:
    """The row that a personal address is for, with its contact."""
    row = session.scalar(select(FollowUp).where(FollowUp.token_hash == code_hash(token)))
    if row is not None:
        session.scalar(loaded_contacts().where(EventContact.id == row.contact_id))
    return row


ASKED_OF_PERSON = (  # the person `user_id`, who acts for `own`; of follow-ups with their contact and its pitch
    FollowUp.answered_at.is_(None),
    FollowUp.asked_at > bindparam("since"),
    EventContact.ended_at.is_(None),
    or_(
        and_(
            FollowUp.side == MeetingSide.GIVER,
            EventContact.giver_place_id.in_(
                select(Registration.id).where(Registration.user_id == bindparam("user_id"))
            ),
        ),
        and_(
            FollowUp.side == MeetingSide.FIRM,
            or_(
                EventContact.firm_place_id.in_(
                    select(Registration.id).where(Registration.user_id == bindparam("user_id"))
                ),
                and_(EventContact.firm_place_id.is_(None), Pitch.organization_id == bindparam("own")),
            ),
        ),
    ),
)
MET = (EventContact.giver_place_id, EventContact.firm_place_id, EventContact.pitch_id, EventContact.version)
WHO_CAME = (
    load_only(Registration.organization_id, Registration.organization_name, Registration.name, Registration.version),
    joinedload(Registration.organization).load_only(*NAMED),
    lazyload(Registration.pool),
)
WAITING = (
    select(FollowUp)
    .join(EventContact, EventContact.id == FollowUp.contact_id)
    .outerjoin(Pitch, Pitch.id == EventContact.pitch_id)
    .options(
        load_only(
            FollowUp.contact_id, FollowUp.side, FollowUp.asked_at, FollowUp.nonce, FollowUp.token_hash, FollowUp.version
        ),
        joinedload(FollowUp.contact, innerjoin=True).options(
            load_only(*MET),
            joinedload(EventContact.giver_place, innerjoin=True).options(*WHO_CAME),
            joinedload(EventContact.firm_place).options(*WHO_CAME),
            joinedload(EventContact.pitch).options(
                load_only(Pitch.organization_id, Pitch.version), joinedload(Pitch.organization).load_only(*NAMED)
            ),
        ),
    )
    .where(*ASKED_OF_PERSON)
    .order_by(FollowUp.asked_at.desc(), FollowUp.id)
    .limit(4)
)


def follow_ups_waiting(session: Session, user_id: int, own_id: int | None, *, now: datetime) -> list[FollowUp]:
    """What a person is asked about the people met, the latest first."""
    given = {"user_id": user_id, "own": own_id or 0, "since": now - ANSWERED_WITHIN}
    return list(session.scalars(WAITING, given))


def open_pair(session: Session, contact: EventContact) -> tuple[int, int] | None:
    """A need of the firm and an offer of the giver that an introduction could be about: the pitch's need first."""
    if contact.giver_id is None or contact.firm_id is None:
        return None
    statement = (
        select(Need.id, Offer.id)
        .join(Offer, Offer.kind == Need.kind)
        .where(
            Need.organization_id == contact.firm_id,
            Need.state == NeedState.OPEN,
            Offer.organization_id == contact.giver_id,
            Offer.state == OfferState.OPEN,
        )
        .order_by(Need.id, Offer.id)
    )
    pairs = [(need, offer) for need, offer in session.execute(statement)]
    pitched = contact.pitch.need_id if contact.pitch is not None else None
    return next((pair for pair in pairs if pair[0] == pitched), pairs[0] if pairs else None)


def to_finish(session: Session, *, now: datetime) -> list[int]:
    """Ids of events of which nobody is asked any more: all contacts have ended, or the last question has had its time."""
    still = select(EventContact.id).where(EventContact.event_id == Event.id, EventContact.ended_at.is_(None)).exists()
    settled = and_(Event.ends_at <= now - GATHERED_FOR, ~still)
    asked_out = Event.ends_at <= now - timedelta(days=FOLLOW_UP_DAYS[-1]) - ANSWERED_WITHIN
    return list(session.scalars(select(Event.id).where(Event.state == EventState.HELD, or_(settled, asked_out))))


def follow_ups_of(session: Session, contact_ids: Sequence[int]) -> list[FollowUp]:
    """What was asked about these contacts."""
    return list(session.scalars(select(FollowUp).where(FollowUp.contact_id.in_(contact_ids)).order_by(FollowUp.id)))
