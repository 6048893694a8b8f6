"""Silent pairs of a carrier's firms: agreed, or strongly suggested, and nothing has happened since.

The carrier is told which of its firms waits or is waited for, never with whom it talks: that belongs to the two sides.
Only on a suggestion, which nobody has acted on, does the offer's name stand, as the directory shows it to every member.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    and_,
    bindparam,
    ColumnElement,
    Float,
    func,
    Integer,
    literal_column,
    or_,
    Row,
    Select,
    select,
    union_all,
)
from sqlalchemy.orm import contains_eager, Session

from matchhub.accounts.models import Organization
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
    """A pair in which nothing happens, since when, and who has to move: as a reminder of it needs it."""

    need: Need
    offer: Offer
    since: datetime
    awaited: Awaited
    introduction: Introduction | None = None

    def days(self, now: datetime) -> int:
        """For how many whole days it has been silent."""
        return (now - self.since).days


class Asked(NamedTuple):
    """What a line says of the need."""

    id: int
    kind: PairingKind
    code_name: str
    teaser: str
    teaser_en: str
    organization_id: int
    district_code: str | None
    carrier_id: int | None


class Firm(NamedTuple):
    """What a line says of the firm."""

    name: str
    name_en: str
    short_name: str

    @property
    def label(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name

    @property
    def label_en(self) -> str:
        """The English name; '' where there is none."""
        return self.name_en


@dataclass(frozen=True, slots=True)
class SilentLine:
    """A silent pair as the list shows it, and when somebody was last reminded of it. `introduction_id`: None of a suggestion."""

    need: Asked
    firm: Firm
    offer_id: int
    since: datetime
    awaited: Awaited
    introduction_id: int | None = None
    reminded_at: datetime | None = None

    def days(self, now: datetime) -> int:
        """For how many whole days it has been silent."""
        return (now - self.since).days


def silent_pairs(
    session: Session, actor: Actor, *, days: int = DAYS, now: datetime, number: int = 1, per_page: int = PER_PAGE
) -> Page[SilentLine]:
    """Agreed pairs first, the longest silent on top, then strong suggestions: a page of both in six queries at most."""
    given = {"own": actor.organization_id, "silent_before": now - timedelta(days=days), **cuts(session)}
    held = kept(session, *scope_of(actor))
    agreed, suggested = _how_many(session, held if days == DAYS else None, given)
    place = placed_at(number, agreed + suggested, per_page)
    quiet = QUIET_OF_MANY if held else QUIET
    found = _quiet(session, quiet, {**given, "most": per_page, "first": place.first}) if place.first < agreed else []
    if len(found) < per_page:
        rest = {"most": per_page - len(found), "first": max(0, place.first - agreed)}
        found += [_line(row, Awaited.FIRM) for row in session.execute(UNREAD, given | rest)]
    reminded = last_reminders(session, actor, [line.need.id for line in found])
    items = [replace(line, reminded_at=reminded.get((line.need.id, line.offer_id))) for line in found]
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
    return _talk(session, this) or _suggestion(session, this | cuts(session))


def silent_count(session: Session, actor: Actor, *, days: int = DAYS, now: datetime) -> int:
    """How many agreed pairs of the carrier's firms are silent."""
    return session.scalar(SILENT, {"own": actor.organization_id, "silent_before": now - timedelta(days=days)}) or 0


def last_reminders(session: Session, actor: Actor, need_ids: Sequence[int]) -> dict[tuple[int, int], datetime]:
    """(need, offer) → when the carrier last reminded somebody of it."""
    rows = session.execute(REMINDED, {"own": actor.organization_id, "needs": need_ids})
    return {(need_id, offer_id): at for need_id, offer_id, at in rows}


def _quiet(session: Session, statement: Select[Any], given: dict[str, Any]) -> list[SilentLine]:
    rows = session.execute(statement, given).all()
    spoke = _spoke_last(session, [row.talk for row in rows])
    return [_line(row, _awaited(row.enterprise_id, spoke.get(row.talk)), row.talk) for row in rows]


def _line(row: Row[Any], awaited: Awaited, talk: int | None = None) -> SilentLine:
    return SilentLine(Asked(*row[:ASKED]), Firm(*row[ASKED:NAMED_TO]), row.offer_id, row.since, awaited, talk)


def _talk(session: Session, this: dict[str, Any]) -> SilentPair | None:
    row = session.scalar(TALK, this)
    if row is None:
        return None
    awaited = _awaited(row.enterprise_id, _spoke_last(session, [row.id]).get(row.id))
    return SilentPair(row.need, row.offer, row.last_activity_at, awaited, row)


def _suggestion(session: Session, this: dict[str, Any]) -> SilentPair | None:
    """The firm's best suggestion, where it is a strong one and the firm has done nothing about its list."""
    row = session.scalar(SUGGESTION, this)
    if row is None:
        return None
    return SilentPair(row.need, row.offer, row.need.published_at or row.created_at, Awaited.FIRM)


def _awaited(enterprise_id: int, spoke_last: int | None) -> Awaited:
    if spoke_last is None:
        return Awaited.BOTH
    return Awaited.OTHER if spoke_last == enterprise_id else Awaited.FIRM


def _spoke_last(session: Session, introduction_ids: Sequence[int]) -> dict[int, int]:
    """introduction → who made the last move that waits for an answer: a proposed time, else the last message."""
    if not introduction_ids:
        return {}
    rows = session.execute(SPOKE, {"talks": introduction_ids})
    return {row[2]: row[3] for row in sorted(rows, key=lambda row: (row[0], row[1]))}


def cuts(session: Session) -> dict[str, float]:
    """From which score on a suggestion is strong, by the weights in force of each pairing; where it has no scores, from any."""
    cuts = {f"cut_{kind.value}": ANY_SCORE for kind in PairingKind}
    for kind, spec in session.execute(ACTIVE_WEIGHTS):
        if spec and "cuts" in spec:
            cuts[f"cut_{kind.value}"] = float(spec["cuts"]["strong"])
    return cuts


# --- the statements, put together once: to do so costs more than to run them ------------------------------------

ACTIVE_WEIGHTS = select(MatchingModel.kind, MatchingModel.spec).where(MatchingModel.is_active)
OWN = Need.carrier_id == bindparam("own", type_=Integer)
BEFORE: Any = bindparam("silent_before")
PAGED = {"most": bindparam("most", type_=Integer), "first": bindparam("first", type_=Integer)}
LINE: tuple[Any, ...] = (
    *(getattr(Need, name) for name in Asked._fields), *(getattr(Organization, name) for name in Firm._fields)
)  # fmt: skip
ASKED, NAMED_TO = len(Asked._fields), len(LINE)


def _long_quiet(of_need: Any) -> Select[Any]:
    """Agreed pairs of the carrier's firms, the longest silent first; `of_need`: by what their need is found."""
    return (
        select(
            *LINE, Introduction.offer_id, Introduction.last_activity_at.label("since"), Introduction.id.label("talk"),
            Introduction.enterprise_id,
        )
        .select_from(Introduction)
        .join(Need, Need.id == of_need)
        .join(Organization, Organization.id == Need.organization_id)
        .where(Introduction.state == IntroductionState.ACCEPTED, OWN, Introduction.last_activity_at < BEFORE)
        .order_by(Introduction.last_activity_at, Introduction.id)
        .limit(PAGED["most"])
        .offset(PAGED["first"])
    )  # fmt: skip


QUIET = _long_quiet(Introduction.need_id)
# of a carrier that has many, the longest silent are read until the page is full
QUIET_OF_MANY = _long_quiet(unindexed(Introduction.need_id))
STRONG = or_(
    *(
        and_(Suggestion.kind == kind, Suggestion.score >= bindparam(f"cut_{kind.value}", type_=Float))
        for kind in PairingKind
    )
)


def _has(column: Any, *conditions: Any) -> ColumnElement[bool]:
    """Whether there is a row that meets these conditions, asked row by row: without its offset PostgreSQL would weigh it as one
    more table to join, and takes 25 ms to find the best order of nine."""
    return select(column).where(*conditions).correlate(Need, Suggestion).offset(0).exists()


SHOWN_RUN = select(PublishedRun.run_id).where(PublishedRun.side == Side.NEED, PublishedRun.subject_id == Need.id)
UNTOUCHED = (  # of a suggestion, its need and its firm
    Suggestion.need_id == Need.id,
    Suggestion.side == Side.NEED,
    Suggestion.run_id == SHOWN_RUN.scalar_subquery(),
    Suggestion.position <= SUGGESTED_PER_NEED,
    Suggestion.verdict == Verdict.FITS,
    STRONG,
    OWN,
    unindexed(Need.state) == NeedState.OPEN,
    Organization.id == Need.organization_id,
    Organization.is_claimed,
    _has(Offer.id, Offer.id == Suggestion.offer_id, Offer.state == OfferState.OPEN),
    # neither asked anybody about the need nor said anything of a suggestion
    ~_has(Introduction.id, Introduction.need_id == Need.id),
    ~_has(Feedback.id, Feedback.need_id == Need.id, Feedback.side == Side.NEED),
    ~_has(Exclusion.id, Exclusion.need_id == Need.id, Exclusion.offer_id == Suggestion.offer_id),
)
LONG_OPEN = Need.published_at < BEFORE
UNREAD: Select[Any] = (
    select(*LINE, Suggestion.offer_id, Need.published_at.label("since"))
    .where(*UNTOUCHED, LONG_OPEN)
    .order_by(Need.published_at, Suggestion.id)
    .limit(PAGED["most"])
    .offset(PAGED["first"])
)
UNREAD_COUNT = select(func.count(Suggestion.id)).where(*UNTOUCHED, LONG_OPEN)
HOW_MANY = select(SILENT.scalar_subquery(), UNREAD_COUNT.scalar_subquery())
THIS = (Need.id == bindparam("need", type_=Integer), Offer.id == bindparam("offer", type_=Integer))
TALK = (
    select(Introduction)
    .join(Introduction.need)
    .join(Introduction.offer)
    .options(contains_eager(Introduction.need), contains_eager(Introduction.offer))
    .where(Introduction.state == IntroductionState.ACCEPTED, OWN, *THIS)
    .order_by(Introduction.last_activity_at, Introduction.id)
)
SUGGESTION = (
    select(Suggestion)
    .join(Suggestion.need)
    .join(Suggestion.offer)
    .options(contains_eager(Suggestion.need), contains_eager(Suggestion.offer))
    .where(*UNTOUCHED, *THIS)
)
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
