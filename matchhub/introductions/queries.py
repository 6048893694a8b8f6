"""Introductions as their parties and their stewards find them; what limits asking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, ColumnElement, func, Integer, or_, Select, select
from sqlalchemy.orm import joinedload, lazyload, load_only, Session

from matchhub.accounts.enums import Role
from matchhub.accounts.models import Organization, User
from matchhub.accounts.queries import NAMED
from matchhub.core.clock import CITY_ZONE, utcnow
from matchhub.core.db import db
from matchhub.core.paging import Page, paged
from matchhub.core.policy import Actor
from matchhub.disclosure.queries import Subject, Visible, visible_fields
from matchhub.introductions.enums import IntroductionState, MeetingState, OPEN_STATES
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
    Need.kind, Need.organization_id, Need.state, Need.code_name, Need.teaser, Need.lead_industry, Need.district_code,
    Need.carrier_id, Need.version,
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


def _loaded() -> Select[Introduction]:
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


def _of(organization_id: int | None, rows: Select[Introduction] | None = None) -> Select[Introduction]:
    return (_loaded() if rows is None else rows).where(
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
    return db.session.scalar(_of(own_id).where(Introduction.id == introduction_id, has_arrived(own_id)))


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
    state = Introduction.state
    if tab == "active":
        return statement.where(state == IntroductionState.ACCEPTED)
    if tab == "ended":
        return statement.where(state.in_(ENDED))
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
    statement = _on_tab(_of(own_id, _named()), tab, own_id)
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
    statement = _of(own_id, _named()).where(has_arrived(own_id))
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
    return introduction.need.code_name


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


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a steward's list."""

    district: str = ""
    industry: str = ""
    month: str = ""  # 2026-11
    state: str = ""
    met: bool = False
    kind: str = ""


def in_stewards_scope(actor: Actor) -> list[object]:
    """Conditions on Need that hold an officer or operator to what it looks after, set by the server alone."""
    if actor.role == Role.CITY_OFFICER.value:
        return []
    if actor.role == Role.DISTRICT_OFFICER.value:
        return [Need.district_code == actor.region_code]
    return [Need.carrier_id == actor.organization_id]


def managed(session: Session, actor: Actor, filters: Filters, *, number: int, per_page: int = 50) -> Page[Introduction]:
    """The stewards' list: which introductions exist and where they stand."""
    of_needs: list[Any] = [*in_stewards_scope(actor), *narrowed(filters)]
    own: list[Any] = _asked_for(filters)
    joined = select(func.count()).select_from(Introduction).join(Need, Introduction.need_id == Need.id)
    total = session.scalar(joined.where(*of_needs, *own)) or 0
    number = min(max(1, number), max(1, -(-total // per_page)))
    # by the newest until the page is full, not by the needs and then sorted: `+ 0` is no column that an index has
    needs = select(Need.id).where(*of_needs).correlate(None)
    rows = session.scalars(
        select(Introduction)
        .options(
            load_only(*OWN_COLUMNS),
            joinedload(Introduction.need, innerjoin=True).options(load_only(*OF_NEEDS), lazyload(Need.organization)),
        )
        .where((Introduction.need_id + 0).in_(needs), *own)
        .order_by(Introduction.requested_at.desc(), Introduction.id.desc())
        .limit(per_page)
        .offset((number - 1) * per_page)
    )
    return Page(rows.all(), number, total, per_page)


def _asked_for(filters: Filters) -> list[ColumnElement[bool]]:
    """What the filters ask of the introduction itself."""
    found: list[Any] = []
    if filters.state in set(IntroductionState):
        found.append(Introduction.state == filters.state)
    if filters.kind in set(PairingKind):
        found.append(Introduction.kind == filters.kind)
    if filters.met:
        held = select(Meeting.introduction_id).where(Meeting.state == MeetingState.HELD)
        found.append(Introduction.id.in_(held))
    if bounds := month_of(filters.month):
        found += [Introduction.requested_at >= bounds[0], Introduction.requested_at < bounds[1]]
    return found


def narrowed(filters: Filters) -> list[object]:
    """Conditions of the filters on Need."""
    found: list[object] = []
    if filters.district:
        found.append(Need.district_code == filters.district)
    if filters.industry:
        found.append(Need.lead_industry == filters.industry)
    return found


def month_of(text: str) -> tuple[datetime, datetime] | None:
    """2026-11 as its bounds in the city; nonsense is None."""
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=CITY_ZONE)
    except ValueError:
        return None
    return month_bounds(first) if 1970 <= first.year < 9999 else None


def awaiting_claim(session: Session, organization_id: int) -> list[Introduction]:
    """Requests to an organization that had nobody to answer them."""
    return list(
        session.scalars(
            _loaded().where(
                Introduction.recipient_id == organization_id,
                Introduction.awaits_claim,
                Introduction.state == IntroductionState.REQUESTED,
            )
        )
    )


def overdue(session: Session, *, now: datetime, limit: int = 100) -> list[Introduction]:
    """Requests whose time to answer is over."""
    return list(
        session.scalars(
            _loaded()
            .where(
                Introduction.state == IntroductionState.REQUESTED,
                Introduction.expires_at <= now,
                ~Introduction.awaits_claim,
            )
            .order_by(Introduction.id)
            .limit(limit)
        )
    )


def silent(session: Session, *, before: datetime, limit: int = 100) -> list[Introduction]:
    """Agreed introductions in which nothing has happened since then."""
    return list(
        session.scalars(
            _loaded()
            .where(Introduction.state == IntroductionState.ACCEPTED, Introduction.last_activity_at < before)
            .order_by(Introduction.id)
            .limit(limit)
        )
    )


def resting_on(session: Session, consent_id: int) -> Introduction | None:
    """The open introduction that a consent belongs to."""
    return session.scalar(
        _loaded().where(
            or_(Introduction.requester_consent_id == consent_id, Introduction.recipient_consent_id == consent_id),
            Introduction.state.in_(OPEN_STATES),
        )
    )


def all_with(session: Session, organization_id: int) -> list[Introduction]:
    """Every introduction that an organization has a part in, whatever its state."""
    return list(session.scalars(_of(organization_id)))


def written_by(session: Session, organization_id: int) -> list[Message]:
    """Every message of an organization."""
    return list(session.scalars(select(Message).where(Message.organization_id == organization_id)))


def proposed_by(session: Session, organization_id: int) -> list[Meeting]:
    """Every meeting that an organization proposed."""
    return list(session.scalars(select(Meeting).where(Meeting.proposed_by_id == organization_id)))


def waiting_for_need(session: Session, need_id: int) -> list[Introduction]:
    """Requests about a need that nobody has answered yet."""
    waiting = (Introduction.need_id == need_id, Introduction.state == IntroductionState.REQUESTED)
    return list(session.scalars(_loaded().where(*waiting).order_by(Introduction.id)))


def waiting_for_offer(session: Session, offer_id: int) -> list[Introduction]:
    """The same for an offer."""
    waiting = (Introduction.offer_id == offer_id, Introduction.state == IntroductionState.REQUESTED)
    return list(session.scalars(_loaded().where(*waiting).order_by(Introduction.id)))


def open_of(session: Session, organization_id: int) -> list[Introduction]:
    """The open introductions of an organization."""
    return list(session.scalars(_of(organization_id).where(Introduction.state.in_(OPEN_STATES))))
