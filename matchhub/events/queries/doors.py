"""Who may come in, who has, and what a door may know of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, Select, select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.enums import MembershipState
from matchhub.accounts.models import Membership, User
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.events.enums import FieldKind, RegistrationState, SeatRole
from matchhub.events.models import CheckIn, DoorKeeper, Event, Registration, SeatPool, Ticket
from matchhub.events.queries.finding import own_event

EXPECTED = (RegistrationState.REGISTERED, RegistrationState.ATTENDED, RegistrationState.NO_SHOW)
MOST_FOUND = 20
KEY_LENGTH = 24  # characters of a code's hash that a phone keeps: 96 bits
HIDDEN = "*"


def ticket_by_hash(session: Session, code_hash: str) -> Ticket | None:
    """The ticket that opens a door now; None for one that was given back."""
    statement = (
        select(Ticket)
        .options(joinedload(Ticket.registration, innerjoin=True))
        .where(Ticket.code_hash == code_hash, Ticket.revoked_at.is_(None))
    )
    return session.scalar(statement)


def registration_by_mobile(session: Session, event_id: int, mobile: str) -> Registration | None:
    """Somebody on the list with this number, their own or their account's."""
    statement = (
        select(Registration)
        .outerjoin(User, User.id == Registration.user_id)
        .where(Registration.event_id == event_id, or_(Registration.mobile == mobile, User.mobile == mobile))
        .order_by(Registration.id)
    )
    return session.scalars(statement).first()


def check_in_by_ref(session: Session, ref: str) -> CheckIn | None:
    """What was uploaded under this name before, undone or not."""
    return session.scalar(select(CheckIn).where(CheckIn.ref == ref))


def standing_check_in(session: Session, registration_id: int) -> CheckIn | None:
    """The entry that stands."""
    return session.scalar(
        select(CheckIn).where(CheckIn.registration_id == registration_id, CheckIn.undone_at.is_(None))
    )


def standing_check_ins(session: Session, event_id: int) -> dict[int, CheckIn]:
    """registration id → the entry that stands."""
    statement = select(CheckIn).where(CheckIn.event_id == event_id, CheckIn.undone_at.is_(None))
    return {row.registration_id: row for row in session.scalars(statement)}


def latest_check_ins(session: Session, event_id: int, *, limit: int = 8) -> list[CheckIn]:
    """Who came in last."""
    statement = (
        select(CheckIn)
        .options(joinedload(CheckIn.registration, innerjoin=True).joinedload(Registration.organization))
        .where(CheckIn.event_id == event_id, CheckIn.undone_at.is_(None))
        .order_by(CheckIn.at.desc(), CheckIn.id.desc())
        .limit(limit)
    )
    return list(session.scalars(statement))


def own_check_in(actor: Actor, check_in_id: int) -> CheckIn | None:
    """An entry at an event of the own organization."""
    row = db.session.get(CheckIn, check_in_id)
    return None if row is None or own_event(actor, row.event_id) is None else row


def own_keeper(actor: Actor, keeper_id: int) -> DoorKeeper | None:
    """A door keeper at an event of the own organization."""
    row = db.session.get(DoorKeeper, keeper_id)
    return None if row is None or own_event(actor, row.event_id) is None else row


def own_registration(actor: Actor, registration_id: int) -> Registration | None:
    """A registration at an event of the own organization."""
    row = db.session.get(Registration, registration_id)
    return None if row is None or own_event(actor, row.event_id) is None else row


def host_people(session: Session, event: Event) -> list[User]:
    """The members of the host, by name."""
    statement = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organization_id == event.host_id, Membership.state == MembershipState.ACTIVE)
        .order_by(User.name, User.id)
    )
    return list(session.scalars(statement).unique())


@dataclass(frozen=True, slots=True)
class DoorCount:
    """How many of a role are in, and how many hold a seat."""

    role: SeatRole
    arrived: int
    expected: int


def door_counts(session: Session, event_id: int) -> list[DoorCount]:
    """Per role, in the event's order; roles without anybody are left out."""
    arrived = func.count().filter(Registration.state == RegistrationState.ATTENDED)
    statement = (
        select(SeatPool.role, arrived, func.count(Registration.id))
        .join(Registration, Registration.pool_id == SeatPool.id)
        .where(SeatPool.event_id == event_id, Registration.state.in_(EXPECTED))
        .group_by(SeatPool.id, SeatPool.role, SeatPool.position)
        .order_by(SeatPool.position, SeatPool.id)
    )
    return [DoorCount(*row) for row in session.execute(statement)]


def found_at_door(session: Session, event: Event, text: str) -> list[Registration]:
    """By a part of the name or the organization's, or by the last four digits of the phone number."""
    statement = _listed(event.id).order_by(Registration.name, Registration.id)
    if len(text) == 4 and text.isascii() and text.isdigit():
        rows = session.scalars(statement)
        return [row for row in rows if tail_of(row, event) == text][:MOST_FOUND]
    rows = session.scalars(statement)
    wanted = text.casefold()
    return [row for row in rows if wanted in _words(row)][:MOST_FOUND]


def _words(row: Registration) -> str:
    firm = row.organization
    names = (row.name, row.organization_name, firm.name if firm else "", firm.short_name or "" if firm else "")
    return " ".join(names).casefold()


def _listed(event_id: int) -> Select[Registration]:
    return (
        select(Registration)
        .options(joinedload(Registration.organization), joinedload(Registration.user))
        .where(Registration.event_id == event_id, Registration.state != RegistrationState.REFUSED)
    )


def tail_of(registration: Registration, event: Event) -> str:
    """The last four digits of the phone number: as registered, as answered, or the account's; empty where there is none."""
    answered = next((registration.answers.get(f.key) for f in event.fields if f.kind is FieldKind.PHONE), None)
    account = registration.user.mobile if registration.user else None
    number = registration.mobile or answered or account or ""
    digits = "".join(one for one in str(number) if one.isdigit())
    return digits[-4:] if len(digits) >= 7 else ""


def masked(name: str) -> str:
    """王小丽 → 王*丽, 张三 → 张*, Anna Smith → A* S*: enough to ask the person, too little to copy a list of guests."""
    words = name.split()
    if len(words) > 1:
        return " ".join(word[0] + HIDDEN for word in words)
    return name[0] + HIDDEN + (name[-1] if len(name) > 2 and not name.isascii() else "") if name else HIDDEN


@dataclass(frozen=True, slots=True)
class DoorGuest:
    """One line of a door's list. `key`: the beginning of the ticket's hash. `at`: when and where the person came in."""

    registration_id: int
    key: str
    name: str
    role: SeatRole
    tail: str
    at: datetime | None = None
    door: str = ""


def door_list(session: Session, event: Event) -> Sequence[DoorGuest]:
    """Everybody who may come in, as little of each as a door without network needs."""
    keys = dict(
        session.execute(
            select(Ticket.registration_id, Ticket.code_hash)
            .join(Registration, Registration.id == Ticket.registration_id)
            .where(Registration.event_id == event.id, Ticket.revoked_at.is_(None))
        ).all()
    )
    entries = standing_check_ins(session, event.id)
    rows = session.scalars(_listed(event.id).where(Registration.state.in_(EXPECTED)).order_by(Registration.id))
    return [_door_guest(row, event, keys.get(row.id, ""), entries.get(row.id)) for row in rows]


def _door_guest(row: Registration, event: Event, key: str, entry: CheckIn | None) -> DoorGuest:
    known = (entry.at, entry.door) if entry else (None, "")
    return DoorGuest(row.id, key[:KEY_LENGTH], masked(row.name), row.pool.role, tail_of(row, event), *known)
