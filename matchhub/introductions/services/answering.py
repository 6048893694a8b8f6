"""The recipient's answer: both open, or no with a reason."""

from datetime import datetime, timedelta

from matchhub.core import dictionaries, errors, news
from matchhub.core.clock import city_date
from matchhub.core.db import db, hold, writes
from matchhub.core.installation import required
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.disclosure import services as disclosure
from matchhub.disclosure.services import Choice
from matchhub.introductions import queries
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.introductions.news import IntroductionAccepted, IntroductionDeclined
from matchhub.introductions.services import consents
from matchhub.introductions.workflow import WORKFLOW
from matchhub.listings.enums import PairingKind
from matchhub.matches.services import exclusions

NO_REASONS = {PairingKind.MENTORING: frozenset({"amount", "portfolio_conflict"})}  # advice costs nothing


@writes
def accept(introduction: Introduction, choice: Choice, *, actor: Actor, now: datetime) -> None:
    """Agree: records the recipient's consent and opens both. Raises Conflict, Invalid, TextChanged, Forbidden."""
    hold(introduction)
    check_answerable(introduction, now=now)
    WORKFLOW.advance(introduction, "accept", actor=actor)
    choice = consents.fitting(choice, introduction.need, own_id=introduction.recipient_id)
    consents.check_choice(choice, own_id=introduction.recipient_id, asking=False, now=now)
    introduction.answered_at = introduction.last_activity_at = now
    introduction.answered_by_id = actor.user_id
    introduction.recipient_consent = consents.record(introduction, choice, actor=actor, now=now)
    both = [c for c in (introduction.requester_consent, introduction.recipient_consent) if c is not None]
    disclosure.activate(both, now=now)
    db.session.flush()
    news.publish(IntroductionAccepted(introduction), now=now)


@writes
def decline(introduction: Introduction, *, reason: str, actor: Actor, now: datetime) -> None:
    """Say no with one of the reasons of the recipient's kind; the asker sees that reason and nothing else."""
    hold(introduction)
    check_refusal(introduction, reason, actor=actor, now=now)
    WORKFLOW.advance(introduction, "decline", actor=actor, reason=reason)
    introduction.answered_at = introduction.ended_at = introduction.last_activity_at = now
    introduction.answered_by_id = actor.user_id
    introduction.ended_by_id = actor.organization_id
    introduction.refusal_reason = reason
    cool_down(introduction, now=now)
    disclosure.end([introduction.requester_consent], actor=actor, now=now)
    news.publish(IntroductionDeclined(introduction), now=now)


def check_refusal(introduction: Introduction, reason: str, *, actor: Actor, now: datetime) -> None:
    """Raise Conflict where it cannot be answered any more, Invalid where the reason is none of the kind's."""
    check_answerable(introduction, now=now)
    if not reason:
        raise errors.Invalid(N_("选一个原因"), field="reason")
    if reason not in {
        entry.code for entry in refusal_reasons(actor.organization_kind, about=introduction.kind, now=now)
    }:
        raise errors.Invalid(N_("选一个列出的原因"), field="reason")


def check_answerable(introduction: Introduction, *, now: datetime) -> None:
    """Raise Conflict where the time is over or one side is gone; a wrong state is the workflow's to say."""
    if introduction.state is not IntroductionState.REQUESTED:
        return
    if introduction.refusal_due_at is not None:
        raise errors.Conflict(N_("刚刚已经婉拒，可先撤销"))
    if not introduction.is_open(now):
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=IntroductionState.EXPIRED)
    if not introduction.other_than(introduction.recipient_id).is_open:
        raise errors.Conflict(N_("对方机构已经关闭，不能再对接"))
    if queries.is_blocked(db.session(), introduction.enterprise_id, introduction.investor_id):
        raise errors.Conflict(N_("这一对暂时不能对接"))


def cool_down(introduction: Introduction, *, now: datetime) -> None:
    """Keep the pair out of the suggestions, and the other side from asking again, for a while."""
    until = now + timedelta(days=required(db.session()).cool_down_days)
    introduction.ask_again_on = until
    exclusions.release(introduction.need_id, introduction.offer_id, reason="in_progress")
    exclusions.exclude(introduction.need_id, introduction.offer_id, reason="cooling_off", until=until, now=now)


def refusal_reasons(
    kind: str, *, about: PairingKind = PairingKind.EQUITY, now: datetime, quick: bool = False
) -> list[dictionaries.Entry]:
    """The reasons that an organization of this kind may give; the quick ones first on the screen."""
    entries = dictionaries.snapshot(db.session()).entries("refusal_reasons", on=city_date(now))
    beside_the_point = NO_REASONS.get(about, frozenset())
    listed = "quick" if quick else "for"
    return [e for e in entries if kind in e.extra.get(listed, ()) and e.code not in beside_the_point]
