"""Templates as versioned data: an administrator adds a version, events keep the one they came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from matchhub.core import audit, errors
from matchhub.core.clock import city_date
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries
from matchhub.events.enums import AgendaKind, EventMode, EventType, PriorityRule, QuestionKind, SeatRole
from matchhub.events.models import EventTemplate
from matchhub.events.policy import Permission, POLICY
from matchhub.events.services.seats import MOST_SEATS


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One item as an administrator writes it; items follow one another."""

    minutes: int
    kind: AgendaKind
    title: str
    title_en: str = ""


@dataclass(frozen=True, slots=True)
class FeedbackQuestion:
    """One question after the event as an administrator writes it."""

    kind: QuestionKind
    label: str
    label_en: str = ""


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """What a version says. `seats`: role → (capacity, needs approval); hours before the start in `reminder_hours`."""

    summary: str
    summary_en: str
    mode: EventMode
    starts: str
    agenda: Sequence[AgendaLine]
    seats: Mapping[SeatRole, tuple[int, bool]]
    registration_closes_days: int
    lineup_public_days: int | None
    reminder_hours: Sequence[int]
    priority: PriorityRule
    offer_hours: int
    source: str
    effective_from: date
    feedback: Sequence[FeedbackQuestion] = ()  # empty: as the version before


FEWEST_QUESTIONS, MOST_QUESTIONS = 3, 5


@writes
def add_template_version(kind: EventType, facts: TemplateFacts, *, actor: Actor, now: datetime) -> EventTemplate:
    """A further version; questions of the form, pitches and other lead times are those of the version before. Raises Invalid."""
    POLICY.check(Permission.EDIT_TEMPLATES, actor)
    _check(facts, now=now)
    newest = queries.newest_template(db.session(), kind)
    row = EventTemplate(
        type=kind, number=newest.number + 1, effective_from=facts.effective_from, source=facts.source.strip()[:300],
        content=_content(newest.content, facts), created_by_id=actor.user_id,
    )  # fmt: skip
    db.session.add(row)
    audit.record(actor, "event_template:add", row, type=kind.value, number=row.number)
    return row


def _check(facts: TemplateFacts, *, now: datetime) -> None:
    if facts.effective_from < city_date(now):
        raise errors.Invalid(N_("生效日期不能早于今天"), field="effective_from")
    if not facts.agenda:
        raise errors.Invalid(N_("至少写一项议程"), field="agenda")
    if not any(capacity for capacity, _ in facts.seats.values()):
        raise errors.Invalid(N_("至少给一种角色留席位"), field="agenda")
    if any(not 0 <= capacity <= MOST_SEATS for capacity, _ in facts.seats.values()):
        raise errors.Invalid(N_("请填写 %(low)s 到 %(high)s 之间的整数"), field="agenda", low=0, high=MOST_SEATS)
    if facts.feedback and not FEWEST_QUESTIONS <= len(facts.feedback) <= MOST_QUESTIONS:
        raise errors.Invalid(N_("问 3 到 5 个问题，一分钟答得完"), field="feedback")
    if sum(question.kind is QuestionKind.TEXT for question in facts.feedback) > 1:
        raise errors.Invalid(N_("最多一个问题要写字"), field="feedback")


def _content(before: Mapping[str, Any], facts: TemplateFacts) -> dict[str, Any]:
    agenda, offset = [], 0
    for line in facts.agenda:
        agenda.append(
            {
                "kind": line.kind.value,
                "offset": offset,
                "minutes": line.minutes,
                "title": line.title,
                "title_en": line.title_en,
            }
        )
        offset += line.minutes
    lead = {**before["lead_days"], "registration_closes": facts.registration_closes_days}
    if facts.lineup_public_days is None:
        lead.pop("lineup_public", None)
    else:
        lead["lineup_public"] = facts.lineup_public_days
    return {
        **before,
        "minutes": offset,
        "mode": facts.mode.value,
        "starts": facts.starts,
        "agenda": agenda,
        "seats": [
            {"role": role.value, "capacity": capacity, "approval": approval}
            for role, (capacity, approval) in facts.seats.items()
            if capacity
        ],
        "lead_days": lead,
        "reminder_hours": sorted(set(facts.reminder_hours), reverse=True),
        "priority": facts.priority.value,
        "offer_hours": facts.offer_hours,
        "feedback": _questions(before.get("feedback", []), facts.feedback),
        "texts": {**before["texts"], "summary": facts.summary.strip(), "summary_en": facts.summary_en.strip()},
    }


def _questions(before: list[dict[str, Any]], asked: Sequence[FeedbackQuestion]) -> list[dict[str, Any]]:
    """The questions after the event; one that is asked as before keeps its key."""
    if not asked:
        return before
    keys = {row["label"]: row["key"] for row in before}
    return [
        {
            "key": keys.get(question.label, f"q{number}"),
            "kind": question.kind.value,
            "label": question.label,
            "label_en": question.label_en,
        }
        for number, question in enumerate(asked, start=1)
    ]
