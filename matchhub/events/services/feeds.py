"""Calendar addresses: made once for a person, renewed when they became known to others."""

from datetime import datetime

from matchhub.core import audit
from matchhub.core.db import db, writes
from matchhub.core.links import LINKS
from matchhub.core.policy import Actor
from matchhub.events import queries
from matchhub.events.enums import FeedKind
from matchhub.events.models import EventSeries, Feed
from matchhub.events.policy import Permission, POLICY

PURPOSE = "calendar"


@writes
def renew_feed(series: EventSeries | None, *, actor: Actor, now: datetime) -> Feed:
    """A new address for the own dates, or for a series; the old one reads nothing any more."""
    POLICY.check(Permission.LIST, actor)
    kind = FeedKind.SERIES if series else FeedKind.PERSON
    old = queries.feed_of(db.session(), actor.user_id or 0, kind, series.id if series else None)
    if old is not None:
        old.ended_at = now
        db.session.flush()
    nonce, token_hash = LINKS.new_code(PURPOSE)
    feed = Feed(
        kind=kind, user_id=actor.user_id, series_id=series.id if series else None, nonce=nonce, token_hash=token_hash,
        created_at=now,
    )  # fmt: skip
    db.session.add(feed)
    audit.record(actor, "feed:renew", feed, kind=kind.value)
    return feed


def feed_token(feed: Feed) -> str | None:
    """What stands in the address; None where the installation's secret was lost."""
    return LINKS.code(PURPOSE, feed.nonce, feed.token_hash)
