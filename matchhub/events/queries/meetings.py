"""The meetings one to one of an event: who takes part, who wishes what, what a plan has to respect, the plan."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload, Session

from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.events.enums import MeetingOutcome, MeetingSide, RegistrationState, SEATED_STATES, WishKind
from matchhub.events.models import Event, MeetingGuest, MeetingRound, MeetingWish, PlannedMeeting, Registration
from matchhub.events.queries.finding import own_event
from matchhub.introductions.enums import MeetingState
from matchhub.introductions.models import Introduction, Meeting
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.matches.engine import fits
from matchhub.profiles.models import OrganizationRelation

WISHED = {WishKind.MUST: 3.0, WishKind.GLADLY: 1.0}
UNKNOWN_FIT, LEAST_FIT, NEAR_NOTHING = 0.2, 0.35, 0.01
Pair = tuple[int, int]
"""Guest id of the giver, guest id of the firm."""


def round_of(session: Session, event_id: int) -> MeetingRound | None:
    """The round of an event, with the agenda item that holds it."""
    statement = (
        select(MeetingRound)
        .options(joinedload(MeetingRound.item, innerjoin=True), joinedload(MeetingRound.event, innerjoin=True))
        .where(MeetingRound.event_id == event_id)
    )
    return session.scalar(statement)


def own_round(actor: Actor, event_id: int) -> MeetingRound | None:
    """The round of an event that the actor's organization holds."""
    return None if own_event(actor, event_id) is None else round_of(db.session(), event_id)


def own_meeting(actor: Actor, planned_meeting_id: int) -> PlannedMeeting | None:
    """A planned meeting at an event that the actor's organization holds."""
    row = db.session.get(PlannedMeeting, planned_meeting_id)
    return None if row is None or own_event(actor, row.round.event_id) is None else row


def own_guest(actor: Actor, guest_id: int) -> MeetingGuest | None:
    """Oneself as a guest of the meetings."""
    row = db.session.get(MeetingGuest, guest_id)
    return row if row is not None and actor.is_known and row.registration.user_id == actor.user_id else None


def guest_at(actor: Actor, guest_id: int) -> MeetingGuest | None:
    """Oneself, or a guest of an event that the actor's organization holds."""
    row = db.session.get(MeetingGuest, guest_id)
    if row is None or not actor.is_known:
        return None
    mine = row.registration.user_id == actor.user_id
    return row if mine or own_event(actor, row.round.event_id) is not None else None


def guest_of(session: Session, registration_id: int) -> MeetingGuest | None:
    """The guest that a registration is."""
    return session.scalar(select(MeetingGuest).where(MeetingGuest.registration_id == registration_id))


def guests_of(session: Session, round_id: int) -> list[MeetingGuest]:
    """Who takes part now: has joined, has not left, still holds a seat; with person and organization, by name."""
    statement = (
        select(MeetingGuest)
        .join(Registration, Registration.id == MeetingGuest.registration_id)
        .options(joinedload(MeetingGuest.registration, innerjoin=True).joinedload(Registration.organization))
        .where(
            MeetingGuest.round_id == round_id,
            MeetingGuest.left_at.is_(None),
            Registration.state.in_(SEATED_STATES - {RegistrationState.OFFERED}),
        )
        .order_by(MeetingGuest.side, Registration.name, MeetingGuest.id)
    )
    return list(session.scalars(statement))


def wishes_of(session: Session, guest_id: int) -> dict[int, WishKind]:
    """The other guest's id → what this guest wishes: for this guest's own eyes."""
    statement = select(MeetingWish.other_id, MeetingWish.kind).where(MeetingWish.guest_id == guest_id)
    return {row.other_id: row.kind for row in session.execute(statement)}


def wish_rows(session: Session, guest_id: int) -> list[MeetingWish]:
    """The rows of what one guest wishes."""
    return list(session.scalars(select(MeetingWish).where(MeetingWish.guest_id == guest_id)))


def wishing(session: Session, round_id: int) -> int:
    """How many guests have said whom they want to meet."""
    statement = (
        select(MeetingWish.guest_id)
        .join(MeetingGuest, MeetingGuest.id == MeetingWish.guest_id)
        .where(MeetingGuest.round_id == round_id, MeetingGuest.left_at.is_(None))
        .distinct()
    )
    return len(session.scalars(statement).all())


def meetings_of(session: Session, round_id: int, *, guest_id: int | None = None) -> list[PlannedMeeting]:
    """The plan by slot and table; dropped rows that were not told yet come last."""
    statement = (
        select(PlannedMeeting)
        .options(
            *(
                joinedload(side, innerjoin=True)
                .joinedload(MeetingGuest.registration, innerjoin=True)
                .joinedload(Registration.organization)
                for side in (PlannedMeeting.giver, PlannedMeeting.firm)
            )
        )
        .where(PlannedMeeting.round_id == round_id)
        .order_by(PlannedMeeting.slot.is_(None), PlannedMeeting.slot, PlannedMeeting.seat, PlannedMeeting.id)
    )
    if guest_id is not None:
        statement = statement.where(or_(PlannedMeeting.giver_id == guest_id, PlannedMeeting.firm_id == guest_id))
    return list(session.scalars(statement))


@dataclass(frozen=True, slots=True)
class Room:
    """What a plan is made from. `worth`: what each pair's meeting is worth; pairs that must not meet are not in it."""

    givers: list[MeetingGuest]
    firms: list[MeetingGuest]
    worth: dict[Pair, float]
    fit: dict[Pair, float]
    musts: frozenset[Pair]


def room_of(session: Session, found: MeetingRound, *, now: datetime) -> Room:
    """Guests, wishes, fit by the matcher, and who must not meet: a no, one's own, known ties, met before.

    A dozen queries, whatever the number of guests.
    """
    guests = guests_of(session, found.id)
    givers = [guest for guest in guests if guest.side is MeetingSide.GIVER]
    firms = [guest for guest in guests if guest.side is MeetingSide.FIRM]
    fit = _fit(session, givers, firms, now=now)
    wishes = _wishes(session, found.id)
    never = _tied(session, guests)
    met = _met(session, guests, found.event)
    worth: dict[Pair, float] = {}
    musts: set[Pair] = set()
    for giver in givers:
        for firm in firms:
            pair, organizations = (giver.id, firm.id), _organizations(giver, firm)
            said = (wishes.get(pair), wishes.get((firm.id, giver.id)))
            if WishKind.NO in said or organizations in never or organizations[0] == organizations[1]:
                continue
            if organizations in met and WishKind.MUST not in said:
                continue
            if (value := _worth(fit.get(pair), said)) is None:
                continue
            worth[pair] = value
            if WishKind.MUST in said:
                musts.add(pair)
    return Room(givers, firms, worth, fit, frozenset(musts))


def _worth(fit: float | None, said: tuple[WishKind | None, WishKind | None]) -> float | None:
    """Wishes first, fit next; None where nobody wishes it and nothing speaks for it."""
    wished = sum(WISHED.get(kind, 0.0) for kind in said if kind is not None)
    if not wished and (fit is None or fit < LEAST_FIT):
        return None
    return NEAR_NOTHING + wished + (UNKNOWN_FIT if fit is None else fit)


def _organizations(giver: MeetingGuest, firm: MeetingGuest) -> Pair:
    return giver.registration.organization_id or -giver.id, firm.registration.organization_id or -firm.id


def _wishes(session: Session, round_id: int) -> dict[Pair, WishKind]:
    statement = (
        select(MeetingWish.guest_id, MeetingWish.other_id, MeetingWish.kind)
        .join(MeetingGuest, MeetingGuest.id == MeetingWish.guest_id)
        .where(MeetingGuest.round_id == round_id)
    )
    return {(guest, other): kind for guest, other, kind in session.execute(statement)}


def _fit(
    session: Session, givers: Sequence[MeetingGuest], firms: Sequence[MeetingGuest], *, now: datetime
) -> dict[Pair, float]:
    """The best score of what the firm asks for and the giver offers, of any kind."""
    needs = _listed(session, Need, NeedState.OPEN, firms)
    offers = _listed(session, Offer, OfferState.OPEN, givers)
    best: dict[Pair, float] = {}
    for kind in PairingKind:
        asked, given = needs.get(kind, {}), offers.get(kind, {})
        for (need, offer), score in fits(session, kind, list(asked), list(given), now=now).items():
            for giver in given[offer]:
                for firm in asked[need]:
                    best[giver, firm] = max(score, best.get((giver, firm), 0.0))
    return best


def _listed(
    session: Session, model: type[Need] | type[Offer], state: NeedState | OfferState, guests: Sequence[MeetingGuest]
) -> Mapping[PairingKind, dict[int, list[int]]]:
    """kind → id of a need or offer → the guests of its owner."""
    by_owner: dict[int, list[int]] = defaultdict(list)
    for guest in guests:
        if guest.registration.organization_id is not None:
            by_owner[guest.registration.organization_id].append(guest.id)
    found: dict[PairingKind, dict[int, list[int]]] = defaultdict(dict)
    statement = select(model.kind, model.id, model.organization_id).where(
        model.organization_id.in_(by_owner), model.state == state
    )
    for kind, identity, owner in session.execute(statement):
        found[kind][identity] = by_owner[owner]
    return found


def _both_ways(rows: Iterable[Pair]) -> set[Pair]:
    found = set(rows)
    return found | {(other, one) for one, other in found}


def _owners(guests: Sequence[MeetingGuest]) -> set[int]:
    return {guest.registration.organization_id for guest in guests if guest.registration.organization_id is not None}


def _tied(session: Session, guests: Sequence[MeetingGuest]) -> set[Pair]:
    """Organizations with a known tie: blocked, portfolio, shareholder."""
    owners = _owners(guests)
    statement = select(OrganizationRelation.from_id, OrganizationRelation.to_id).where(
        OrganizationRelation.from_id.in_(owners), OrganizationRelation.to_id.in_(owners)
    )
    return _both_ways((one, other) for one, other in session.execute(statement))


def _met(session: Session, guests: Sequence[MeetingGuest], event: Event) -> set[Pair]:
    """Organizations that have met: after an introduction, or at a table of an earlier event."""
    owners = _owners(guests)
    introduced = (
        select(Introduction.investor_id, Introduction.enterprise_id)
        .join(Meeting, Meeting.introduction_id == Introduction.id)
        .where(
            Introduction.investor_id.in_(owners),
            Introduction.enterprise_id.in_(owners),
            Meeting.state == MeetingState.HELD,
        )
    )
    found = {(one, other) for one, other in session.execute(introduced)}
    return _both_ways(found | _met_at_tables(session, owners, event))


def _met_at_tables(session: Session, owners: set[int], event: Event) -> set[Pair]:
    places = (
        select(MeetingGuest.id, Registration.organization_id)
        .join(Registration, Registration.id == MeetingGuest.registration_id)
        .where(Registration.organization_id.in_(owners))
        .subquery()
    )
    giver, firm = places.alias(), places.alias()
    statement = (
        select(giver.c.organization_id, firm.c.organization_id)
        .select_from(PlannedMeeting)
        .join(giver, giver.c.id == PlannedMeeting.giver_id)
        .join(firm, firm.c.id == PlannedMeeting.firm_id)
        .join(MeetingRound, and_(MeetingRound.id == PlannedMeeting.round_id, MeetingRound.event_id != event.id))
        .where(PlannedMeeting.outcome == MeetingOutcome.MET)
    )
    return {(one, other) for one, other in session.execute(statement)}
