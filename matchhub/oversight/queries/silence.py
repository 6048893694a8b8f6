"""Silent pairs of a carrier's firms: agreed, or strongly suggested, and nothing has happened since.

The carrier is told which of its firms waits or is waited for, never with whom it talks: that belongs to the two sides.
Only on a suggestion, which nobody has acted on, does the offer's name stand, as the directory shows it to every member.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, ColumnElement, exists, func, or_, select
from sqlalchemy.orm import contains_eager, Session

from matchhub.accounts.models import Organization
from matchhub.core.db import db
from matchhub.core.labels import Labelled, N_
from matchhub.core.policy import Actor
from matchhub.introductions.enums import IntroductionState, MeetingState
from matchhub.introductions.models import Introduction, Meeting, Message
from matchhub.listings.enums import NeedState, OfferState
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import Side, Verdict
from matchhub.matches.models import Exclusion, Feedback, MatchingModel, PublishedRun, Suggestion
from matchhub.oversight.models import Reminder

DAYS = 14
MOST_DAYS = 365
LISTED = 200
SUGGESTED_PER_NEED = 1
SILENT = (  # how many agreed pairs of the firms of the carrier `own`
    select(func.count(Introduction.id))
    .join(Need, Need.id == Introduction.need_id)
    .where(
        Need.carrier_id == bindparam("own"),
        Introduction.state == IntroductionState.ACCEPTED,
        Introduction.last_activity_at < bindparam("silent_before"),
    )
)


class Awaited(Labelled):
    """Who has to move."""

    FIRM = "firm", N_("等企业")
    OTHER = "other", N_("等对方")
    BOTH = "both", N_("双方都没有动")


@dataclass(frozen=True, slots=True)
class SilentPair:
    """A pair in which nothing happens, since when, who has to move, and when somebody was last reminded."""

    need: Need
    offer: Offer
    since: datetime
    awaited: Awaited
    introduction: Introduction | None = None
    reminded_at: datetime | None = None

    def days(self, now: datetime) -> int:
        """For how many whole days it has been silent."""
        return (now - self.since).days


def of_carrier(actor: Actor) -> ColumnElement[bool]:
    """The needs of the firms in the actor's carrier; the scope is the server's."""
    return and_(Need.carrier_id == actor.organization_id, Need.carrier_id.is_not(None))


def silent_pairs(session: Session, actor: Actor, *, days: int = DAYS, now: datetime) -> list[SilentPair]:
    """Agreed pairs first, the longest silent on top, then strong suggestions; five queries however many there are."""
    before = now - timedelta(days=days)
    agreed = _agreed(session, [of_carrier(actor), Introduction.last_activity_at < before])
    own = select(Need.id).where(of_carrier(actor), Need.state == NeedState.OPEN, Need.published_at < before)
    suggested = _suggested(session, [Suggestion.need_id.in_(own.correlate(None))])
    reminded = last_reminders(session, actor)
    return [
        SilentPair(
            pair.need, pair.offer, pair.since, pair.awaited, pair.introduction,
            reminded.get((pair.need.id, pair.offer.id)),
        )
        for pair in (*agreed, *suggested)
    ]  # fmt: skip


def silent_pair(actor: Actor, need_id: int, offer_id: int) -> SilentPair | None:
    """One pair of a firm in the actor's carrier, silent or not any more; None looks like no such thing."""
    this = [of_carrier(actor), Need.id == need_id, Offer.id == offer_id]
    found = _agreed(db.session(), this) or _suggested(db.session(), this)
    return found[0] if found else None


def silent_count(session: Session, actor: Actor, *, days: int = DAYS, now: datetime) -> int:
    """How many agreed pairs of the carrier's firms are silent."""
    return session.scalar(SILENT, {"own": actor.organization_id, "silent_before": now - timedelta(days=days)}) or 0


def last_reminders(session: Session, actor: Actor) -> dict[tuple[int, int], datetime]:
    """(need, offer) → when the carrier last reminded somebody of it."""
    rows = session.execute(
        select(Reminder.need_id, Reminder.offer_id, func.max(Reminder.at))
        .where(Reminder.carrier_id == actor.organization_id)
        .group_by(Reminder.need_id, Reminder.offer_id)
    )
    return {(need_id, offer_id): at for need_id, offer_id, at in rows}


def _agreed(session: Session, conditions: Sequence[Any]) -> list[SilentPair]:
    rows = session.scalars(
        select(Introduction)
        .join(Need, Need.id == Introduction.need_id)
        .join(Offer, Offer.id == Introduction.offer_id)
        .options(contains_eager(Introduction.need), contains_eager(Introduction.offer))
        .where(Introduction.state == IntroductionState.ACCEPTED, *conditions)
        .order_by(Introduction.last_activity_at, Introduction.id)
        .limit(LISTED)
    ).all()
    spoke = _spoke_last(session, [row.id for row in rows])
    return [
        SilentPair(row.need, row.offer, row.last_activity_at, _awaited(row, spoke.get(row.id)), row) for row in rows
    ]


def _awaited(introduction: Introduction, spoke_last: int | None) -> Awaited:
    if spoke_last is None:
        return Awaited.BOTH
    return Awaited.OTHER if spoke_last == introduction.enterprise_id else Awaited.FIRM


def _spoke_last(session: Session, introduction_ids: Sequence[int]) -> dict[int, int]:
    """introduction → who made the last move that waits for an answer: a proposed time, else the last message."""
    if not introduction_ids:
        return {}
    newest = (
        select(func.max(Message.id))
        .where(Message.introduction_id.in_(introduction_ids))
        .group_by(Message.introduction_id)
    )
    wrote = session.execute(select(Message.introduction_id, Message.organization_id).where(Message.id.in_(newest)))
    found = {introduction_id: organization_id for introduction_id, organization_id in wrote}  # noqa: C416 -- rows
    proposed = session.execute(
        select(Meeting.introduction_id, Meeting.proposed_by_id)
        .where(Meeting.introduction_id.in_(introduction_ids), Meeting.state == MeetingState.PROPOSED)
        .order_by(Meeting.id)
    )
    return found | {introduction_id: organization_id for introduction_id, organization_id in proposed}  # noqa: C416


def _suggested(session: Session, conditions: Sequence[Any]) -> list[SilentPair]:
    """The firm's best suggestion, where it is a strong one and the firm has done nothing about its list."""
    rows = session.scalars(
        select(Suggestion)
        .join(Suggestion.need)
        .join(Suggestion.offer)
        .join(Organization, Organization.id == Need.organization_id)
        .join(
            PublishedRun,
            and_(
                PublishedRun.side == Side.NEED,
                PublishedRun.subject_id == Suggestion.need_id,
                PublishedRun.run_id == Suggestion.run_id,
            ),
        )
        .options(
            contains_eager(Suggestion.need).joinedload(Need.organization),
            contains_eager(Suggestion.offer).joinedload(Offer.organization),
        )
        .where(
            Suggestion.side == Side.NEED,
            Suggestion.position <= SUGGESTED_PER_NEED,
            Suggestion.verdict == Verdict.FITS,
            _strong(session),
            Need.state == NeedState.OPEN,
            Offer.state == OfferState.OPEN,
            Organization.is_claimed,
            *_nothing_done(),
            *conditions,
        )
        .order_by(Need.published_at, Suggestion.id)
        .limit(LISTED)
    ).unique()
    return [SilentPair(row.need, row.offer, row.need.published_at or row.created_at, Awaited.FIRM) for row in rows]


def _strong(session: Session) -> ColumnElement[bool]:
    """What is called strong by the weights in force of each pairing; where a pairing has no scores, whatever fits."""
    models = session.execute(select(MatchingModel.kind, MatchingModel.spec).where(MatchingModel.is_active))
    cuts = {kind: spec["cuts"]["strong"] for kind, spec in models if spec and "cuts" in spec}
    scored = [and_(Suggestion.kind == kind, Suggestion.score >= cut) for kind, cut in cuts.items()]
    return or_(Suggestion.kind.not_in(cuts), *scored)


def _nothing_done() -> tuple[ColumnElement[bool], ...]:
    """Neither asked anybody about the need nor said anything of a suggestion."""
    asked = exists().where(Introduction.need_id == Suggestion.need_id)
    said = exists().where(Feedback.need_id == Suggestion.need_id, Feedback.side == Side.NEED)
    kept_apart = exists().where(Exclusion.need_id == Suggestion.need_id, Exclusion.offer_id == Suggestion.offer_id)
    return (~asked, ~said, ~kept_apart)
