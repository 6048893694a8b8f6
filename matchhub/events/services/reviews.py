"""Reviewing: who is asked, what they say, when it counts, and who declares an interest."""

from collections.abc import Mapping
from datetime import datetime

from matchhub.core import audit, errors, news
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries
from matchhub.events.enums import ApplicationState
from matchhub.events.models import Event, PitchCall, PitchReview, PitchReviewer
from matchhub.events.news import ReviewerNamed
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import ReviewTask

REMARK_LENGTH, CONFLICT_LENGTH = 500, 300
GONE = N_("没有这一页，或者你不能看")


@writes
def name_reviewer(event: Event, user_id: int | None, *, actor: Actor, now: datetime) -> PitchReviewer:
    """Ask somebody to score the applications; the person is told. Raises Forbidden, Invalid, Conflict (no call yet)."""
    POLICY.check(Permission.ORGANIZE, actor, event)
    if queries.call_of(db.session(), event.id) is None:
        raise errors.Conflict(N_("先开放征集，再请评审"))
    found = {one.user_id: one for one in queries.reviewer_candidates(db.session(), event)}
    if user_id not in found:
        raise errors.Invalid(N_("请从列表里选"), field="reviewer")
    row = PitchReviewer(
        event=event, user_id=user_id, organization_id=found[user_id].organization_id, named_by_id=actor.user_id
    )
    db.session.add(row)
    db.session.flush()
    audit.record(actor, "pitch_reviewer:name", row, event=event.id)
    news.publish(ReviewerNamed(row), now=now)
    return row


@writes
def dismiss_reviewer(reviewer: PitchReviewer, *, actor: Actor) -> None:
    """Ask no more; what was handed in stays and counts. Raises Forbidden."""
    POLICY.check(Permission.ORGANIZE, actor, reviewer)
    audit.record(actor, "pitch_reviewer:dismiss", reviewer, event=reviewer.event_id)
    db.session.delete(reviewer)


@writes
def save_review(
    task: ReviewTask, scores: Mapping[str, int | None], remark: str, *, hand_in: bool, actor: Actor, now: datetime
) -> PitchReview:
    """Keep what was filled in so far, or hand it in for good. Raises Forbidden, NotFound (tied), Invalid, Conflict."""
    POLICY.check(Permission.REVIEW, actor, task)
    call = _reviewed_call(task, actor, now=now)
    review = _review_of(task)
    if review.handed_in_at is not None:
        raise errors.Conflict(N_("已经交了，不能再改"))
    review.scores = _checked(scores, call, whole=hand_in)
    review.remark = remark.strip()[:REMARK_LENGTH]
    if hand_in:
        review.handed_in_at = now
    db.session.flush()
    audit.record(actor, "pitch_review:hand_in" if hand_in else "pitch_review:save", review)
    return review


def _reviewed_call(task: ReviewTask, actor: Actor, *, now: datetime) -> PitchCall:
    """Found again inside the write: a tie, or a decision, may have come meanwhile."""
    if queries.own_task(actor, task.application.id) is None:
        raise errors.NotFound(GONE)
    call = queries.call_of(db.session(), task.application.event_id)
    decided = task.application.state is not ApplicationState.SUBMITTED
    if call is None or decided or not task.event.is_ahead(now) or queries.lineup_of(db.session(), call.event_id):
        raise errors.Conflict(N_("阵容已经定了，不再评审"))
    return call


def _review_of(task: ReviewTask) -> PitchReview:
    if task.review is not None:
        hold(task.review)
        return task.review
    review = PitchReview(application_id=task.application.id, reviewer_id=task.user_id)
    db.session.add(review)
    return review


def _checked(scores: Mapping[str, int | None], call: PitchCall, *, whole: bool) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in call.criteria:
        points, most = scores.get(item["code"]), int(item["most"])
        if points is None:
            if whole:
                raise errors.Invalid(N_("每一条都打分后才能交"), field=f"score_{item['code']}")
            continue
        if not 0 <= points <= most:
            raise errors.Invalid(
                N_("请填写 %(low)s 到 %(high)s 之间的整数"), field=f"score_{item['code']}", low=0, high=most
            )
        found[item["code"]] = points
    return found


@writes
def declare_interest(task: ReviewTask, reason: str, *, actor: Actor, now: datetime) -> None:
    """Say that one is not impartial: nothing of this firm is shown to the person any more. Raises Forbidden, NotFound,
    Invalid, Conflict (handed in)."""
    POLICY.check(Permission.REVIEW, actor, task)
    _reviewed_call(task, actor, now=now)
    if not reason.strip():
        raise errors.Invalid(N_("请写明原因"), field="conflict")
    review = _review_of(task)
    if review.handed_in_at is not None:
        raise errors.Conflict(N_("已经交了，不能再改"))
    review.scores, review.remark, review.conflict = {}, "", reason.strip()[:CONFLICT_LENGTH]
    db.session.flush()
    audit.record(actor, "pitch_review:interest", review)
