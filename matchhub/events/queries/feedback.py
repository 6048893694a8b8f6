"""Who came, who is asked what they say of it, and what they said: in sums, by fives, never by person."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload, Session

from matchhub.core.links import code_hash
from matchhub.events.enums import EventState, QuestionKind, RegistrationState, SeatRole
from matchhub.events.models import CheckIn, Event, Feedback, Registration

ASKED_AFTER = timedelta(hours=1)
ASKED_WITHIN = timedelta(days=3)
STEP = 5
"""Answers are added up five at a time, in their order: one more answer never shows by itself."""


def who_came(event_id: ColumnElement[int] | int) -> ColumnElement[bool]:
    """The condition for registrations: checked in; where the door kept no list, whoever held a seat to the end."""
    kept = select(CheckIn.id).where(CheckIn.event_id == event_id, CheckIn.undone_at.is_(None)).exists()
    return or_(
        Registration.state == RegistrationState.ATTENDED,
        and_(Registration.state == RegistrationState.REGISTERED, ~kept),
    )


def asking(session: Session, *, now: datetime) -> list[int]:
    """Ids of events that ended lately enough for their guests to be asked; never of those long past."""
    ended = (Event.ends_at <= now - ASKED_AFTER, Event.ends_at > now - ASKED_WITHIN)
    return list(session.scalars(select(Event.id).where(Event.state == EventState.HELD, *ended).order_by(Event.id)))


def to_ask(session: Session, event: Event, *, limit: int) -> list[Registration]:
    """The next of those who came and have not been asked."""
    asked = select(Feedback.id).where(Feedback.registration_id == Registration.id).exists()
    statement = (
        select(Registration)
        .where(Registration.event_id == event.id, who_came(event.id), ~asked)
        .order_by(Registration.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def questions_of(event: Event) -> list[dict[str, Any]]:
    """What the template asks afterwards, in order: key, kind, label, label_en."""
    found: list[dict[str, Any]] = event.template.content.get("feedback", [])
    return found


def feedback_by_token(session: Session, token: str) -> Feedback | None:
    """The row that a personal address is for."""
    statement = (
        select(Feedback)
        .options(joinedload(Feedback.event, innerjoin=True).joinedload(Event.template, innerjoin=True))
        .where(Feedback.token_hash == code_hash(token))
    )
    return session.scalar(statement)


def feedback_of(session: Session, registration_id: int) -> Feedback | None:
    """What somebody was asked."""
    return session.scalar(select(Feedback).where(Feedback.registration_id == registration_id))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question that waits for one person's answer."""

    registration_id: int
    title: str
    title_en: str
    closes_at: datetime


FEEDBACK_WAITING = (  # of the person `user_id`
    select(Feedback.registration_id, Event.title, Event.title_en, Feedback.closes_at)
    .join(Registration, Registration.id == Feedback.registration_id)
    .join(Event, Event.id == Feedback.event_id)
    .where(
        Registration.user_id == bindparam("user_id"),
        Feedback.answered_at.is_(None),
        Feedback.closes_at > bindparam("now"),
    )
    .order_by(Feedback.closes_at.desc())
    .limit(2)
)


@dataclass(frozen=True, slots=True)
class Said:
    """What one question came to. Ratings: mean, and shares of 1 to 5; yes or no: the share of yes, all in whole percent."""

    question: dict[str, Any]
    mean: float | None = None
    shares: tuple[int, ...] = ()
    yes: int | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that somebody lets the report quote; `role` only where five or more of that role have answered."""

    words: str
    role: SeatRole | None


@dataclass(frozen=True, slots=True)
class Results:
    """All that may be known of the answers: how many were asked and have answered, sums over `counted` of them."""

    asked: int
    answered: int
    counted: int
    said: list[Said]
    words: list[str]
    quotes: list[Quote]


def results_of(session: Session, event: Event) -> Results:
    """The answers to an event, in two queries. Below five nothing is told; words stand in no order of time."""
    asked, answered = session.execute(
        select(func.count(Feedback.id), func.count(Feedback.answered_at)).where(Feedback.event_id == event.id)
    ).one()
    counted = answered - answered % STEP
    if not counted:
        return Results(asked, answered, 0, [], [], [])
    rows = list(session.scalars(_first_answers(event.id, counted)))
    questions = questions_of(event)
    return Results(
        asked, answered, counted, [one for question in questions if (one := _said(question, rows)) is not None],
        [words for row in sorted(rows, key=_no_order) for words in _texts(row, questions)], _quotes(rows, questions),
    )  # fmt: skip


def _first_answers(event_id: int, number: int) -> Any:
    return (
        select(Feedback)
        .options(
            joinedload(Feedback.registration, innerjoin=True).joinedload(Registration.pool, innerjoin=True),
        )
        .where(Feedback.event_id == event_id, Feedback.answered_at.is_not(None))
        .order_by(Feedback.answered_at, Feedback.id)
        .limit(number)
    )


def _no_order(row: Feedback) -> str:
    return row.token_hash


def _said(question: dict[str, Any], rows: Sequence[Feedback]) -> Said | None:
    values = [value for row in rows if (value := row.answers.get(question["key"])) is not None]
    if question["kind"] == QuestionKind.TEXT or len(values) < STEP:
        return None
    counts = Counter(values)
    if question["kind"] == QuestionKind.YES_NO:
        return Said(question, yes=round(100 * counts["yes"] / len(values)))
    shares = tuple(round(100 * counts[rating] / len(values)) for rating in range(1, 6))
    return Said(question, mean=round(sum(values) / len(values), 1), shares=shares)


def _texts(row: Feedback, questions: Sequence[dict[str, Any]]) -> list[str]:
    keys = (question["key"] for question in questions if question["kind"] == QuestionKind.TEXT)
    return [words for key in keys if (words := row.answers.get(key))]


def _quotes(rows: Sequence[Feedback], questions: Sequence[dict[str, Any]]) -> list[Quote]:
    roles = Counter(row.registration.pool.role for row in rows)
    found = []
    for row in sorted(rows, key=_no_order):
        role = row.registration.pool.role
        known = role if roles[role] >= STEP else None
        found += [Quote(words, known) for words in _texts(row, questions) if row.quotable]
    return found
