"""What happens to introductions when something under them moves: an organization is merged, a listing ends."""

from datetime import datetime

from matchhub.accounts.news import OrganizationMerged
from matchhub.core import audit, news
from matchhub.core.db import db, writes
from matchhub.core.policy import SYSTEM
from matchhub.disclosure import services as disclosure
from matchhub.introductions import queries
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.introductions.news import Ending, IntroductionEnded
from matchhub.introductions.services.asking import withdraw
from matchhub.introductions.workflow import WORKFLOW
from matchhub.listings.enums import NeedState, OfferState
from matchhub.listings.news import NeedUnavailable, OfferUnavailable
from matchhub.matches.services import exclusions

LISTING_ENDED = "listing_ended"
ENDED_NEEDS = frozenset({NeedState.MET, NeedState.CLOSED, NeedState.EXPIRED})
ENDED_OFFERS = frozenset({OfferState.CLOSED, OfferState.EXPIRED})
PARTIES = ("enterprise_id", "investor_id", "requester_id", "recipient_id", "ended_by_id")


@writes
def follow_merge(item: OrganizationMerged, *, now: datetime) -> None:
    """Two rows were one organization: what the dropped one asked, said and agreed belongs to the kept one.

    Where both had an open introduction for the same listing of the same other side, one is enough: what is agreed stays,
    else what was asked first; the other request is withdrawn.
    """
    kept, dropped = item.kept.id, item.dropped.id
    moved = queries.all_with(db.session(), dropped)
    for introduction in moved:
        for name in PARTIES:
            if getattr(introduction, name) == dropped:
                setattr(introduction, name, kept)
    for message in queries.written_by(db.session(), dropped):
        message.organization_id = kept
    for meeting in queries.proposed_by(db.session(), dropped):
        meeting.proposed_by_id = kept
    db.session.flush()
    for introduction in moved:
        db.session.expire(introduction)
    audit.record(SYSTEM, "introduction:merge", item.kept, dropped=dropped, count=len(moved))
    _withdraw_doubles(kept, now=now)


def _withdraw_doubles(organization_id: int, *, now: datetime) -> None:
    found: dict[tuple[int, int], Introduction] = {}
    rows = queries.open_of(db.session(), organization_id)
    for introduction in sorted(rows, key=_standing):
        is_firm = introduction.enterprise_id == organization_id
        listing = introduction.offer_id if is_firm else introduction.need_id
        first = found.setdefault((introduction.other_than(organization_id).id, listing), introduction)
        if first is not introduction and introduction.state is IntroductionState.REQUESTED:
            withdraw(introduction, actor=SYSTEM, now=now)


def _standing(introduction: Introduction) -> tuple[bool, datetime, int]:
    """What is agreed before what is asked, the older before the newer."""
    is_asked = introduction.state is IntroductionState.REQUESTED
    return is_asked, introduction.requested_at, introduction.id


@writes
def follow_need(item: NeedUnavailable, *, now: datetime) -> None:
    """A need has ended: nobody needs to answer about it any more. A paused one keeps what waits."""
    if item.need.state in ENDED_NEEDS:
        for introduction in queries.waiting_for_need(db.session(), item.need.id):
            _lapse(introduction, owner_id=item.need.organization_id, now=now)


@writes
def follow_offer(item: OfferUnavailable, *, now: datetime) -> None:
    """An offer has ended, as above."""
    if item.offer.state in ENDED_OFFERS:
        for introduction in queries.waiting_for_offer(db.session(), item.offer.id):
            _lapse(introduction, owner_id=item.offer.organization_id, now=now)


def _lapse(introduction: Introduction, *, owner_id: int, now: datetime) -> None:
    """The owner's own request is withdrawn with its listing, the other's expires; both are told the same."""
    action = "withdraw" if introduction.requester_id == owner_id else "expire"
    WORKFLOW.advance(introduction, action, actor=SYSTEM)
    introduction.ended_at = introduction.last_activity_at = now
    introduction.closing_reason = LISTING_ENDED
    disclosure.end([introduction.requester_consent], actor=SYSTEM, now=now)
    exclusions.release(introduction.need_id, introduction.offer_id, reason="in_progress")
    news.publish(IntroductionEnded(introduction, Ending.LAPSED), now=now)
