"""What limits asking: requests in flight, sent lately, taken this month, and rests after a refusal."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, func, Integer, select
from sqlalchemy.orm import Session

from matchhub.core.clock import CITY_ZONE
from matchhub.introductions.enums import IntroductionState, OPEN_STATES
from matchhub.introductions.models import Introduction, Message
from matchhub.introductions.queries.finding import AGREED, Pair
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Offer


def in_flight(session: Session, organization_id: int, *, kind: PairingKind | None = None) -> list[datetime]:
    """When each open request of an organization ends by itself, the soonest first (agreed ones come last)."""
    agreed_last = case((Introduction.state == IntroductionState.REQUESTED, 0), else_=1)
    statement = (
        select(Introduction.expires_at)
        .where(Introduction.requester_id == organization_id, Introduction.state.in_(OPEN_STATES))
        .order_by(agreed_last, Introduction.expires_at)
    )
    return list(session.scalars(statement.where(Introduction.kind == kind) if kind else statement))


def most_in_flight(session: Session, organization_id: int) -> int:
    """How many open requests an organization has of the kind of which it has most."""
    counts = session.scalars(IN_FLIGHT_BY_KIND, {"own": organization_id})
    return max(counts, default=0)


IN_FLIGHT_BY_KIND = (
    select(func.count())
    .where(Introduction.requester_id == bindparam("own", type_=Integer), Introduction.state.in_(OPEN_STATES))
    .group_by(Introduction.kind)
)


def asked_since(session: Session, organization_id: int, since: datetime) -> int:
    """How many requests an organization has sent since then."""
    return (
        session.scalar(
            select(func.count()).where(Introduction.requester_id == organization_id, Introduction.requested_at >= since)
        )
        or 0
    )


def written_since(session: Session, organization_id: int, since: datetime) -> int:
    """How many messages an organization has sent since then, in all its introductions."""
    return (
        session.scalar(select(func.count()).where(Message.organization_id == organization_id, Message.at >= since)) or 0
    )


def just_written(session: Session, introduction_id: int, author_id: int, body: str, since: datetime) -> Message | None:
    """The message of these words that a person has sent since then in one introduction."""
    same = (Message.introduction_id == introduction_id, Message.author_id == author_id, Message.body == body)
    return session.scalar(select(Message).where(*same, Message.at >= since).limit(1))


def taken_this_month(session: Session, offer: Offer, *, since: datetime) -> int:
    """How many requests toward an offer since the month began wait or were agreed: what its capacity is spent on."""
    return (
        session.scalar(
            select(func.count()).where(
                Introduction.offer_id == offer.id,
                Introduction.recipient_id == offer.organization_id,
                Introduction.requested_at >= since,
                Introduction.state.in_({IntroductionState.REQUESTED, *AGREED}),
            )
        )
        or 0
    )


def cooling_until(session: Session, pair: Pair, *, now: datetime) -> datetime | None:
    """Until when the actor may not ask the other again after a refusal by the other; None when it may.

    A bank that refused one of its products has said nothing of the others: for loans only the same product cools down.
    """
    statement = select(func.max(Introduction.ask_again_on)).where(
        Introduction.enterprise_id == pair.need.organization_id,
        Introduction.investor_id == pair.offer.organization_id,
        Introduction.kind == pair.need.kind,
        Introduction.ended_by_id == pair.other.id,
        Introduction.ask_again_on > now,
    )
    if pair.need.kind is PairingKind.CREDIT:
        statement = statement.where(Introduction.offer_id == pair.offer.id)
    return session.scalar(statement)


def month_bounds(now: datetime) -> tuple[datetime, datetime]:
    """The beginning of the city's month that holds `now`, and of the next one."""
    start = now.astimezone(CITY_ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(days=32)).replace(day=1)
