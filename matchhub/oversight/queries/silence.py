"""Silent pairs of a carrier's firms: agreed, or strongly suggested, and nothing has happened since.

The carrier is told which of its firms waits or is waited for, never with whom it talks: that belongs to the two sides.
Only on a suggestion, which nobody has acted on, does the offer's name stand, as the directory shows it to every member.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, exists, Float, func, Integer, literal_column, or_, Select, select, union_all
from sqlalchemy.orm import contains_eager, joinedload, lazyload, load_only, Session

from matchhub.accounts.models import Organization
from matchhub.accounts.queries import NAMED
from matchhub.core.db import db, unindexed
from matchhub.core.labels import Labelled, N_
from matchhub.core.paging import Page, placed_at
from matchhub.core.policy import Actor
from matchhub.introductions.enums import IntroductionState, MeetingState
from matchhub.introductions.models import Introduction, Meeting, Message
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import Side, Verdict
from matchhub.matches.models import Exclusion, Feedback, MatchingModel, PublishedRun, Suggestion
from matchhub.oversight.models import Reminder
from matchhub.oversight.queries.kept import Kept, kept
from matchhub.oversight.queries.scopes import scope_of

DAYS = 14
MOST_DAYS = 365
PER_PAGE = 50
ANY_SCORE = -1.0
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


def silent_pairs(
    session: Session, actor: Actor, *, days: int = DAYS, now: datetime, number: int = 1, per_page: int = PER_PAGE
) -> Page[SilentPair]:
    """Agreed pairs first, the longest silent on top, then strong suggestions: a page of both in six queries at most."""
    given = {"own": actor.organization_id, "silent_before": now - timedelta(days=days), **cuts(session)}
    held = kept(session, *scope_of(actor))
    agreed, suggested = _how_many(session, held if days == DAYS else None, given)
    place = placed_at(number, agreed + suggested, per_page)
    quiet = QUIET_OF_MANY if held else QUIET
    found = _agreed(session, quiet, {**given, "most": per_page, "first": place.first}) if place.first < agreed else []
    if len(found) < per_page:
        rest = {"most": per_page - len(found), "first": max(0, place.first - agreed)}
        found += _suggested(session, UNREAD, given | rest)
    reminded = last_reminders(session, actor, [pair.need.id for pair in found])
    items = [replace(pair, reminded_at=reminded.get((pair.need.id, pair.offer.id))) for pair in found]
    return place.of(items)


def _how_many(session: Session, held: Kept | None, given: dict[str, Any]) -> tuple[int, int]:
    """(agreed pairs, suggestions) as they are kept of a large carrier, else as they are now."""
    silent, unread = (held.count("silent"), held.count("unread")) if held else (None, None)
    if silent is not None and unread is not None:
        return silent, unread
    agreed, suggested = session.execute(HOW_MANY, given).one()
    return agreed, suggested


def silent_pair(actor: Actor, need_id: int, offer_id: int) -> SilentPair | None:
    """One pair of a firm in the actor's carrier, silent or not any more; None looks like no such thing."""
    session = db.session()
    this = {"own": actor.organization_id, "need": need_id, "offer": offer_id}
    found = _agreed(session, TALK, this) or _suggested(session, SUGGESTION, this | cuts(session))
    return found[0] if found else None


def silent_count(session: Session, actor: Actor, *, days: int = DAYS, now: datetime) -> int:
    """How many agreed pairs of the carrier's firms are silent."""
    return session.scalar(SILENT, {"own": actor.organization_id, "silent_before": now - timedelta(days=days)}) or 0


def last_reminders(session: Session, actor: Actor, need_ids: Sequence[int]) -> dict[tuple[int, int], datetime]:
    """(need, offer) → when the carrier last reminded somebody of it."""
    rows = session.execute(REMINDED, {"own": actor.organization_id, "needs": need_ids})
    return {(need_id, offer_id): at for need_id, offer_id, at in rows}


def _agreed(session: Session, statement: Select[Introduction], given: dict[str, Any]) -> list[SilentPair]:
    rows = session.scalars(statement, given).all()
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
    rows = session.execute(SPOKE, {"talks": introduction_ids})
    return {row[2]: row[3] for row in sorted(rows, key=lambda row: (row[0], row[1]))}


def _suggested(session: Session, statement: Select[Suggestion], given: dict[str, Any]) -> list[SilentPair]:
    """The firm's best suggestion, where it is a strong one and the firm has done nothing about its list."""
    rows = session.scalars(statement, given).unique()
    return [SilentPair(row.need, row.offer, row.need.published_at or row.created_at, Awaited.FIRM) for row in rows]


def cuts(session: Session) -> dict[str, float]:
    """From which score on a suggestion is strong, by the weights in force of each pairing; where it has no scores, from any."""
    cuts = {f"cut_{kind.value}": ANY_SCORE for kind in PairingKind}
    for kind, spec in session.execute(ACTIVE_WEIGHTS):
        if spec and "cuts" in spec:
            cuts[f"cut_{kind.value}"] = float(spec["cuts"]["strong"])
    return cuts


# --- the statements, put together once: to do so costs more than to run them ------------------------------------

LISTED = (
    "kind", "organization_id", "state", "teaser", "code_name", "carrier_id", "district_code", "published_at", "version",
)  # of a need  # fmt: skip
ACTIVE_WEIGHTS = select(MatchingModel.kind, MatchingModel.spec).where(MatchingModel.is_active)
OWN = Need.carrier_id == bindparam("own", type_=Integer)
OF_NEED = load_only(*(getattr(Need, name) for name in LISTED))
OF_OFFER = (load_only(Offer.kind, Offer.organization_id, Offer.title, Offer.state), lazyload(Offer.organization))
PAGED = {"most": bindparam("most", type_=Integer), "first": bindparam("first", type_=Integer)}
THIS = (Need.id == bindparam("need", type_=Integer), Offer.id == bindparam("offer", type_=Integer))


def _talks(of_need: Any) -> Select[Introduction]:
    """Agreed introductions of the carrier's firms; `of_need`: by what their need is found."""
    return (
        select(Introduction)
        .join(Need, Need.id == of_need)
        .join(Offer, Offer.id == Introduction.offer_id)
        .options(
            load_only(
                Introduction.kind, Introduction.need_id, Introduction.offer_id, Introduction.enterprise_id,
                Introduction.investor_id, Introduction.state, Introduction.last_activity_at, Introduction.version,
            ),
            contains_eager(Introduction.need).options(
                OF_NEED, joinedload(Need.organization, innerjoin=True).load_only(*NAMED)
            ),
            contains_eager(Introduction.offer).options(*OF_OFFER),
        )
        .where(Introduction.state == IntroductionState.ACCEPTED, OWN)
    )  # fmt: skip


def _quiet(of_need: Any) -> Select[Introduction]:
    return (
        _talks(of_need)
        .where(Introduction.last_activity_at < bindparam("silent_before"))
        .order_by(Introduction.last_activity_at, Introduction.id)
        .limit(PAGED["most"])
        .offset(PAGED["first"])
    )


TALK = _talks(Introduction.need_id).where(*THIS)
QUIET = _quiet(Introduction.need_id)
# of a carrier that has many, the longest silent are read until the page is full
QUIET_OF_MANY = _quiet(unindexed(Introduction.need_id))
STRONG = or_(
    *(
        and_(Suggestion.kind == kind, Suggestion.score >= bindparam(f"cut_{kind.value}", type_=Float))
        for kind in PairingKind
    )
)
SUGGESTIONS = (
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
    .where(
        Suggestion.side == Side.NEED,
        Suggestion.position <= SUGGESTED_PER_NEED,
        Suggestion.verdict == Verdict.FITS,
        STRONG,
        OWN,
        Need.state == NeedState.OPEN,
        Offer.state == OfferState.OPEN,
        Organization.is_claimed,
        # neither asked anybody about the need nor said anything of a suggestion
        ~exists().where(Introduction.need_id == Suggestion.need_id),
        ~exists().where(Feedback.need_id == Suggestion.need_id, Feedback.side == Side.NEED),
        ~exists().where(Exclusion.need_id == Suggestion.need_id, Exclusion.offer_id == Suggestion.offer_id),
    )
)
LONG_OPEN = Suggestion.need_id.in_(  # so that a database begins with the carrier's needs, not with all suggestions
    select(Need.id)
    .where(OWN, Need.state == NeedState.OPEN, Need.published_at < bindparam("silent_before"))
    .correlate(None)
)
SHOWN = (
    load_only(Suggestion.kind, Suggestion.need_id, Suggestion.offer_id, Suggestion.created_at),
    contains_eager(Suggestion.need).options(
        OF_NEED, contains_eager(Need.organization).load_only(*NAMED, Organization.is_claimed)
    ),
    contains_eager(Suggestion.offer).options(*OF_OFFER),
)
SUGGESTION = SUGGESTIONS.options(*SHOWN).where(*THIS)
UNREAD = (
    SUGGESTIONS.options(*SHOWN)
    .where(LONG_OPEN)
    .order_by(Need.published_at, Suggestion.id)
    .limit(PAGED["most"])
    .offset(PAGED["first"])
)
UNREAD_COUNT = SUGGESTIONS.where(LONG_OPEN).with_only_columns(func.count(Suggestion.id), maintain_column_froms=True)
HOW_MANY = select(SILENT.scalar_subquery(), UNREAD_COUNT.scalar_subquery())
SOME_TALKS = bindparam("talks", type_=Integer, expanding=True)
WROTE_LAST = select(literal_column("0", Integer), Message.id, Message.introduction_id, Message.organization_id).where(
    Message.id.in_(
        select(func.max(Message.id)).where(Message.introduction_id.in_(SOME_TALKS)).group_by(Message.introduction_id)
    )
)
PROPOSED = select(literal_column("1", Integer), Meeting.id, Meeting.introduction_id, Meeting.proposed_by_id).where(
    Meeting.introduction_id.in_(SOME_TALKS), Meeting.state == MeetingState.PROPOSED
)
SPOKE = union_all(WROTE_LAST, PROPOSED)
REMINDED = (
    select(Reminder.need_id, Reminder.offer_id, func.max(Reminder.at))
    .where(
        Reminder.carrier_id == bindparam("own", type_=Integer),
        Reminder.need_id.in_(bindparam("needs", type_=Integer, expanding=True)),
    )
    .group_by(Reminder.need_id, Reminder.offer_id)
)
