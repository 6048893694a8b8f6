"""The city's events and after: who meets at a table, who came, what people said, what became of whom they met.

Draws by chance of its own for each event, so that the rest of the city's story is the same with it and without.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Select, select

from matchhub.core.db import db
from matchhub.core.policy import Actor, SYSTEM
from matchhub.demo import talks
from matchhub.demo.market import CHECKED, DRAFTS, GIVEN_BACK, UNFUNDED
from matchhub.demo.plans import Answer, drawn
from matchhub.demo.scenes import FIRM, FUND
from matchhub.demo.stage import Stage
from matchhub.events import queries, services
from matchhub.events.enums import (
    AgendaKind,
    AHEAD_STATES,
    CheckInWay,
    EventState,
    EventType,
    FollowUpAnswer,
    MeetingOutcome,
    MeetingSide,
    OVER_STATES,
    QuestionKind,
    RegistrationState,
    WishKind,
)
from matchhub.events.models import (
    Event,
    Feedback,
    FollowUp,
    MeetingGuest,
    MeetingRound,
    MeetingWish,
    Registration,
)
from matchhub.events.queries.contacts import GATHERED_FOR
from matchhub.events.services import Arrival, RoundFacts
from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need

SCENES = (
    "boxian", "chuli", "dubei", "geling", "fankou", "lianghu", "licheng", "qibai", "xitong", "jiandu", "zhaobi", "panyu",
)  # fmt: skip
LEFT_ALONE = {FIRM, FUND, *SCENES, *UNFUNDED, *DRAFTS, *CHECKED, *GIVEN_BACK}  # have a story of their own

WORDS = (
    "认识了两家正好在看我们方向的机构，比自己跑半年强。",
    "路演节奏紧凑，提问环节再长一点更好。",
    "一对一会谈最有用，桌号和时间一目了然。",
    "场地离公交站近，签到很快。",
    "希望下次能提前一周看到项目清单。",
    "讲师讲的都是自己踩过的坑，带着问题来，带着答案走。",
    "银行的人当场把材料清单讲清楚了。",
    "茶歇时间短，聊不完。",
    "组织得好，准点开始准点结束。",
    "和同园区的企业第一次坐在一起，准备合作一个项目。",
)
THANKS = "谢谢到场的企业、机构和导师。会后有问题找载体运营，我们继续跟进。"
REPORTED = (EventType.ROADSHOW, EventType.FINANCE_INTO_INCUBATOR, EventType.MATCHING_SESSION, EventType.EXPRESS)
MOODS = (3, 4, 4, 5, 5, 5)
CAME = 0.82
ANSWERED = 0.72
LATEST_ANSWER = 40  # hours after the end
GO_ON, FUNDED = 0.85, 0.5  # of the pairs that met at a table; of those that go on


def lay_down(common: Stage, event: Event) -> None:
    """What follows an event, at its own moments."""
    stage = replace(common, rng=Random(f"after {event.title} {event.starts_at}"))
    line, end = stage.timeline, event.ends_at
    if any(item.kind is AgendaKind.MEETINGS for item in event.agenda) and event.starts_at < stage.now:
        line.at(event.starts_at - timedelta(hours=22), _open_tables, stage, event.id)
        line.at(end - timedelta(minutes=2), _sit_down, stage, event.id)
    line.at(event.starts_at + timedelta(minutes=5), _come, stage, event.id)
    line.at(end + timedelta(hours=1, minutes=5), _ask, stage, event.id)
    line.at(end + timedelta(days=16), _report, stage, event.id)
    for day in (8, *(days + 0.1 for days in (7, 30, 90, 180))):
        line.at(end + timedelta(days=day, hours=1), _follow_up, stage, event.id)


def _open_tables(stage: Stage, event_id: int, *, now: datetime) -> None:
    """Who is registered joins and says whom to meet; the plan is made and told."""
    event, host = stage.get(Event, event_id), _host(stage, event_id)
    if event.state not in AHEAD_STATES or host is None:
        return
    found = services.open_meetings(event, RoundFacts(6, now + timedelta(hours=2)), actor=host, now=now)
    guests: dict[MeetingSide, list[MeetingGuest]] = {side: [] for side in MeetingSide}
    for place in db.session.scalars(_seated(event_id)).all():
        side = services.side_of(place)
        if side is not None and place.user_id is not None:
            person = Actor(user_id=place.user_id, name=place.name, organization_id=place.organization_id)
            guests[side].append(services.join(place, [], actor=person, now=now))
    for giver in guests[MeetingSide.GIVER]:
        firms = stage.rng.sample(guests[MeetingSide.FIRM], len(guests[MeetingSide.FIRM]))
        for firm in sorted(firms, key=lambda one: not _seeks(stage, one))[:4]:
            db.session.add(MeetingWish(guest_id=giver.id, other_id=firm.id, kind=WishKind.GLADLY))
    db.session.flush()
    if all(guests.values()):
        services.adopt(found, services.draft(found, now=now), actor=host, now=now)
        services.publish_meetings(stage.get(MeetingRound, found.id), actor=host, now=now)


def _sit_down(stage: Stage, event_id: int, *, now: datetime) -> None:
    """Who came met whom the plan said; some of those pairs ask for an introduction in the following days."""
    host, found = _host(stage, event_id), queries.round_of(db.session(), event_id)
    if host is None or found is None:
        return
    for row in queries.meetings_of(db.session(), found.id):
        came = {side.registration.state for side in (row.giver, row.firm)} == {RegistrationState.ATTENDED}
        services.record_outcome(row, MeetingOutcome.MET if came else MeetingOutcome.MISSED, actor=host)
        if came:
            _go_on(stage, row.firm, row.giver, now=now)


def _go_on(stage: Stage, firm: MeetingGuest, giver: MeetingGuest, *, now: datetime) -> None:
    keys = {stage.organizations[key]: key for key in stage.organizations}
    need, offer = (keys.get(one.registration.organization_id or 0, "") for one in (firm, giver))
    if need not in stage.needs or offer not in stage.offers or need in LEFT_ALONE or offer in LEFT_ALONE:
        return
    if stage.rng.random() < GO_ON:
        at = stage.after(now, 0.5, 5)
        plans = (drawn(stage, need, offer, at, 1.0) for _ in range(20))
        funded = stage.rng.random() < FUNDED
        agreed = (plan for plan in plans if plan.answer is Answer.ACCEPT and plan.ending is None)
        plan = next((plan for plan in agreed if plan.finish is not None or not funded), None)
        if plan is not None:
            stage.timeline.at(at, talks.ask, stage, plan)


def _seeks(stage: Stage, firm: MeetingGuest) -> bool:
    """Whether a firm looks for money at this moment."""
    owner = firm.registration.organization_id
    found = (stage.get(Need, stage.needs[key]) for key in stage.needs if stage.organizations.get(key) == owner)
    return any(need.state is NeedState.OPEN for need in found)


def _seated(event_id: int) -> Select[Registration]:
    return (
        select(Registration)
        .where(Registration.event_id == event_id, Registration.state == RegistrationState.REGISTERED)
        .order_by(Registration.id)
    )


def _host(stage: Stage, event_id: int) -> Actor | None:
    host_id = stage.get(Event, event_id).host_id
    actors = (stage.actor(key) for key in stage.members if key.startswith("op_"))
    return next((actor for actor in actors if actor.organization_id == host_id), None)


def _come(stage: Stage, event_id: int, *, now: datetime) -> None:
    """Most of those with a seat come, and are scanned at the door."""
    event = stage.get(Event, event_id)
    if event.state is EventState.CANCELLED:
        return
    host = _host(stage, event_id)
    places = db.session.scalars(_seated(event_id)).all()
    here = [place.id for place in places if stage.rng.random() < CAME]
    if host is not None and here:
        arrivals = [Arrival(now, CheckInWay.SCAN, registration_id=place_id) for place_id in here]
        services.admit(event, arrivals, actor=host, now=now)


def _ask(stage: Stage, event_id: int, *, now: datetime) -> None:
    """Those who came are asked, and most of them answer within two days."""
    event = stage.get(Event, event_id)
    if event.state is not EventState.HELD:
        return
    while services.ask_feedback(event, now=now):
        pass
    for row in db.session.scalars(select(Feedback).where(Feedback.event_id == event_id).order_by(Feedback.id)).all():
        if stage.rng.random() < ANSWERED:
            stage.timeline.at(now + timedelta(hours=stage.rng.uniform(0.2, LATEST_ANSWER)), _say, stage, row.id)


def _say(stage: Stage, feedback_id: int, *, now: datetime) -> None:
    row, rng = stage.get(Feedback, feedback_id), stage.rng
    raw: dict[str, str] = {}
    for asked in queries.questions_of(row.event):
        kind = QuestionKind(asked["kind"])
        if kind is QuestionKind.RATING:
            raw[asked["key"]] = str(rng.choice(MOODS))
        elif kind is QuestionKind.YES_NO:
            raw[asked["key"]] = "yes" if rng.random() < 0.9 else "no"
        elif rng.random() < 0.45:
            raw[asked["key"]] = rng.choice(WORDS)
    services.answer_feedback(row, raw, quotable=rng.random() < 0.6, now=now)


def _follow_up(stage: Stage, event_id: int, *, now: datetime) -> None:
    """Contacts are written down, both sides are asked, most answer as things stand."""
    event = stage.get(Event, event_id)
    if event.state is not EventState.HELD:
        return
    services.gather(event, now=now)
    db.session.flush()
    services.ask_follow_ups(now=now)
    db.session.flush()
    waiting = db.session.scalars(
        select(FollowUp).where(FollowUp.answered_at.is_(None), FollowUp.asked_at == now).order_by(FollowUp.id)
    ).all()
    for row in waiting:
        if stage.rng.random() < 0.6:
            stage.timeline.at(now + timedelta(hours=stage.rng.uniform(1, 60)), _answer, stage, row.id)
    if now >= event.ends_at + GATHERED_FOR and all(
        contact.ended_at is not None for contact in queries.contacts_of(db.session(), event_id)
    ):
        services.finish_follow_up(event, actor=SYSTEM, now=now)


def _report(stage: Stage, event_id: int, *, now: datetime) -> None:
    """The host publishes what the event came to."""
    event, host = stage.get(Event, event_id), _host(stage, event_id)
    if host is None or event.state not in OVER_STATES or event.type not in REPORTED:
        return
    figures = queries.figures_of(db.session(), host, event, for_all=True, now=now)
    services.publish_report(event, figures, THANKS, actor=host, now=now)


def _answer(stage: Stage, follow_up_id: int, *, now: datetime) -> None:
    row = stage.get(FollowUp, follow_up_id)
    if not services.is_answerable(row, now=now):
        return
    going_on = row.contact.introduction_id is not None
    likely = (
        (FollowUpAnswer.TALKING,)
        if going_on
        else (FollowUpAnswer.WAITING, FollowUpAnswer.TALKING, FollowUpAnswer.TALKING, FollowUpAnswer.NOTHING)
    )
    services.answer_follow_up(row, stage.rng.choice(likely), user_id=None, now=now)
