"""What a side says of a suggestion: kept for its own lists, never told to the other side."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from matchhub.core import audit, dictionaries, errors
from matchhub.core.clock import city_date
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import FeedbackKind, Side
from matchhub.matches.models import Feedback, Suggestion
from matchhub.matches.policy import Permission, POLICY

LATER_DAYS = 30


def side_of(actor: Actor, need: Need, offer: Offer) -> Side:
    """On which side of a pair the actor stands. Raises Forbidden for neither."""
    if actor.organization_id == need.organization_id:
        return Side.NEED
    if actor.organization_id == offer.organization_id:
        return Side.OFFER
    raise errors.Forbidden(N_("你没有做这件事的权限"))


@writes
def give(suggestion: Suggestion, *, kind: FeedbackKind, reason: str = "", actor: Actor, now: datetime) -> Feedback:
    """Say that it interests, does not fit (with a reason) or may come again in a month; a second word replaces the first."""
    POLICY.check(Permission.GIVE_FEEDBACK, actor, suggestion)
    side, checked = side_of(actor, suggestion.need, suggestion.offer), _checked(kind, reason, now)
    row = _held(suggestion, side)
    if row is None:
        row = Feedback(side=side, need_id=suggestion.need_id, offer_id=suggestion.offer_id, former={})
        db.session.add(row)
    else:
        row.former = _said(row)
    row.kind, row.reason = kind, checked
    row.until = now + timedelta(days=LATER_DAYS) if kind is FeedbackKind.LATER else None
    row.by_user_id, row.at = actor.user_id or 0, now
    audit.record(actor, "suggestion:feedback", suggestion, kind=kind.value)
    return row


@writes
def undo(suggestion: Suggestion, *, within: timedelta, actor: Actor, now: datetime) -> None:
    """What was said before holds again, if this very person said the last word less than `within` ago. Raises Conflict."""
    POLICY.check(Permission.GIVE_FEEDBACK, actor, suggestion)
    row = _held(suggestion, side_of(actor, suggestion.need, suggestion.offer))
    if row is None or row.former is None or row.by_user_id != actor.user_id or row.at + within <= now:
        raise errors.Conflict(N_("已经处理过了，请看最新情况"))
    former, row.former = row.former, None
    audit.record(actor, "suggestion:feedback_undo", suggestion, kind=row.kind.value)
    if not former:
        db.session.delete(row)
        return
    row.kind, row.reason, row.by_user_id = FeedbackKind(former["kind"]), former["reason"], former["by"]
    row.until = datetime.fromisoformat(former["until"]) if former["until"] else None
    row.at = datetime.fromisoformat(former["at"])


def _said(row: Feedback) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "reason": row.reason,
        "until": row.until.isoformat() if row.until else "",
        "by": row.by_user_id,
        "at": row.at.isoformat(),
    }


def _checked(kind: FeedbackKind, reason: str, now: datetime) -> str:
    if kind is not FeedbackKind.NOT_FIT:
        return ""
    entry = dictionaries.snapshot().get("feedback_reasons", reason)
    if entry is None or not entry.valid_on(city_date(now)):
        raise errors.Invalid(N_("选一个原因"), "reason")
    return reason


def _held(suggestion: Suggestion, side: Side) -> Feedback | None:
    return db.session.scalar(
        select(Feedback).where(
            Feedback.side == side, Feedback.need_id == suggestion.need_id, Feedback.offer_id == suggestion.offer_id
        )
    )


@writes
def withdraw(suggestion: Suggestion, *, actor: Actor, now: datetime) -> None:
    """Take the word back. Raises Conflict where nothing was said."""
    POLICY.check(Permission.GIVE_FEEDBACK, actor, suggestion)
    row = _held(suggestion, side_of(actor, suggestion.need, suggestion.offer))
    if row is None:
        raise errors.Conflict(N_("已经处理过了，请看最新情况"))
    db.session.delete(row)
    audit.record(actor, "suggestion:feedback_withdrawal", suggestion, kind=row.kind.value)
