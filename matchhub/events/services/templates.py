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
from matchhub.events.enums import AgendaKind, EventMode, EventType, PriorityRule, SeatRole
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


@writes
def add_template_version(kind: EventType, facts: TemplateFacts, *, actor: Actor, now: datetime) -> EventTemplate:
    """A further version; questions, pitches and other lead times are those of the version before. Raises Invalid."""
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
        "texts": {**before["texts"], "summary": facts.summary.strip(), "summary_en": facts.summary_en.strip()},
    }
