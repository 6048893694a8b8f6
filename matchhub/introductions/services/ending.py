"""What ends an agreed introduction: either side, a result, silence; and what ends a request that nobody answers."""

from datetime import datetime, timedelta

from matchhub.core import dictionaries, errors, news
from matchhub.core.clock import city_date
from matchhub.core.db import db, hold, writes
from matchhub.core.installation import required
from matchhub.core.labels import N_
from matchhub.core.policy import Actor, SYSTEM
from matchhub.disclosure import services as disclosure
from matchhub.disclosure.models import Consent
from matchhub.introductions import queries
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.introductions.news import Ending, IntroductionEnded
from matchhub.introductions.services.answering import cool_down
from matchhub.introductions.services.asking import withdraw
from matchhub.introductions.workflow import WORKFLOW
from matchhub.matches.services import exclusions

MET_HERE = "met_here"
RESERVED = {MET_HERE, "expired"}


@writes
def revoke(introduction: Introduction, *, actor: Actor, now: datetime) -> None:
    """End it at once: contacts and files of both sides are closed at the next request."""
    hold(introduction)
    WORKFLOW.advance(introduction, "revoke", actor=actor)
    introduction.ended_at = introduction.last_activity_at = now
    introduction.ended_by_id = actor.organization_id
    cool_down(introduction, now=now)
    _end_consents(introduction, actor=actor, now=now)
    news.publish(IntroductionEnded(introduction, Ending.REVOKED, actor.organization_id), now=now)


@writes
def close(introduction: Introduction, *, reason: str, is_told: bool = False, actor: Actor, now: datetime) -> None:
    """End it with a reason. After a result both keep each other's contact until the consents' own date.

    `is_told`: the other side has been told already of what ended it, a loan refused for instance, and is not told twice.
    """
    if not reason:
        raise errors.Invalid(N_("选一个原因"), field="reason")
    if not actor.system and reason not in {entry.code for entry in closing_reasons(now=now)}:
        raise errors.Invalid(N_("选一个列出的原因"), field="reason")
    hold(introduction)
    WORKFLOW.advance(introduction, "close", actor=actor, reason=reason)
    introduction.closing_reason = reason
    introduction.ended_at = introduction.last_activity_at = now
    introduction.ended_by_id = actor.organization_id
    if reason != MET_HERE:
        _end_consents(introduction, actor=actor, now=now)
    cool_down(introduction, now=now)
    introduction.ask_again_on = None
    news.publish(IntroductionEnded(introduction, Ending.CLOSED, actor.organization_id, is_told), now=now)


@writes
def close_with_result(introduction: Introduction, *, now: datetime) -> None:
    """Both sides confirmed a result: the introduction has done its work."""
    if introduction.state is IntroductionState.ACCEPTED:
        close(introduction, reason=MET_HERE, actor=SYSTEM, now=now)


@writes
def end_for_consent(consent: Consent, *, now: datetime) -> None:
    """A consent was taken back: a request is withdrawn with it, an agreed introduction is revoked."""
    introduction = queries.resting_on(db.session(), consent.id)
    if introduction is None:
        return
    by = Actor(organization_id=consent.subject_id, name=SYSTEM.name, system=True)
    if introduction.state is IntroductionState.REQUESTED:
        withdraw(introduction, actor=by, now=now)
    else:
        revoke(introduction, actor=by, now=now)


@writes
def expire(introduction: Introduction, *, now: datetime) -> None:
    """Nobody answered in time."""
    hold(introduction)
    if introduction.state is not IntroductionState.REQUESTED or introduction.expires_at > now:
        return
    WORKFLOW.advance(introduction, "expire", actor=SYSTEM)
    introduction.ended_at = introduction.last_activity_at = now
    disclosure.end([introduction.requester_consent], actor=SYSTEM, now=now)
    exclusions.release(introduction.need_id, introduction.offer_id, reason="in_progress")
    news.publish(IntroductionEnded(introduction, Ending.EXPIRED), now=now)


@writes
def close_if_silent(introduction: Introduction, *, now: datetime) -> None:
    """Close what nobody has touched for `silence_days`."""
    limit = now - timedelta(days=required(db.session()).silence_days)
    if introduction.state is IntroductionState.ACCEPTED and introduction.last_activity_at < limit:
        close(introduction, reason="no_response", actor=SYSTEM, now=now)


@writes
def end_all_of(organization_id: int, *, now: datetime) -> None:
    """An organization closed: its requests are withdrawn, what was agreed is revoked."""
    by = Actor(organization_id=organization_id, name=SYSTEM.name, system=True)
    for introduction in queries.open_of(db.session(), organization_id):
        if introduction.state is IntroductionState.REQUESTED:
            withdraw(introduction, actor=by, now=now)
        else:
            revoke(introduction, actor=by, now=now)


def closing_reasons(*, now: datetime) -> list[dictionaries.Entry]:
    """Why a party may close an introduction; that a result closed it is for the result to say."""
    entries = dictionaries.snapshot(db.session()).entries("closing_reasons", on=city_date(now))
    return [entry for entry in entries if entry.extra.get("outcome") != "void" and entry.code not in RESERVED]


def _end_consents(introduction: Introduction, *, actor: Actor, now: datetime) -> None:
    disclosure.end([introduction.requester_consent, introduction.recipient_consent], actor=actor, now=now)
