"""Asking for an introduction, and taking the request back."""

from datetime import datetime, timedelta

from matchhub.core import errors, news
from matchhub.core.audit import record as record_audit
from matchhub.core.db import db, hold, writes
from matchhub.core.installation import required
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.disclosure import services as disclosure
from matchhub.disclosure.services import Choice
from matchhub.introductions import queries
from matchhub.introductions.models import Introduction
from matchhub.introductions.news import Ending, IntroductionEnded, IntroductionRequested, RequestDelivered
from matchhub.introductions.policy import Permission, POLICY
from matchhub.introductions.queries import Pair
from matchhub.introductions.services import consents
from matchhub.introductions.services.limits import check_limits
from matchhub.introductions.services.undoing import undo_request
from matchhub.introductions.workflow import WORKFLOW
from matchhub.matches.services import exclusions

UNCLAIMED_DAYS = 3650
PURPOSE_LENGTH = 300


@writes
def ask(
    pair: Pair, choice: Choice, *, purpose: str, actor: Actor, now: datetime, leaves_at: datetime | None = None
) -> Introduction:
    """Ask the other side of the pair; the asker's consent is recorded, and opens once the other agrees.

    Until `leaves_at` the other side knows nothing of it, and it can be undone.
    Raises LimitReached (a cap, with the day), Invalid (the boxes), TextChanged, Forbidden.
    """
    POLICY.check(Permission.ASK, actor)
    if actor.organization_id != pair.own_id:
        raise errors.Forbidden(N_("你没有做这件事的权限"))
    check_limits(pair, now=now)
    choice = consents.fitting(choice, pair.need, own_id=pair.own_id)
    consents.check_choice(choice, own_id=pair.own_id, asking=True, now=now)
    leaves_at = leaves_at or now
    introduction = _request(pair, purpose, actor=actor, now=leaves_at)
    db.session.add(introduction)
    db.session.flush()
    introduction.requester_consent = consents.record(introduction, choice, actor=actor, now=leaves_at)
    exclusions.exclude(pair.need.id, pair.offer.id, reason="in_progress", now=leaves_at)
    record_audit(actor, "introduction:ask", introduction)
    news.publish(IntroductionRequested(introduction), now=leaves_at)
    if not introduction.awaits_claim:
        news.publish(RequestDelivered(introduction), now=leaves_at)
    return introduction


def _request(pair: Pair, purpose: str, *, actor: Actor, now: datetime) -> Introduction:
    awaits_claim = not pair.other.is_claimed
    days = UNCLAIMED_DAYS if awaits_claim else required(db.session()).answer_days
    return Introduction(
        kind=pair.need.kind,
        need_id=pair.need.id,
        offer_id=pair.offer.id,
        enterprise_id=pair.need.organization_id,
        investor_id=pair.offer.organization_id,
        requester_id=pair.own_id,
        recipient_id=pair.other.id,
        requested_by_id=actor.user_id,
        purpose=purpose.strip()[:PURPOSE_LENGTH],
        awaits_claim=awaits_claim,
        requested_at=now,
        expires_at=now + timedelta(days=days),
        last_activity_at=now,
    )


@writes
def withdraw(introduction: Introduction, *, actor: Actor, now: datetime) -> None:
    """Take the request back before it is answered: the recipient no longer sees who asked."""
    hold(introduction)
    if introduction.requested_at > now:
        undo_request(introduction, actor=actor, now=now)
        return
    WORKFLOW.advance(introduction, "withdraw", actor=actor)
    introduction.ended_at = introduction.last_activity_at = now
    introduction.ended_by_id = actor.organization_id
    disclosure.end([introduction.requester_consent], actor=actor, now=now)
    exclusions.release(introduction.need_id, introduction.offer_id, reason="in_progress")
    news.publish(IntroductionEnded(introduction, Ending.WITHDRAWN, actor.organization_id), now=now)


@writes
def start_clocks(organization_id: int, *, now: datetime) -> int:
    """An organization has been claimed: requests that waited for it are delivered, their time to answer starts."""
    waiting = queries.awaiting_claim(db.session(), organization_id)
    days = required(db.session()).answer_days
    for introduction in waiting:
        introduction.awaits_claim = False
        introduction.expires_at = now + timedelta(days=days)
        news.publish(RequestDelivered(introduction), now=now)
    return len(waiting)
