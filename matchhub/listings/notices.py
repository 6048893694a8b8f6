"""What the owners of listings are told."""

from datetime import datetime
from typing import Any

from matchhub.accounts.queries import recipients_of, reviewers_of
from matchhub.core import outbox
from matchhub.core.clock import day_in_words
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.outbox import NoticeKind
from matchhub.core.wishes import Topic
from matchhub.core.wordings import both, both_of, Wording
from matchhub.listings.models import Need, Offer
from matchhub.listings.news import (
    NeedApproved,
    NeedBrought,
    NeedExpired,
    NeedExpiring,
    NeedReturned,
    NeedSubmitted,
    OfferExpired,
    OfferExpiring,
)

NEED_RETURNED = NoticeKind(
    "listings.need_returned",
    N_("需求被退回：%(title)s"),
    N_("原因：%(reason)s。改好后可以再次发布。"),
    topic=Topic.LISTINGS,
)
NEED_APPROVED = NoticeKind(
    "listings.need_approved",
    N_("需求已发布：%(title)s"),
    N_("审核已通过，正在为你比对机构，有效到 %(day)s。"),
    topic=Topic.LISTINGS,
)
NEED_EXPIRING = NoticeKind(
    "listings.need_expiring",
    N_("需求快到期：%(title)s"),
    N_("%(day)s 到期，还在找就续期，不找了请结束它。"),
    topic=Topic.LISTINGS,
)
NEED_EXPIRED = NoticeKind(
    "listings.need_expired",
    N_("需求已过期：%(title)s"),
    N_("不再推荐给机构。续期后恢复，内容都还在。"),
    topic=Topic.LISTINGS,
)
OFFER_EXPIRING = NoticeKind(
    "listings.offer_expiring",
    N_("投资意向快到期：%(title)s"),
    N_("%(day)s 到期，续期后继续收到推荐。"),
    topic=Topic.LISTINGS,
)
OFFER_EXPIRED = NoticeKind(
    "listings.offer_expired",
    N_("投资意向已过期：%(title)s"),
    N_("不再收到推荐。续期后恢复，内容都还在。"),
    topic=Topic.LISTINGS,
)
NEED_SUBMITTED = NoticeKind(
    "listings.need_submitted", N_("%(name)s 的需求等你审核"), N_("%(title)s，请在审核里查看。"), topic=Topic.REVIEWS
)
NEED_BROUGHT = NoticeKind(
    "listings.need_brought",
    N_("载体替你起草了需求：%(title)s"),
    N_("现在只有你看得到。核对后发布，不需要就结束它。"),
    topic=Topic.LISTINGS,
)
KINDS = (
    NEED_BROUGHT,
    NEED_SUBMITTED,
    NEED_RETURNED,
    NEED_APPROVED,
    NEED_EXPIRING,
    NEED_EXPIRED,
    OFFER_EXPIRING,
    OFFER_EXPIRED,
)


def tell_submitted(item: NeedSubmitted, *, now: datetime) -> None:
    """To the reviewers: the carrier's people, or the officers where it has none."""
    need = item.need
    for recipient in reviewers_of(db.session(), carrier_id=need.carrier_id, district_code=need.district_code):
        outbox.enqueue(
            NEED_SUBMITTED,
            recipient,
            about=need,
            values=both_of(lambda locale: _of_need(need, locale)),
            path=f"/reviews/need/{need.id}",
            now=now,
        )


def tell_brought(item: NeedBrought, *, now: datetime) -> None:
    """To the firm, which alone can publish it."""
    need = item.need
    for recipient in recipients_of(db.session(), need.organization_id):
        outbox.enqueue(
            NEED_BROUGHT, recipient, about=need, values={"title": _title(need)}, path=f"/needs/{need.id}", now=now
        )


def tell_returned(item: NeedReturned, *, now: datetime) -> None:
    """To the owner: what to change."""
    _tell(NEED_RETURNED, item.need, now=now, reason=item.need.return_reason)


def tell_approved(item: NeedApproved, *, now: datetime) -> None:
    """To the owner: it is open."""
    _tell(NEED_APPROVED, item.need, now=now)


def tell_need_expiring(item: NeedExpiring, *, now: datetime) -> None:
    """To the owner: renew or end it."""
    _tell(NEED_EXPIRING, item.need, now=now)


def tell_need_expired(item: NeedExpired, *, now: datetime) -> None:
    """To the owner: it is over."""
    _tell(NEED_EXPIRED, item.need, now=now)


def tell_offer_expiring(item: OfferExpiring, *, now: datetime) -> None:
    """To the owner: renew it."""
    _tell(OFFER_EXPIRING, item.offer, now=now)


def tell_offer_expired(item: OfferExpired, *, now: datetime) -> None:
    """To the owner: it is over."""
    _tell(OFFER_EXPIRED, item.offer, now=now)


def _title(listing: Need | Offer) -> Wording:
    return both(lambda locale: _of_need(listing, locale)["title"]) if isinstance(listing, Need) else listing.title


def _of_need(need: Need, locale: str) -> dict[str, str]:
    owner = need.organization
    if locale == "en":
        return {"name": owner.label_en or owner.label, "title": need.teaser_en or need.teaser}
    return {"name": owner.label, "title": need.teaser}


def _tell(kind: NoticeKind, listing: Need | Offer, *, now: datetime, **values: Any) -> None:
    is_need = isinstance(listing, Need)
    expires_at = listing.expires_at
    day = both(lambda locale: day_in_words(expires_at, locale)) if expires_at else ""
    for recipient in recipients_of(db.session(), listing.organization_id):
        outbox.enqueue(
            kind,
            recipient,
            about=listing,
            values={"title": _title(listing), "day": day, **values},
            path=f"/{'needs' if is_need else 'offers'}/{listing.id}",
            now=now,
        )
