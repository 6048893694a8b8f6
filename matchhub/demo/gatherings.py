"""The city's year of events: houses, a series, roadshows, forums; who came, who waits, what was moved or called off."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from matchhub.core import errors
from matchhub.core.clock import CITY_ZONE
from matchhub.core.db import db, unit_of_work
from matchhub.core.policy import Actor, SYSTEM
from matchhub.core.workdays import is_workday
from matchhub.demo import aftermath, jurors, lineups
from matchhub.demo.stage import Stage
from matchhub.events import queries, services
from matchhub.events.enums import EventState, EventType, HolidayRule, RegistrationState, Rhythm
from matchhub.events.models import Announcement, Event, Registration, Room
from matchhub.events.services import Applicant, EventFacts, RhythmFacts

HOUSES = (
    ("op_gd_accelerator", "加速器大楼", "Accelerator house", "葛店大道 9 号", "公交 9 路到加速器站",
     (("路演厅", "Pitch hall", 120), ("二楼会议室", "Meeting room, 2nd floor", 40))),
    ("op_ec_binjiang", "滨江科创中心", "Riverside centre", "滨江路 1 号", "公交 3 路到滨江路站",
     (("报告厅", "Lecture hall", 200), ("咖啡角", "Café corner", 30))),
    ("op_lk_taifu", "泰富广场", "Taifu Plaza", "临空大道 66 号", "地铁口步行 5 分钟", (("三楼多功能厅", "Hall, 3rd floor", 90),)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gathering:
    """One event. `days` from the present to its day; `seats` of firms where the template's are not wanted."""

    days: int
    kind: EventType
    host: str
    title: str
    title_en: str
    room: int  # which of the rooms, from 0
    guests: int = 14
    seats: int | None = None
    fate: str = ""  # moved, cancelled


E_, R, F, T = EventType.EXPRESS, EventType.ROADSHOW, EventType.FORUM, EventType.TRAINING
G, A, B = "op_gd_accelerator", "op_ec_binjiang", "op_lk_taifu"
GATHERINGS = (
    Gathering(-205, F, A, "新材料产业论坛", "Forum on new materials", 2, 24),
    Gathering(-190, T, G, "知识产权入门", "Intellectual property, a beginning", 1),
    Gathering(-176, R, G, "新材料专场路演", "Roadshow: new materials", 0, 20),
    Gathering(-160, EventType.FINANCE_INTO_INCUBATOR, B, "科技金融走进泰富广场", "Finance visits Taifu Plaza", 4),
    Gathering(-148, T, A, "财税合规半日课", "Tax and bookkeeping in half a day", 3),
    Gathering(-133, E_, A, "科技人才金融服务直通车·滨江站", "Finance express: Riverside", 2, 16),
    Gathering(-120, EventType.EXCHANGE, G, "载体联盟交流日", "Carriers meet", 0, 10),
    Gathering(-104, R, A, "大健康专场路演", "Roadshow: health", 2, 18),
    Gathering(-90, EventType.STUDY_TOUR, B, "走进东湖：标杆孵化器一日行", "A day at East Lake’s incubators", 4, 10),
    Gathering(-76, T, G, "路演怎么讲", "How to pitch", 1, 12),
    Gathering(-62, EventType.MATCHING_SESSION, A, "高校成果对接会", "Universities meet firms", 2, 16),
    Gathering(-47, F, G, "光电子信息产业论坛", "Forum on photonics", 0, 24),
    Gathering(-34, R, B, "高端装备专场路演", "Roadshow: equipment", 4, 16),
    Gathering(-27, E_, G, "科技人才金融服务直通车·葛店站", "Finance express: Gedian", 0, 16),
    Gathering(-19, T, A, "创新积分怎么用", "What the innovation score is good for", 3, 10, None, "cancelled"),
    Gathering(-12, EventType.CONTEST, A, "鄂州创业大赛决赛", "Ezhou start-up contest, final", 2, 30),
    Gathering(6, R, G, "葛店岁末路演", "Year-end roadshow in Gedian", 0, 22, 12),
    Gathering(9, T, A, "股权架构与期权", "Shares and options", 3, 14, 8),
    Gathering(13, EventType.FINANCE_INTO_INCUBATOR, B, "科技金融走进临空", "Finance visits the airport zone", 4, 10),
    Gathering(16, F, A, "数字经济产业论坛", "Forum on the digital economy", 2, 20, None, "moved"),
    Gathering(20, E_, B, "科技人才金融服务直通车·临空站", "Finance express: airport zone", 4, 10),
    Gathering(24, EventType.EXCHANGE, G, "与武汉东湖载体的双向交流", "Exchange with East Lake", 1, 6),
    Gathering(38, R, A, "新春首场路演", "First roadshow of the year", 2, 10),
    Gathering(52, EventType.MATCHING_SESSION, G, "产研院成果对接会", "Institutes meet firms", 0, 6),
)  # fmt: skip


def lay_down(stage: Stage) -> None:
    """Houses in the first weeks, then every event with its lead, its guests and its end."""
    opening = stage.start + timedelta(days=26)
    stage.timeline.at(opening, _open_houses, stage)
    for number, gathering in enumerate(GATHERINGS):
        starts_at = _day(stage, gathering.days)
        begins = max(starts_at - timedelta(days=stage.rng.randint(16, 30)), opening + timedelta(hours=1 + number))
        stage.timeline.at(min(begins, stage.ago(1, hour=9, minute=number)), _plan, stage, gathering, starts_at)
    thursday = stage.now.astimezone(CITY_ZONE).date() - timedelta(days=140)
    thursday += timedelta(days=(3 - thursday.weekday()) % 7)
    salon = RhythmFacts(Rhythm.WEEKLY, 2, HolidayRule.SKIP, count=16, title="双周四创业沙龙")
    stage.timeline.at(_at(thursday - timedelta(days=12), 10), _series, stage, G, "创业沙龙", thursday, salon)


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), CITY_ZONE)


def _day(stage: Stage, days: int) -> datetime:
    """Two in the afternoon of the working day so many days from the present."""
    day = stage.now.astimezone(CITY_ZONE).date() + timedelta(days=days)
    while not is_workday(day):
        day += timedelta(days=1)
    return _at(day, 14)


def _open_houses(stage: Stage, *, now: datetime) -> None:
    for key, name, name_en, address, transport, rooms in HOUSES:
        keeper = stage.actor(key)
        venue = services.add_venue(
            name=name, name_en=name_en, address=address, transport=transport, actor=keeper, now=now
        )  # fmt: skip
        for room, room_en, capacity in rooms:
            services.add_room(venue, name=room, name_en=room_en, capacity=capacity, actor=keeper, now=now)


def _room(number: int) -> int:
    return list(db.session.scalars(select(Room.id).order_by(Room.id)))[number]


def _plan(stage: Stage, gathering: Gathering, starts_at: datetime, *, now: datetime) -> None:
    """From the template to the public page; guests follow."""
    host = stage.actor(gathering.host)
    facts = EventFacts(gathering.title, starts_at, title_en=gathering.title_en, room_id=_room(gathering.room))
    event = services.create(gathering.kind, facts, actor=host, now=now)
    if gathering.seats is not None:
        pool = queries.pools_of(db.session(), event.id)
        firms = next(one for one in pool if one.role.value == "enterprise")
        services.set_capacity(firms, gathering.seats, actor=host, now=now)
    services.publish(event, actor=host, now=now)
    lineups.lay_down(stage, event, gathering.host, now=now)
    _fill(stage, event, gathering.guests, now=now)
    if gathering.fate:
        change_at = now + (min(starts_at, stage.now) - now) * 0.8
        stage.timeline.at(change_at, _change, stage, event.id, gathering)
    _end(stage, event)


def _series(
    stage: Stage, key: str, title: str, first: date, facts: RhythmFacts, *, now: datetime
) -> None:  # fmt: skip
    host = stage.actor(key)
    event = services.create(
        EventType.SALON,
        EventFacts(title, _at(first, 14), title_en="Founders’ salon", room_id=_room(1)),
        actor=host,
        now=now,
    )
    services.publish(event, actor=host, now=now)
    series = services.make_series(event, facts, actor=host, now=now)
    db.session.flush()
    for one in queries.events_of_series(db.session(), series.id):
        stage.timeline.at(max(now, one.starts_at - timedelta(days=11)), _invite_again, stage, one.id)
        _end(stage, one)


def _invite_again(stage: Stage, event_id: int, *, now: datetime) -> None:
    _fill(stage, stage.get(Event, event_id), 9, now=now)


def _fill(stage: Stage, event: Event, guests: int, *, now: datetime) -> None:
    """Guests register at moments between now and the end of registration, as far as that lies in the past."""
    until = min(event.registration_closes_at, stage.now)
    keys = sorted(key for key in stage.members if not key.startswith(("op_", "city", "administrator", "auditor")))
    for key in stage.rng.sample(keys, min(guests, len(keys))):
        moment = now + (until - now) * stage.rng.uniform(0.02, 0.95)
        stage.timeline.at(moment, _register, stage, event.id, key)


def _register(stage: Stage, event_id: int, key: str, *, now: datetime) -> None:
    """One guest, where there are seats for such a guest; now and then the guest leaves again, or accepts what is offered."""
    event, guest = stage.get(Event, event_id), stage.actor(key)
    roles = {pool.role for pool in queries.pools_of(db.session(), event_id)}
    role = next((one for one in services.roles_for(guest) if one in roles), None)
    if role is None or not event.takes_registrations(now):
        return
    try:
        made = services.register(event, role, Applicant.of(guest), actor=guest, now=now)
    except errors.Conflict:  # came by another way before
        return
    db.session.flush()
    if made.state is RegistrationState.PENDING and stage.rng.random() < 0.7:
        services.approve(made, actor=_host_of(stage, event), now=now)
    if stage.rng.random() < 0.12:
        stage.timeline.at(now + timedelta(days=stage.rng.uniform(0.5, 3)), _leave, stage, made.id, key)


def _host_of(stage: Stage, event: Event) -> Actor:
    return stage.actor(_host_key(event, stage))


def _host_key(event: Event, stage: Stage) -> str:
    return next(key for key, *_ in HOUSES if stage.actor(key).organization_id == event.host_id)


def _leave(stage: Stage, registration_id: int, key: str, *, now: datetime) -> None:
    row = stage.get(Registration, registration_id)
    if row.event.is_ahead(now) and row.state is not RegistrationState.CANCELLED:
        services.leave(row, actor=stage.actor(key), now=now)


def _change(stage: Stage, event_id: int, gathering: Gathering, *, now: datetime) -> None:
    """What was planned is moved by a week, or called off; everybody concerned hears of it."""
    event, host = stage.get(Event, event_id), stage.actor(gathering.host)
    if gathering.fate == "moved":
        services.move(event, event.starts_at + timedelta(days=7), reason="主讲人行程有变", actor=host, now=now)
    else:
        services.cancel(event, reason="讲师生病，另选时间", actor=host, now=now)
    stage.timeline.at(now + timedelta(minutes=1), _tell, stage, event_id)


def _tell(stage: Stage, event_id: int, *, now: datetime) -> None:
    for row in db.session.scalars(select(Announcement).where(Announcement.event_id == event_id)).all():
        while not services.tell_change(row, now=now):
            pass


def _end(stage: Stage, event: Event) -> None:
    """Offers lapse, registration closes, the event is held."""
    stage.timeline.at(event.registration_closes_at, _close, stage, event.id)
    stage.timeline.at(event.ends_at, _hold, stage, event.id)
    aftermath.lay_down(stage, event)
    jurors.lay_down(stage, event, _host_key(event, stage))


def _close(stage: Stage, event_id: int, *, now: datetime) -> None:
    services.lapse_offers(now=now)
    event = stage.get(Event, event_id)
    if event.state is EventState.PUBLISHED and event.registration_closes_at <= now:
        services.close(event, actor=SYSTEM, now=now)


def _hold(stage: Stage, event_id: int, *, now: datetime) -> None:
    event = stage.get(Event, event_id)
    if event.state in (EventState.PUBLISHED, EventState.CLOSED) and event.ends_at <= now:
        services.mark_held(event, actor=SYSTEM, now=now)


def invite_cast(stage: Stage) -> None:
    """Who may be tried has places at what is ahead, too: the bank and the mentor of the cast come from the crowd."""
    now = stage.now
    with unit_of_work() as session:
        for key in ("xinghe", "yuanshan", "bank", "mentor"):
            coming = queries.coming_public(session, now=now, limit=6)
            for event in coming[:: 2 if key in ("xinghe", "mentor") else 3]:
                _register(stage, event.id, key, now=now)
                session.flush()
