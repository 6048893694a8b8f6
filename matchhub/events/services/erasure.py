"""Who is forgotten leaves the events to come; of those that were, a number without a name stays."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select

from matchhub.accounts.models import NOWHERE
from matchhub.core.db import db, writes
from matchhub.core.policy import SYSTEM
from matchhub.events import queries
from matchhub.events.models import Availability, EventInvitation, Feed, GuestPlace, InvitationStop, Registration
from matchhub.events.services.registrations import leave


@writes
def forget_person(user_id: int | None, addresses: Sequence[str], *, now: datetime) -> None:
    """Inside a write: give seats back, and take name, addresses and answers out of what is kept of events."""
    session = db.session()
    for registration in session.scalars(select(Registration).where(_theirs(Registration, user_id, addresses))).all():
        if registration.state in queries.HOLDING and registration.event.is_ahead(now):
            leave(registration, actor=SYSTEM, now=now)
        registration.name, registration.email, registration.mobile = _number(user_id), "", ""
        registration.answers = {}
        registration.person_key = _key(registration.person_key, registration.id)
    for invitation in session.scalars(select(EventInvitation).where(_theirs(EventInvitation, user_id, addresses))):
        invitation.name, invitation.email, invitation.mobile = _number(user_id), "", ""
        invitation.person_key = _key(invitation.person_key, invitation.id)
        invitation.token_hash, invitation.reminded_at = f"erased:{invitation.id}", invitation.reminded_at or now
    for place in session.scalars(select(GuestPlace).where(GuestPlace.email.in_(addresses))):
        place.name, place.email, place.mobile = _number(user_id), f"{place.id}@{NOWHERE}", ""
        place.organization_name, place.answers = "", {}
        place.token_hash, place.ended_at = f"erased:{place.id}", place.ended_at or now
    keys = [f"mail:{address}" for address in addresses] + [f"user:{user_id}"]
    session.execute(delete(InvitationStop).where(InvitationStop.person_key.in_(keys)))
    session.execute(delete(Feed).where(Feed.user_id == user_id))
    session.execute(delete(Availability).where(Availability.user_id == user_id))


def _theirs(model: type[Registration] | type[EventInvitation], user_id: int | None, addresses: Sequence[str]):  # type: ignore[no-untyped-def]
    by_number = (model.user_id == user_id,) if user_id is not None else ()
    return or_(model.email.in_(addresses), model.mobile.in_(addresses), *by_number)


def _key(key: str, row_id: int) -> str:
    """The key of an account is a number already; one that is an address is replaced."""
    return key if key.startswith("user:") else f"erased:{row_id}"


def _number(user_id: int | None) -> str:
    return f"#{user_id}" if user_id is not None else "#"
