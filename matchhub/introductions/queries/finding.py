"""Introductions as their parties and their stewards find them; what limits asking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, ColumnElement, func, or_, Select, select
from sqlalchemy.orm import joinedload, lazyload, load_only, Session

from matchhub.accounts.models import Organization, User
from matchhub.accounts.queries import NAMED
from matchhub.core import dictionaries
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unindexed
from matchhub.core.paging import Page, paged
from matchhub.core.policy import Actor
from matchhub.disclosure.queries import Subject, Visible, visible_fields
from matchhub.introductions.enums import IntroductionState, OPEN_STATES
from matchhub.introductions.models import Introduction, Meeting, Message
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.profiles.enums import RelationKind
from matchhub.profiles.models import Attachment, OrganizationRelation, Profile

ENDED = frozenset(IntroductionState) - OPEN_STATES
TABS = ("mine", "theirs", "active", "ended")
AGREED = (IntroductionState.ACCEPTED, IntroductionState.REVOKED, IntroductionState.CLOSED)


OWN_COLUMNS = (
    Introduction.kind, Introduction.need_id, Introduction.offer_id, Introduction.enterprise_id,
    Introduction.investor_id, Introduction.requester_id, Introduction.recipient_id, Introduction.state,
    Introduction.awaits_claim, Introduction.requested_at, Introduction.expires_at, Introduction.answered_at,
    Introduction.last_activity_at, Introduction.ask_again_on, Introduction.version,
)  # fmt: skip
OF_NEEDS = (
    Need.kind, Need.organization_id, Need.state, Need.code_name, Need.teaser, Need.teaser_en, Need.lead_industry,
    Need.district_code, Need.carrier_id, Need.version,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """A need and an offer, one of them the actor's own."""

    need: Need
    offer: Offer
    own_id: int

    @property
    def asker_is_enterprise(self) -> bool:
        return self.need.organization_id == self.own_id

    @property
    def other(self) -> Organization:
        """Whom the actor would ask."""
        return self.offer.organization if self.asker_is_enterprise else self.need.organization


def askable_pair(actor: Actor, need_id: int, offer_id: int) -> Pair | None:
    """The pair, where the actor owns one of the two and the other is open to everybody; None looks like no such thing."""
    need = db.session.get(Need, need_id)
    offer = db.session.get(Offer, offer_id)
    if need is None or offer is None or need.kind is not offer.kind or actor.organization_id is None:
        return None
    pair = Pair(need, offer, actor.organization_id)
    if need.organization_id == offer.organization_id:
        return None
    if need.organization_id == actor.organization_id:
        seen = offer.state is OfferState.OPEN
    else:
        seen = offer.organization_id == actor.organization_id and need.state is NeedState.OPEN
    return pair if seen and can_be_asked(pair.other) else None


def can_be_asked(organization: Organization) -> bool:
    """Checked by somebody, or known from a public record and not claimed yet."""
    return organization.is_open and (organization.is_verified or not organization.is_claimed)


def whole() -> Select[Introduction]:
    return select(Introduction).options(
        joinedload(Introduction.enterprise, innerjoin=True),
        joinedload(Introduction.investor, innerjoin=True),
        joinedload(Introduction.need, innerjoin=True),
        joinedload(Introduction.offer, innerjoin=True),
    )


def _named() -> Select[Introduction]:
    """What lists show of introductions, of their needs, offers and parties."""
    return select(Introduction).options(
        load_only(*OWN_COLUMNS),
        joinedload(Introduction.enterprise, innerjoin=True).load_only(*NAMED),
        joinedload(Introduction.investor, innerjoin=True).load_only(*NAMED),
        joinedload(Introduction.need, innerjoin=True).options(load_only(*OF_NEEDS), lazyload(Need.organization)),
    )


def of_party(organization_id: int | None, rows: Select[Introduction] | None = None) -> Select[Introduction]:
    return (whole() if rows is None else rows).where(
        or_(Introduction.enterprise_id == organization_id, Introduction.investor_id == organization_id)
    )


def has_arrived(organization_id: int | None, *, now: datetime | None = None) -> ColumnElement[bool]:
    """That an organization may know of the request: it is its own, or it has left and cannot be undone any more."""
    moment = utcnow() if now is None else now
    return or_(Introduction.requester_id == organization_id, Introduction.requested_at <= moment)


def visible_introduction(actor: Actor, introduction_id: int) -> Introduction | None:
    """An introduction of the actor's own organization."""
    own_id = actor.organization_id
    if own_id is None:
        return None
    return db.session.scalar(of_party(own_id).where(Introduction.id == introduction_id, has_arrived(own_id)))


def own_message(actor: Actor, message_id: int) -> Message | None:
    """A message of the actor's own organization."""
    return db.session.scalar(
        select(Message).where(Message.id == message_id, Message.organization_id == actor.organization_id)
    )


def visible_meeting(actor: Actor, meeting_id: int) -> Meeting | None:
    """A meeting of an introduction of the actor's own organization."""
    meeting = db.session.get(Meeting, meeting_id)
    if meeting is None or visible_introduction(actor, meeting.introduction_id) is None:
        return None
    return meeting


def _on_tab(statement: Select[Introduction], tab: str, own_id: int) -> Select[Introduction]:
    of_own = unindexed(Introduction.state)  # of the party's own, not of all that are in that state
    if tab == "active":
        return statement.where(of_own == IntroductionState.ACCEPTED.value)
    if tab == "ended":
        return statement.where(of_own.in_(sorted(state.value for state in ENDED)))
    state = Introduction.state
    if tab == "mine":
        return statement.where(state == IntroductionState.REQUESTED, *waits_for(own_id))
    return statement.where(state == IntroductionState.REQUESTED, Introduction.requester_id == own_id)


def waits_for(organization_id: int | None, *, now: datetime | None = None) -> tuple[ColumnElement[bool], ...]:
    """That a request lies before an organization: it has arrived, and is not declined a moment ago."""
    return (
        Introduction.recipient_id == organization_id,
        has_arrived(organization_id, now=now),
        Introduction.refusal_due_at.is_(None),
    )


def own_introductions(
    session: Session, own_id: int, *, tab: str, kind: str = "", number: int, per_page: int = 50
) -> Page[Introduction]:
    """One tab of the list: what waits for an answer by its date, the rest by what happened last."""
    statement = _on_tab(of_party(own_id, _named()), tab, own_id)
    if kind in set(PairingKind):
        statement = statement.where(Introduction.kind == kind)
    if tab in ("mine", "theirs"):
        statement = statement.order_by(Introduction.expires_at, Introduction.id)
    else:
        statement = statement.order_by(Introduction.last_activity_at.desc(), Introduction.id.desc())
    return paged(session, statement, number, per_page)


def all_of(session: Session, own_id: int) -> list[Introduction]:
    """All introductions of an organization that are open, and the last that ended (tracker and today)."""
    ended_last = case((Introduction.state.in_(OPEN_STATES), 0), else_=1)
    statement = of_party(own_id, _named()).where(has_arrived(own_id))
    statement = statement.order_by(ended_last, Introduction.last_activity_at.desc(), Introduction.id.desc())
    return list(session.scalars(statement.limit(200)))


def tab_counts(session: Session, own_id: int) -> dict[str, int]:
    """How many stand on each tab, in one query."""
    mine = case((Introduction.recipient_id == own_id, 1), else_=0)
    rows = session.execute(
        select(Introduction.state, mine, func.count())
        .where(
            or_(Introduction.enterprise_id == own_id, Introduction.investor_id == own_id),
            has_arrived(own_id),
            or_(mine == 0, Introduction.state != IntroductionState.REQUESTED, Introduction.refusal_due_at.is_(None)),
        )
        .group_by(Introduction.state, mine)
    )
    counts = dict.fromkeys(TABS, 0)
    for state, is_mine, count in rows:
        if state is IntroductionState.REQUESTED:
            counts["mine" if is_mine else "theirs"] += count
        else:
            counts["active" if state is IntroductionState.ACCEPTED else "ended"] += count
    return counts


def subject_of(introduction: Introduction, organization_id: int) -> Subject:
    """A party as somebody that fields are asked of."""
    need = introduction.need
    if organization_id == introduction.enterprise_id:
        return Subject(organization_id, need.district_code, need.carrier_id)
    return Subject(organization_id)


def visible_others(
    session: Session, actor: Actor, introductions: Iterable[Introduction], *, now: datetime
) -> dict[int, Visible]:
    """introduction id → what the actor may see of the other party: one query."""
    others = {i.id: subject_of(i, i.other_than(actor.organization_id).id) for i in introductions}
    seen = visible_fields(session, actor, others.values(), now=now)
    return {key: seen[subject.organization_id] for key, subject in others.items()}


def party_name(introduction: Introduction, organization: Organization, visible: Visible, locale: str) -> str:
    """The name, or the code name of the need. That a fund, bank or mentor is here every member knows; that a firm asks, not."""
    if organization.id == introduction.investor_id or visible.identity:
        return organization.label if locale == "zh" else organization.label_en or organization.label
    return dictionaries.snapshot().code_name(introduction.need.code_name, locale)


def messages_of(
    session: Session, introduction_id: int, *, reader_id: int | None, now: datetime
) -> list[tuple[Message, str]]:
    """The thread as one party reads it, oldest first, each with its writer's name; what has not left yet is the writer's."""
    rows = session.execute(
        select(Message, User.name)
        .join(User, User.id == Message.author_id)
        .where(
            Message.introduction_id == introduction_id,
            or_(Message.at <= now, Message.organization_id == reader_id),
        )
        .order_by(Message.at, Message.id)
    )
    return [(message, name) for message, name in rows]


def meetings_of(session: Session, introduction_ids: Sequence[int]) -> list[Meeting]:
    """Meetings of these introductions, the latest first."""
    return list(
        session.scalars(
            select(Meeting)
            .where(Meeting.introduction_id.in_(introduction_ids))
            .order_by(Meeting.starts_at.desc(), Meeting.id.desc())
        )
    )


def contact_of(session: Session, organization_id: int) -> Profile | None:
    """The profile that carries the contact person."""
    return session.scalar(select(Profile).where(Profile.organization_id == organization_id))


def attachments_of(session: Session, organization_id: int) -> list[Attachment]:
    """The files that an organization may open to somebody."""
    return list(
        session.scalars(
            select(Attachment)
            .where(Attachment.organization_id == organization_id, Attachment.removed_at.is_(None))
            .order_by(Attachment.id)
        )
    )


def is_blocked(session: Session, one_id: int, other_id: int) -> bool:
    """Whether one of the two wants nothing to do with the other."""
    relation = OrganizationRelation
    return (
        session.scalar(
            select(relation.id).where(
                relation.kind == RelationKind.BLOCKED,
                or_(
                    (relation.from_id == one_id) & (relation.to_id == other_id),
                    (relation.from_id == other_id) & (relation.to_id == one_id),
                ),
            )
        )
        is not None
    )


def open_between(session: Session, need_id: int, offer_id: int) -> Introduction | None:
    """The open introduction of a pair."""
    return session.scalar(
        select(Introduction).where(
            Introduction.need_id == need_id, Introduction.offer_id == offer_id, Introduction.state.in_(OPEN_STATES)
        )
    )
