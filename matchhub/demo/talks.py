"""Introductions as they were planned: asked, answered, talked over, met about, ended. A rule that says no is obeyed."""

from datetime import datetime
from random import Random

from matchhub.accounts.models import Organization
from matchhub.core import errors
from matchhub.core.db import db
from matchhub.core.texts import TextKind
from matchhub.demo import content
from matchhub.demo.deals import move_at, result_at, step_at
from matchhub.demo.plans import Answer, Plan, Talk
from matchhub.demo.stage import Stage
from matchhub.disclosure.services import Choice
from matchhub.introductions import services
from matchhub.introductions.enums import IntroductionState, MeetingMode, MeetingState
from matchhub.introductions.models import Introduction, Meeting
from matchhub.introductions.queries import askable_pair, overdue
from matchhub.listings import services as listings

CONSENTS = (TextKind.CONTACT_CONSENT, TextKind.MATERIALS_CONSENT)
PLACES = ("载体共享会议室", "企业会议室", "机构会议室")


def lay_down_nights(stage: Stage, days: int) -> None:
    """What the worker does at night, every other night here: ends what has outlived its time, reminds of what soon will."""
    for day in range(days, 0, -2):
        stage.timeline.at(stage.ago(day, hour=2), night)


def night(*, now: datetime) -> None:
    """One night."""
    listings.expire_due(now)
    listings.remind_expiring(now)
    for introduction in overdue(db.session(), now=now):
        services.expire(introduction, now=now)


def ask(stage: Stage, plan: Plan, *, now: datetime) -> None:
    """The first step of a plan; nothing comes of it where the rules do not allow the request."""
    if plan.need not in stage.needs or plan.offer not in stage.offers:
        return
    asker = plan.need if plan.by_firm else plan.offer
    actor = stage.actor(asker)
    pair = askable_pair(actor, stage.needs[plan.need], stage.offers[plan.offer])
    if pair is None:
        return
    kind = "asks_by_firm" if plan.by_firm else "asks_by_investor"
    purpose = words(stage, plan, content.lines(kind))
    try:
        introduction = services.ask(pair, choice(stage, asker, now), purpose=purpose, actor=actor, now=now)
    except (errors.LimitReached, errors.NotFound):
        return
    stage.timeline.at(plan.answered_at, answer, stage, plan, introduction.id)


def choice(stage: Stage, key: str, now: datetime) -> Choice:
    """What a side opens: its contact always; a firm its plan and terms too, where it has one."""
    contact_text, materials_text = stage.texts(*CONSENTS, now=now)
    deck = stage.decks.get(key)
    is_open = key in stage.needs
    return Choice(
        contact=True, materials=is_open, terms=is_open, file_ids=(deck,) if deck else (),
        contact_text_id=contact_text, materials_text_id=materials_text if is_open else None,
    )  # fmt: skip


def words(stage: Stage, plan: Plan, lines: list[str]) -> str:
    """One of the lines, with the names of the two in it."""
    firm, investor = stage.organization(plan.need), stage.organization(plan.offer)
    return stage.rng.choice(lines).format(firm=firm.label, investor=investor.label)


def answer(stage: Stage, plan: Plan, introduction_id: int, *, now: datetime) -> None:
    """Yes, no, nothing, or the asker takes it back."""
    introduction = stage.get(Introduction, introduction_id)
    if introduction.state is not IntroductionState.REQUESTED or not introduction.is_open(now):
        return
    asker, other = (plan.need, plan.offer) if plan.by_firm else (plan.offer, plan.need)
    if plan.answer is Answer.WITHDRAWN:
        services.withdraw(introduction, actor=stage.actor(asker), now=now)
    elif plan.answer is Answer.DECLINE:
        kind = stage.get(Organization, stage.organizations[other]).kind.value
        reasons = services.refusal_reasons(kind, now=now, quick=True)
        services.decline(introduction, reason=stage.rng.choice(reasons).code, actor=stage.actor(other), now=now)
    elif plan.answer is Answer.ACCEPT:
        services.accept(introduction, choice(stage, other, now), actor=stage.actor(other), now=now)
        _lay_down_course(stage, plan, introduction_id)


def _lay_down_course(stage: Stage, plan: Plan, introduction_id: int) -> None:
    line = stage.timeline
    for at, by_firm in plan.lines:
        line.at(at, write, stage, plan, introduction_id, by_firm)
    for talk in plan.talks:
        line.at(talk.proposed_at, propose, stage, plan, introduction_id, talk)
    for at, action in plan.stages:
        line.at(at, move_at, stage, plan, introduction_id, action)
    for at in plan.next_steps:
        line.at(at, step_at, stage, plan, introduction_id)
    if plan.finish is not None:
        line.at(plan.finish.entered_at, result_at, stage, plan, introduction_id)
    if plan.ending is not None:
        line.at(plan.ending[0], end, stage, plan, introduction_id, plan.ending[1])


def agreed(stage: Stage, introduction_id: int) -> Introduction | None:
    """The introduction, while both still talk."""
    introduction = stage.get(Introduction, introduction_id)
    return introduction if introduction.state is IntroductionState.ACCEPTED else None


def write(stage: Stage, plan: Plan, introduction_id: int, by_firm: bool, *, now: datetime) -> None:
    """A line in the thread."""
    introduction = agreed(stage, introduction_id)
    if introduction is None:
        return
    kind = "firm_messages" if by_firm else "investor_messages"
    key = plan.need if by_firm else plan.offer
    services.write(introduction, words(stage, plan, content.lines(kind)), actor=stage.actor(key), now=now)


def propose(stage: Stage, plan: Plan, introduction_id: int, talk: Talk, *, now: datetime) -> None:
    """A time is proposed; the other side agrees, or not, or has not said yet."""
    introduction = agreed(stage, introduction_id)
    if introduction is None or talk.starts_at <= now:
        return
    rng: Random = stage.rng
    mode = rng.choice((MeetingMode.ON_SITE, MeetingMode.ON_SITE, MeetingMode.ONLINE, MeetingMode.PHONE))
    meeting = services.propose(
        introduction, starts_at=talk.starts_at, minutes=rng.choice((30, 45, 60, 90)), mode=mode,
        place=rng.choice(PLACES) if mode is MeetingMode.ON_SITE else "",
        note=words(stage, plan, content.lines("meeting_proposals")),
        actor=stage.actor(plan.need if talk.by_firm else plan.offer), now=now,
    )  # fmt: skip
    db.session.flush()
    if talk.agreed is not None:
        soon = now + (talk.starts_at - now) / 3
        stage.timeline.at(soon, answer_meeting, stage, plan, meeting.id, talk)


def answer_meeting(stage: Stage, plan: Plan, meeting_id: int, talk: Talk, *, now: datetime) -> None:
    """The other side looks into its calendar."""
    meeting = stage.get(Meeting, meeting_id)
    if meeting.state is not MeetingState.PROPOSED or agreed(stage, meeting.introduction_id) is None:
        return
    actor = stage.actor(plan.offer if talk.by_firm else plan.need)
    if not talk.agreed:
        services.decline_meeting(meeting, actor=actor, now=now)
        return
    services.accept_meeting(meeting, actor=actor, now=now)
    if talk.reported:
        stage.timeline.at(stage.after(talk.starts_at, 0.05, 1), report, stage, plan, meeting_id)


def report(stage: Stage, plan: Plan, meeting_id: int, *, now: datetime) -> None:
    """They have met."""
    meeting = stage.get(Meeting, meeting_id)
    if meeting.state is MeetingState.ACCEPTED and agreed(stage, meeting.introduction_id) is not None:
        key = stage.rng.choice((plan.need, plan.offer))
        summary = words(stage, plan, content.lines("minutes"))
        services.report_meeting(meeting, summary=summary, actor=stage.actor(key), now=now)


def end(stage: Stage, plan: Plan, introduction_id: int, how: str, *, now: datetime) -> None:
    """One side has had enough."""
    introduction = agreed(stage, introduction_id)
    if introduction is None:
        return
    key = stage.rng.choice((plan.need, plan.offer))
    if how == "revoke":
        services.revoke(introduction, actor=stage.actor(key), now=now)
    else:
        services.close(introduction, reason="terms_unsuitable", actor=stage.actor(key), now=now)
