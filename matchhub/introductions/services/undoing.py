"""What tells the other side can be taken back for some seconds, as if it had never been: nobody has seen it yet."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchhub.accounts.models import Membership
from matchhub.accounts.queries.readers import actor_of
from matchhub.core import audit, errors, outbox
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction, Message
from matchhub.introductions.policy import Permission, POLICY
from matchhub.introductions.services.answering import check_refusal, decline
from matchhub.matches.services import exclusions

TOO_LATE = N_("已经送出，不能撤销了")


@writes
def undo_request(introduction: Introduction, *, actor: Actor, now: datetime) -> None:
    """The request was never made: it, its consent and what it kept free are gone. Raises Conflict once it has left."""
    hold(introduction)
    POLICY.check(Permission.WITHDRAW, actor, introduction)
    _check_held(introduction, introduction.requested_at, now=now)
    outbox.take_back(introduction, now=now)
    exclusions.release(introduction.need_id, introduction.offer_id, reason="in_progress")
    audit.record(actor, "introduction:undo", introduction)
    consent, introduction.requester_consent = introduction.requester_consent, None
    db.session.flush()
    db.session.delete(introduction)
    db.session.flush()
    if consent is not None:
        audit.record(actor, "consent:undo", consent)
        db.session.delete(consent)


@writes
def hold_refusal(introduction: Introduction, *, reason: str, actor: Actor, now: datetime, leaves_at: datetime) -> None:
    """Say no from `leaves_at` on; until then nothing has happened, and the worker makes it happen."""
    hold(introduction)
    POLICY.check(Permission.ANSWER, actor, introduction)
    if introduction.state is not IntroductionState.REQUESTED:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=introduction.state)
    check_refusal(introduction, reason, actor=actor, now=now)
    introduction.refusal_reason, introduction.refusal_due_at = reason, leaves_at
    introduction.refusal_by_id = actor.membership_id
    audit.record(actor, "introduction:hold_refusal", introduction)


@writes
def undo_refusal(introduction: Introduction, *, actor: Actor, now: datetime) -> None:
    """The no was never said. Raises Conflict once it has been."""
    hold(introduction)
    POLICY.check(Permission.ANSWER, actor, introduction)
    _check_held(introduction, introduction.refusal_due_at, now=now)
    _let_go(introduction)
    audit.record(actor, "introduction:undo_refusal", introduction)


@writes
def settle_refusal(introduction: Introduction, *, now: datetime) -> bool:
    """Say the no that waited, with the rights that its author has now; False where it lapsed and the request waits on."""
    hold(introduction)
    if introduction.state is not IntroductionState.REQUESTED or introduction.refusal_due_at is None:
        return False
    author = actor_of(db.session.get(Membership, introduction.refusal_by_id or 0))
    reason = introduction.refusal_reason
    _let_go(introduction)
    db.session.flush()
    if author is None:
        return False
    try:
        POLICY.check(Permission.ANSWER, author, introduction)
        check_refusal(introduction, reason, actor=author, now=now)
    except errors.DomainError:
        return False
    decline(introduction, reason=reason, actor=author, now=now)
    return True


@writes
def undo_message(message: Message, *, actor: Actor, now: datetime) -> None:
    """The message was never written. Raises Conflict once it has left."""
    POLICY.check(Permission.WRITE, actor, message)
    if message.at <= now:
        raise errors.Conflict(TOO_LATE)
    outbox.take_back(message, now=now)
    audit.record(actor, "introduction:undo_message", message)
    db.session.delete(message)


@writes
def note_departure(introduction: Introduction, *, now: datetime) -> None:
    """A message has left: from now on the lists say that something happened."""
    left = (Message.introduction_id == introduction.id, Message.at <= now)
    latest = db.session.scalar(select(func.max(Message.at)).where(*left))
    if latest is not None and latest > introduction.last_activity_at:
        introduction.last_activity_at = latest


def _check_held(introduction: Introduction, until: datetime | None, *, now: datetime) -> None:
    if introduction.state is not IntroductionState.REQUESTED:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=introduction.state)
    if until is None or until <= now:
        raise errors.Conflict(TOO_LATE)


def _let_go(introduction: Introduction) -> None:
    introduction.refusal_due_at = introduction.refusal_by_id = None
    introduction.refusal_reason = ""


def refusals_to_settle(session: Session, *, now: datetime, limit: int = 100) -> list[int]:
    """Ids of requests whose refusal can no longer be undone."""
    return list(
        session.scalars(
            select(Introduction.id)
            .where(Introduction.state == IntroductionState.REQUESTED, Introduction.refusal_due_at <= now)
            .order_by(Introduction.id)
            .limit(limit)
        )
    )


def stirred(session: Session, *, now: datetime, since: datetime) -> list[int]:
    """Ids of introductions in which a message has left since then that their list does not show yet."""
    return list(
        session.scalars(
            select(Introduction.id)
            .join(Message, Message.introduction_id == Introduction.id)
            .where(Message.at > since, Message.at <= now, Message.at > Introduction.last_activity_at)
            .distinct()
        )
    )
