"""What the matcher hears: a changed need, offer or firm is compared again, in a run of its own."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from matchhub.core.db import db
from matchhub.listings.enums import NeedState, OfferState
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import RunState
from matchhub.matches.models import MatchRun
from matchhub.matches.services.runs import request_run


def need_changed(item: Any, *, now: datetime) -> None:
    """A need was published or changed (news with `.need`)."""
    request_run(need_id=item.need.id, now=now)


def offer_changed(item: Any, *, now: datetime) -> None:
    """An offer was published or changed (news with `.offer`)."""
    request_run(offer_id=item.offer.id, now=now)


def need_unavailable(item: Any, *, now: datetime) -> None:
    """A need is no longer open: pages hide it at once, nothing is computed for it any more."""
    _drop_queued(MatchRun.need_id == item.need.id)


def offer_unavailable(item: Any, *, now: datetime) -> None:
    """An offer is no longer open."""
    _drop_queued(MatchRun.offer_id == item.offer.id)


def _drop_queued(of_subject: Any) -> None:
    db.session.execute(
        update(MatchRun)
        .where(of_subject, MatchRun.state == RunState.QUEUED)
        .values(state=RunState.DONE)
        .execution_options(synchronize_session=False)
    )


def firm_changed(item: Any, *, now: datetime) -> None:
    """A profile (news with `.organization_id`) or a residency (`.enterprise_id`) changed: its open listings again."""
    organization_id = getattr(item, "organization_id", None) or item.enterprise_id
    needs = select(Need.id).where(Need.organization_id == organization_id, Need.state == NeedState.OPEN)
    offers = select(Offer.id).where(Offer.organization_id == organization_id, Offer.state == OfferState.OPEN)
    for need_id in db.session.scalars(needs).all():
        request_run(need_id=need_id, now=now)
    for offer_id in db.session.scalars(offers).all():
        request_run(offer_id=offer_id, now=now)
