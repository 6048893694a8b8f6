"""A part of one event goes on to all that are still ahead in its series."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from matchhub.core import audit, errors
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries
from matchhub.events.enums import EventPart
from matchhub.events.models import Event, FormField
from matchhub.events.policy import Permission, POLICY
from matchhub.events.services.changes import same_question
from matchhub.events.services.editing import AgendaRow, edited, RuleFacts, write_agenda, write_rules


@dataclass(frozen=True, slots=True)
class Spread:
    """How many events follow now, and which could not, with why."""

    changed: int
    kept: list[tuple[Event, errors.DomainError]]


@writes
def spread(event: Event, part: EventPart, *, actor: Actor, now: datetime) -> Spread:
    """Agenda, questions or rules of this event for the others ahead; one on which something hangs already stays as it is.

    Raises Conflict where it belongs to no series.
    """
    POLICY.check(Permission.ORGANIZE, actor, event)
    if event.series_id is None:
        raise errors.Conflict(N_("这场活动不属于任何系列"))
    changed, kept = 0, []
    for other in queries.ahead_in_series(db.session(), event.series_id, now=now):
        if other.id == event.id:
            continue
        refusal = _refusal(other, event, part, actor=actor, now=now)
        if refusal is None:
            changed += 1
        else:
            kept.append((other, refusal))
    audit.record(actor, "event:spread", event, part=part.value, events=changed)
    return Spread(changed, kept)


def _refusal(other: Event, event: Event, part: EventPart, *, actor: Actor, now: datetime) -> errors.DomainError | None:
    edited(other, seen=None, actor=actor, now=now)
    try:
        WRITERS[part](other, event, now)
    except (errors.Invalid, errors.Conflict) as refusal:  # each looks before it writes
        return refusal
    audit.record(actor, f"event:{part.value}", other, source=event.id)
    return None


def _agenda(other: Event, event: Event, now: datetime) -> None:
    """Items of the same kind, in their order, stay the same rows: meetings hang on theirs."""
    free = list(other.agenda)
    rows = []
    for item in event.agenda:
        match = next((mine for mine in free if mine.kind is item.kind), None)
        if match is not None:
            free.remove(match)
        held = match.id if match is not None else None
        rows.append(AgendaRow(held, item.kind, item.minutes, item.title, item.title_en, item.speaker))
    write_agenda(other, rows)


def _questions(other: Event, event: Event, now: datetime) -> None:
    """By key; a question that was answered keeps its kind."""
    mine = {row.key: row for row in other.fields}
    answered = queries.answers_to(db.session(), other.id)
    for row in event.fields:
        if row.key in mine and mine[row.key].kind is not row.kind and answered.get(row.key):
            raise errors.Conflict(N_("「%(label)s」已经有人回答过，类型不能再改"), label=row.label)
    other.fields[:] = [same_question(row, mine.get(row.key) or FormField(event=other)) for row in list(event.fields)]


def _rules(other: Event, event: Event, now: datetime) -> None:
    """The same lead times before its own start."""
    closes = other.starts_at - (event.starts_at - event.registration_closes_at)
    public = event.lineup_public_at
    public_at = other.starts_at - (event.starts_at - public) if public is not None else None
    facts = RuleFacts(closes, public_at, event.priority, event.offer_hours, event.reminder_hours)
    write_rules(other, facts, now=now)


WRITERS: dict[EventPart, Callable[[Event, Event, datetime], None]] = {
    EventPart.AGENDA: _agenda, EventPart.QUESTIONS: _questions, EventPart.RULES: _rules,
}  # fmt: skip
