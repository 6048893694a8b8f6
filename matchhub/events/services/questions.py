"""The form builder: an event's own questions, to whom and when they are put, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from matchhub.core import audit, errors
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries
from matchhub.events.enums import FieldKind, SeatRole
from matchhub.events.models import Event, FormField
from matchhub.events.services.editing import edited

CHOOSING = (FieldKind.CHOICE, FieldKind.CHOICES)
MOST_QUESTIONS = 30
YES_NO = ("yes", "no")


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """What is asked. `roles`: of whom, empty for all; `when`: (key, answer) pairs of one earlier question."""

    kind: FieldKind
    label: str
    label_en: str = ""
    hint: str = ""
    options: Sequence[str] = ()
    required: bool = False
    roles: Sequence[SeatRole] = ()
    when: Sequence[tuple[str, str]] = ()


def answers_of(question: FormField) -> Sequence[str]:
    """The answers to a question that a later one can hang on; none for free words."""
    if question.kind is FieldKind.YES_NO:
        return YES_NO
    return question.options if question.kind in CHOOSING else ()


def before(event: Event, question: FormField | None) -> list[FormField]:
    """The questions on which this one (a new one: the last) can hang."""
    found = []
    for row in event.fields:
        if question is not None and row.id == question.id:
            break
        found.append(row)
    return [row for row in found if answers_of(row)]


@writes
def add_question(event: Event, facts: QuestionFacts, *, seen: int, actor: Actor, now: datetime) -> FormField:
    """A further question, at the end. Raises Invalid, Conflict (changed meanwhile)."""
    edited(event, seen=seen, actor=actor, now=now)
    if len(event.fields) >= MOST_QUESTIONS:
        raise errors.Invalid(N_("最多 %(most)s 个问题"), most=MOST_QUESTIONS)
    _check(event, None, facts)
    taken = {row.key for row in event.fields} | set(queries.answers_to(db.session(), event.id))
    key = next(name for name in (f"q{number}" for number in range(1, 1000)) if name not in taken)
    row = FormField(event=event, key=key, position=1 + max((f.position for f in event.fields), default=0))
    _write(row, facts)
    db.session.add(row)
    audit.record(actor, "form_field:add", row)
    return row


@writes
def change_question(question: FormField, facts: QuestionFacts, *, seen: int, actor: Actor, now: datetime) -> None:
    """Other words, options or conditions; what was answered stays. Raises Invalid, Conflict."""
    event = question.event
    edited(event, seen=seen, actor=actor, now=now)
    _check(event, question, facts)
    if facts.kind is not question.kind and queries.answers_to(db.session(), event.id).get(question.key):
        raise errors.Invalid(N_("已经有人回答过，类型不能再改；可以另加一个问题"), field="kind")
    _check_dependants(event, question, facts)
    _write(question, facts)
    audit.record(actor, "form_field:change", question)


def _write(row: FormField, facts: QuestionFacts) -> None:
    row.kind, row.label, row.label_en = facts.kind, facts.label.strip(), facts.label_en.strip()
    row.hint, row.required = facts.hint.strip(), facts.required
    row.options = list(facts.options) if facts.kind in CHOOSING else []
    row.roles = [role.value for role in facts.roles]
    row.when_key = facts.when[0][0] if facts.when else ""
    row.when_values = [answer for _, answer in facts.when]


def _check(event: Event, question: FormField | None, facts: QuestionFacts) -> None:
    if facts.kind in CHOOSING and len(facts.options) < 2:
        raise errors.Invalid(N_("至少写两个选项，每行一个"), field="options")
    if len({key for key, _ in facts.when}) > 1:
        raise errors.Invalid(N_("只能跟着一个问题走"), field="when")
    possible = {(row.key, answer) for row in before(event, question) for answer in answers_of(row)}
    if not set(facts.when) <= possible:
        raise errors.Invalid(N_("请从列表里选"), field="when")


def _check_dependants(event: Event, question: FormField, facts: QuestionFacts) -> None:
    """Answers that later questions hang on stay possible."""
    left = YES_NO if facts.kind is FieldKind.YES_NO else facts.options if facts.kind in CHOOSING else ()
    for row in event.fields:
        if row.when_key == question.key and not set(row.when_values) <= set(left):
            raise errors.Invalid(
                N_("「%(label)s」还跟着这个问题的回答走，先改那一个"), field="options", label=row.label
            )


@writes
def raise_question(question: FormField, *, actor: Actor, now: datetime) -> None:
    """One place earlier. Raises Conflict where it hangs on the one before it."""
    event = question.event
    edited(event, seen=None, actor=actor, now=now)
    rows = list(event.fields)
    at = next(index for index, row in enumerate(rows) if row.id == question.id)
    if at == 0:
        return
    if question.when_key == rows[at - 1].key:
        raise errors.Conflict(N_("这个问题跟着上一个的回答走，不能排到它前面"))
    rows[at - 1], rows[at] = rows[at], rows[at - 1]
    for position, row in enumerate(rows):
        row.position = position
    audit.record(actor, "form_field:raise", question)


@writes
def remove_question(question: FormField, *, actor: Actor, now: datetime) -> None:
    """Not asked any more; what was answered stays with the registrations. Raises Conflict where another hangs on it."""
    event = question.event
    edited(event, seen=None, actor=actor, now=now)
    if any(row.when_key == question.key for row in event.fields):
        raise errors.Conflict(N_("有别的问题跟着它的回答走，先改那些问题"))
    audit.record(actor, "form_field:remove", question, key=question.key)
    event.fields.remove(question)
