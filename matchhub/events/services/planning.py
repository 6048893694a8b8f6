"""An event from its template: created, changed, published."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from matchhub.accounts.enums import OrganizationKind
from matchhub.core import audit, errors, news
from matchhub.core.clock import city_date
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries
from matchhub.events.enums import (
    AgendaKind,
    Audience,
    EventMode,
    EventState,
    EventType,
    FieldKind,
    PriorityRule,
    SeatRole,
)
from matchhub.events.models import AgendaItem, Event, EventTemplate, FormField, Room, SeatPool
from matchhub.events.news import EventPublished
from matchhub.events.policy import Permission, POLICY
from matchhub.events.workflow import EVENTS


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What an organizer says of an event; the template says the rest. `minutes` None: as the template has it."""

    title: str
    starts_at: datetime
    minutes: int | None = None
    zone: str = "Asia/Shanghai"
    mode: EventMode | None = None
    room_id: int | None = None
    place: str = ""
    join_url: str = ""
    title_en: str = ""
    summary: str | None = None
    summary_en: str | None = None
    audience: Audience = Audience.PUBLIC


@writes
def create(kind: EventType, facts: EventFacts, *, actor: Actor, now: datetime) -> Event:
    """A draft from the template in force, with its agenda, seats and form. Raises Forbidden, Invalid."""
    POLICY.check(Permission.PLAN, actor)
    template = queries.current_template(db.session(), kind, city_date(now))
    check_facts(facts, now=now)
    event = _from_template(template, facts, actor=actor)
    db.session.add(event)
    db.session.flush()
    _add_seats(event, template)
    audit.record(actor, "event:create", event, type=kind.value, template=template.number)
    return event


def check_facts(facts: EventFacts, *, now: datetime) -> None:
    """Raise Invalid for what no event can be."""
    if not facts.title.strip():
        raise errors.Invalid(N_("填写活动名称"), field="title")
    if facts.starts_at <= now:
        raise errors.Invalid(N_("开始时间要晚于现在"), field="starts_on")
    if facts.minutes is not None and not 15 <= facts.minutes <= 7 * 24 * 60:
        raise errors.Invalid(N_("时长在 15 分钟到 7 天之间"), field="minutes")
    if facts.room_id is not None and not _is_open_room(facts.room_id):
        raise errors.Invalid(N_("请从列表里选"), field="room_id")


def _is_open_room(room_id: int) -> bool:
    room = db.session.get(Room, room_id)
    return room is not None and room.closed_at is None and room.venue.closed_at is None


def _from_template(template: EventTemplate, facts: EventFacts, *, actor: Actor) -> Event:
    content, lead = template.content, template.content["lead_days"]
    minutes = facts.minutes or content["minutes"]
    closes_at = facts.starts_at - timedelta(days=lead["registration_closes"])
    public = lead.get("lineup_public")
    is_carrier = actor.organization_kind == OrganizationKind.CARRIER.value
    return Event(
        uid=f"{uuid4().hex}@matchhub",
        type=template.type,
        template_id=template.id,
        host_id=actor.organization_id,
        carrier_id=actor.organization_id if is_carrier else None,
        district_code=actor.district_code,
        title=facts.title.strip(),
        title_en=facts.title_en.strip(),
        summary=content["texts"]["summary"] if facts.summary is None else facts.summary.strip(),
        summary_en=content["texts"]["summary_en"] if facts.summary_en is None else facts.summary_en.strip(),
        audience=facts.audience,
        mode=facts.mode or EventMode(content["mode"]),
        room_id=facts.room_id,
        place=facts.place.strip(),
        join_url=facts.join_url.strip(),
        starts_at=facts.starts_at,
        ends_at=facts.starts_at + timedelta(minutes=minutes),
        zone=facts.zone,
        registration_closes_at=closes_at,
        lineup_public_at=facts.starts_at - timedelta(days=public) if public is not None else None,
        priority=PriorityRule(content["priority"]),
        offer_hours=content["offer_hours"],
        reminder_hours=list(content["reminder_hours"]),
        created_by_id=actor.user_id,
        agenda=[_agenda_item(item) for item in content["agenda"]],
        fields=[_form_field(item, position) for position, item in enumerate(content["fields"])],
    )


def _agenda_item(item: dict[str, Any]) -> AgendaItem:
    return AgendaItem(
        kind=AgendaKind(item["kind"]), offset_minutes=item["offset"], minutes=item["minutes"], title=item["title"],
        title_en=item["title_en"],
    )  # fmt: skip


def _form_field(item: dict[str, Any], position: int) -> FormField:
    return FormField(
        key=item["key"], position=position, kind=FieldKind(item["kind"]), label=item["label"],
        label_en=item["label_en"], options=item["options"], required=item["required"], roles=item["roles"],
        when_key=item["when_key"], when_values=item["when_values"],
    )  # fmt: skip


def _add_seats(event: Event, template: EventTemplate) -> None:
    db.session.add_all(
        SeatPool(
            event_id=event.id, role=SeatRole(item["role"]), position=position, capacity=item["capacity"],
            ceiling=item["capacity"], taken=0, waiting=0, needs_approval=item["approval"],
        )
        for position, item in enumerate(template.content["seats"])
    )  # fmt: skip


@writes
def publish(event: Event, *, actor: Actor, now: datetime) -> None:
    """Put it out. Raises Conflict (not a draft), Invalid (in the past, nowhere, no seats)."""
    hold(event)
    if event.state is EventState.DRAFT:
        _check_publishable(event, now=now)
    EVENTS.advance(event, "publish", actor=actor)
    event.published_at = now
    news.publish(EventPublished(event), now=now)


def _check_publishable(event: Event, *, now: datetime) -> None:
    if event.starts_at <= now:
        raise errors.Invalid(N_("开始时间要晚于现在"))
    if event.mode is not EventMode.ONLINE and event.room_id is None and not event.place:
        raise errors.Invalid(N_("填写地点，或选一个房间"))
    if not any(pool.capacity for pool in queries.pools_of(db.session(), event.id)):
        raise errors.Invalid(N_("至少给一种角色留席位"))
