"""What already hangs on the parts of an event that its organizer edits."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.events.enums import RegistrationState
from matchhub.events.models import FormField, Registration
from matchhub.events.queries.finding import own_event


def own_question(actor: Actor, question_id: int) -> FormField | None:
    """A question of an event that the actor's organization holds."""
    row = db.session.get(FormField, question_id)
    return None if row is None or own_event(actor, row.event_id) is None else row


def answers_to(session: Session, event_id: int) -> dict[str, int]:
    """key of a question → how many have answered it."""
    found: dict[str, int] = {}
    for answers in session.scalars(select(Registration.answers).where(Registration.event_id == event_id)):
        for key in answers or ():
            found[key] = found.get(key, 0) + 1
    return found


def waiting_at(session: Session, event_id: int) -> int:
    """How many are in the lines of an event."""
    statement = select(func.count()).where(
        Registration.event_id == event_id, Registration.state == RegistrationState.WAITLISTED
    )
    return session.scalar(statement) or 0


def is_pool_used(session: Session, pool_id: int) -> bool:
    """Whether anybody ever registered for these seats."""
    return session.scalar(select(Registration.id).where(Registration.pool_id == pool_id).limit(1)) is not None
