"""An engagement from the agreement to its end; what it takes of the mentor's capacity."""

from datetime import datetime

from sqlalchemy import select

from matchhub.accounts.news import OrganizationMerged
from matchhub.core import audit, dictionaries, errors, news
from matchhub.core.clock import city_date
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_, NN_
from matchhub.core.policy import Actor, SYSTEM
from matchhub.introductions import services as introductions
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Mentorship, Offer
from matchhub.matches.models import ENGAGED
from matchhub.matches.queries.columns import engaged_now
from matchhub.matches.services import exclusions
from matchhub.mentoring import queries
from matchhub.mentoring.enums import OPEN_STATES
from matchhub.mentoring.models import Engagement, Goal
from matchhub.mentoring.news import EngagementChanged, EngagementStep
from matchhub.mentoring.policy import Permission, POLICY
from matchhub.mentoring.workflow import ENGAGEMENTS
from matchhub.pipelines.news import OutcomeConfirmed
from matchhub.pipelines.queries import current_outcome, outcomes_about

GOALS_AT_MOST = 10
GOAL_LENGTH = 120


@writes
def open_engagement(introduction: Introduction, *, now: datetime) -> Engagement:
    """Both agreed. Raises Conflict where the mentor works with as many firms as it can take."""
    _take_place(introduction, now=now)
    engagement = Engagement(
        introduction_id=introduction.id,
        need_id=introduction.need_id,
        mentorship_id=introduction.offer_id,
        enterprise_id=introduction.enterprise_id,
        mentor_id=introduction.investor_id,
        opened_at=now,
    )
    db.session.add(engagement)
    db.session.flush()
    if introduction.need.teaser:
        db.session.add(Goal(engagement_id=engagement.id, words=introduction.need.teaser[:GOAL_LENGTH]))
    audit.record(SYSTEM, "engagement:open", engagement)
    return engagement


def _take_place(introduction: Introduction, *, now: datetime) -> None:
    """Two agreements at once queue at the offer's row, so that the capacity is never passed."""
    offer_id = introduction.offer_id
    db.session.execute(select(Offer.id).where(Offer.id == offer_id).with_for_update(key_share=True))
    offer = introduction.offer
    most = offer.firms_at_most if isinstance(offer, Mentorship) else None
    if most is not None and engaged_now(db.session()).get(offer_id, 0) >= most:
        raise errors.Conflict(
            NN_("这位导师同时最多辅导 %(count)s 家企业，目前已满，有空位时再同意", "count"), count=most
        )
    exclusions.exclude(introduction.need_id, offer_id, reason=ENGAGED, now=now)


@writes
def pause(engagement: Engagement, *, actor: Actor, now: datetime) -> None:
    """Stop for a while; the place stays taken."""
    _advance(engagement, "pause", actor=actor, now=now)
    news.publish(EngagementChanged(engagement, EngagementStep.PAUSED, actor.organization_id or 0), now=now)


@writes
def resume(engagement: Engagement, *, actor: Actor, now: datetime) -> None:
    """Go on."""
    _advance(engagement, "resume", actor=actor, now=now)
    news.publish(EngagementChanged(engagement, EngagementStep.RESUMED, actor.organization_id or 0), now=now)


@writes
def end(engagement: Engagement, *, reason: str, actor: Actor, now: datetime) -> None:
    """End without a result, with a reason of mentoring_exit_reasons; the introduction ends with it, the place is free.

    Raises Conflict while a result waits for its confirmation.
    """
    if reason not in {entry.code for entry in end_reasons(now=now)}:
        raise errors.Invalid(N_("选一个原因"), field="reason")
    if current_outcome(outcomes_about(db.session(), [engagement.introduction_id])) is not None:
        raise errors.Conflict(N_("有一份结果在等确认，先确认、更正或提出异议"))
    _advance(engagement, "end", reason=reason, actor=actor, now=now)
    _close(engagement, reason=reason, now=now)
    if engagement.introduction.state is IntroductionState.ACCEPTED:
        introductions.close(engagement.introduction, reason="other", actor=actor, now=now)


@writes
def end_with(introduction_id: int, *, now: datetime) -> None:
    """The introduction ended: so does the engagement, unless it ended before."""
    engagement = queries.engagements_by_introduction(db.session(), [introduction_id]).get(introduction_id)
    if engagement is not None and engagement.state in OPEN_STATES:
        _advance(engagement, "end", reason="introduction_ended", actor=SYSTEM, now=now)
        _close(engagement, reason="", now=now)


@writes
def finish_with(item: OutcomeConfirmed, *, now: datetime) -> None:
    """Both confirmed what came of it: the engagement is finished, the place is free."""
    outcome = item.outcome
    if outcome.kind is not PairingKind.MENTORING:
        return
    engagement = queries.engagements_by_introduction(db.session(), [outcome.introduction_id])[outcome.introduction_id]
    _advance(engagement, "finish", actor=SYSTEM, now=now)
    _close(engagement, reason="", now=now)


@writes
def add_goal(engagement: Engagement, words: str, *, actor: Actor, now: datetime) -> Goal:
    """Set one more goal."""
    POLICY.check(Permission.SET_GOALS, actor, engagement)
    _check_open(engagement)
    words = " ".join(words.split())
    if not words:
        raise errors.Invalid(N_("写下一个目标"), field="words")
    if len(queries.goals_of(db.session(), engagement.id)) >= GOALS_AT_MOST:
        raise errors.Invalid(N_("最多 %(most)s 个目标，先完成一些"), field="words", most=GOALS_AT_MOST)
    goal = Goal(engagement_id=engagement.id, words=words[:GOAL_LENGTH])
    db.session.add(goal)
    audit.record(actor, "engagement:goal", goal)
    return goal


@writes
def mark_goal(goal: Goal, *, reached: bool, actor: Actor, now: datetime) -> None:
    """Tick a goal off, or take the tick back."""
    POLICY.check(Permission.SET_GOALS, actor, goal)
    _check_open(goal.engagement)
    goal.reached_on = city_date(now) if reached else None
    audit.record(actor, "engagement:goal-reached" if reached else "engagement:goal-open", goal)


@writes
def follow_merge(item: OrganizationMerged, *, now: datetime) -> None:
    """Two rows were one organization: its engagements go with it."""
    kept, dropped = item.kept.id, item.dropped.id
    engagements = queries.engagements_with(db.session(), dropped)
    for engagement in engagements:
        engagement.enterprise_id = kept if engagement.enterprise_id == dropped else engagement.enterprise_id
        engagement.mentor_id = kept if engagement.mentor_id == dropped else engagement.mentor_id
    if engagements:
        audit.record(SYSTEM, "engagement:merge", item.kept, dropped=dropped, count=len(engagements))


def end_reasons(*, now: datetime) -> list[dictionaries.Entry]:
    """Why an engagement ends without a result; that the goal was reached is for the result to say."""
    entries = dictionaries.snapshot(db.session()).entries("mentoring_exit_reasons", on=city_date(now))
    return [entry for entry in entries if entry.extra.get("outcome") != "met"]


def _advance(engagement: Engagement, action: str, *, reason: str | None = None, actor: Actor, now: datetime) -> None:
    hold(engagement.introduction)  # first, as whoever ends an introduction does
    hold(engagement)
    ENGAGEMENTS.advance(engagement, action, actor=actor, reason=reason)
    engagement.introduction.last_activity_at = now


def _close(engagement: Engagement, *, reason: str, now: datetime) -> None:
    engagement.exit_reason, engagement.closed_at = reason, now
    exclusions.release(engagement.need_id, engagement.mentorship_id, reason=ENGAGED)


def _check_open(engagement: Engagement) -> None:
    if engagement.state not in OPEN_STATES:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=engagement.state)
