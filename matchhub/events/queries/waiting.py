"""What events ask of one person, in one query: most are asked nothing, and what is rare is only looked up where it is there."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import literal, null, select, union_all
from sqlalchemy.orm import Session

from matchhub.events.models import EventContact, FollowUp, Pitch
from matchhub.events.queries.contacts import ANSWERED_WITHIN, ASKED_OF_PERSON
from matchhub.events.queries.feedback import FEEDBACK_WAITING, Waiting
from matchhub.events.queries.finding import NEAR_PLACES, NearPlace

PLACE, FEEDBACK, FOLLOW_UP = "place", "feedback", "follow_up"
PLACES, QUESTIONS = NEAR_PLACES.subquery(), FEEDBACK_WAITING.subquery()
FOLLOWED = (
    select(FollowUp.id)
    .join(EventContact, EventContact.id == FollowUp.contact_id)
    .outerjoin(Pitch, Pitch.id == EventContact.pitch_id)
    .where(*ASKED_OF_PERSON)
    .limit(1)
    .subquery()
)
ASKED = union_all(
    select(
        literal(PLACE).label("part"), PLACES.c.id.label("id"), PLACES.c.title.label("title"),
        PLACES.c.title_en.label("title_en"), PLACES.c.starts_at.label("moment"), PLACES.c.offered_until.label("until"),
    ),
    select(
        literal(FEEDBACK), QUESTIONS.c.registration_id, QUESTIONS.c.title, QUESTIONS.c.title_en, QUESTIONS.c.closes_at,
        null(),
    ),
    select(literal(FOLLOW_UP), FOLLOWED.c.id, literal(""), literal(""), null(), null()),
)  # fmt: skip


@dataclass(slots=True)
class AskedOfPerson:
    """Seats that are near or wait for a word, questions about past events, and whether there is more to look up."""

    places: list[NearPlace] = field(default_factory=list)
    feedback: list[Waiting] = field(default_factory=list)
    has_follow_ups: bool = False


def asked_of_person(
    session: Session, user_id: int, own_id: int | None, *, before: datetime, now: datetime
) -> AskedOfPerson:
    """What waits for a person who acts for `own_id`: seats at events that begin before then, and seats that wait for the
    person's word, however far off; questions about past events, the latest first; whether there are follow-ups to ask for."""
    given: dict[str, Any] = {"user_id": user_id, "own": own_id or 0, "since": now - ANSWERED_WITHIN}
    found = AskedOfPerson()
    for row in session.execute(ASKED, {**given, "before": before, "now": now}):
        if row.part == PLACE:
            found.places.append(NearPlace(row.id, row.until, row.title, row.title_en, row.moment))
        elif row.part == FEEDBACK:
            found.feedback.append(Waiting(row.id, row.title, row.title_en, row.moment))
        else:
            found.has_follow_ups = True
    found.places.sort(key=lambda place: place.starts_at)
    found.feedback.sort(key=lambda question: question.closes_at, reverse=True)
    return found
