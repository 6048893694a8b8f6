"""Engagements and sessions as mentor and firm find them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, func, or_, Select, select
from sqlalchemy.orm import joinedload, load_only, Session

from matchhub.accounts.enums import EDITING_ROLES, MembershipState
from matchhub.accounts.models import Membership, Organization, User
from matchhub.accounts.queries import NAMED
from matchhub.core.db import db, unindexed
from matchhub.core.paging import Page, paged
from matchhub.core.policy import Actor
from matchhub.introductions.models import Introduction
from matchhub.mentoring.enums import EngagementState, OPEN_STATES, SessionState
from matchhub.mentoring.models import Engagement, Goal, MentoringSession

SORTS = {
    "opened": (Engagement.opened_at, Engagement.id),
    "-opened": (Engagement.opened_at.desc(), Engagement.id.desc()),
}
SILENT_DAYS = 30
A_HOME = 7  # rows of one kind on a home
OWN: Any = bindparam("own")
TO_CONFIRM = (
    select(MentoringSession.id, Organization)
    .select_from(MentoringSession)
    .join(Engagement, Engagement.id == MentoringSession.engagement_id)
    .join(Organization, Organization.id == Engagement.mentor_id)
    .options(load_only(*NAMED))
    .where(Engagement.enterprise_id == OWN, MentoringSession.state == SessionState.LOGGED)
    .order_by(MentoringSession.created_at)
    .limit(A_HOME)
)
DISPUTED = (
    select(MentoringSession.id, Organization)
    .select_from(MentoringSession)
    .join(Engagement, Engagement.id == MentoringSession.engagement_id)
    .join(Organization, Organization.id == Engagement.enterprise_id)
    .options(load_only(*NAMED))
    .where(Engagement.mentor_id == OWN, MentoringSession.state == SessionState.DISPUTED)
    .order_by(MentoringSession.decided_at)
    .limit(A_HOME)
)
QUIET = (
    select(Engagement.id, Organization)
    .select_from(Engagement)
    .join(Organization, Organization.id == Engagement.enterprise_id)
    .options(load_only(*NAMED))
    .where(
        Engagement.mentor_id == OWN,
        Engagement.state == EngagementState.ACTIVE,
        Engagement.opened_at < bindparam("before"),
        Engagement.id.not_in(
            select(MentoringSession.engagement_id).where(
                MentoringSession.held_on > bindparam("last_day"), MentoringSession.state != SessionState.WITHDRAWN
            )
        ),
    )
    .order_by(Engagement.opened_at)
    .limit(A_HOME)
)
LAST_DAY = (
    select(func.max(MentoringSession.held_on))
    .where(MentoringSession.engagement_id == Engagement.id, MentoringSession.state != SessionState.WITHDRAWN)
    .scalar_subquery()
)
TO_LOG = (
    select(Engagement.id)
    .where(Engagement.mentor_id == OWN, Engagement.state == EngagementState.ACTIVE)
    .order_by(LAST_DAY.is_not(None), LAST_DAY, Engagement.opened_at, Engagement.id)
    .limit(1)
)
RUNNING = select(func.count(Engagement.id)).where(Engagement.mentor_id == OWN, Engagement.state.in_(OPEN_STATES))
CONFIRMED_MINUTES = (
    select(func.coalesce(func.sum(MentoringSession.minutes), 0))
    .join(Engagement, Engagement.id == MentoringSession.engagement_id)
    .where(Engagement.mentor_id == OWN, unindexed(MentoringSession.state) == SessionState.CONFIRMED.value)
)


@dataclass(frozen=True, slots=True)
class Totals:
    """What an engagement has come to: confirmed sessions and minutes, sessions that wait, the last confirmed day."""

    sessions: int = 0
    minutes: int = 0
    waiting: int = 0
    last_on: date | None = None

    @property
    def hours(self) -> float:
        """Confirmed hours, to one decimal."""
        return round(self.minutes / 60, 1)


NOTHING = Totals()


def _loaded() -> Select[Engagement]:
    return select(Engagement).options(
        joinedload(Engagement.enterprise, innerjoin=True),
        joinedload(Engagement.mentor, innerjoin=True),
        joinedload(Engagement.introduction, innerjoin=True).options(
            joinedload(Introduction.enterprise, innerjoin=True),
            joinedload(Introduction.investor, innerjoin=True),
            joinedload(Introduction.need, innerjoin=True),
        ),
    )


def _of(organization_id: int | None) -> Select[Engagement]:
    return _loaded().where(or_(Engagement.enterprise_id == organization_id, Engagement.mentor_id == organization_id))


def visible_engagement(actor: Actor, engagement_id: int) -> Engagement | None:
    """An engagement of the actor's own organization, from either side."""
    if actor.organization_id is None:
        return None
    return db.session.scalar(_of(actor.organization_id).where(Engagement.id == engagement_id))


def visible_session(actor: Actor, mentoring_session_id: int) -> MentoringSession | None:
    """A session of the actor's own organization."""
    found = db.session.get(MentoringSession, mentoring_session_id)
    return None if found is None or visible_engagement(actor, found.engagement_id) is None else found


def visible_goal(actor: Actor, goal_id: int) -> Goal | None:
    """A goal of the actor's own organization."""
    found = db.session.get(Goal, goal_id)
    return None if found is None or visible_engagement(actor, found.engagement_id) is None else found


def engagements_of(
    session: Session, own_id: int, *, state: str = "", sort: str = "-opened", number: int, per_page: int = 50
) -> Page[Engagement]:
    """The own list: open ones unless a state is chosen."""
    statement = _of(own_id)
    if state in set(EngagementState):
        statement = statement.where(Engagement.state == state)
    elif state != "all":
        statement = statement.where(Engagement.state.in_(OPEN_STATES))
    return paged(session, statement.order_by(*SORTS.get(sort, SORTS["-opened"])), number, per_page)


def state_counts(session: Session, own_id: int) -> dict[EngagementState, int]:
    """How many engagements stand in each state."""
    either = or_(Engagement.enterprise_id == own_id, Engagement.mentor_id == own_id)
    rows = session.execute(select(Engagement.state, func.count()).where(either).group_by(Engagement.state))
    return {row[0]: row[1] for row in rows}


def totals_of(session: Session, engagement_ids: Sequence[int]) -> dict[int, Totals]:
    """engagement id → what it has come to: one query."""
    logged = MentoringSession
    confirmed = logged.state == SessionState.CONFIRMED
    rows = session.execute(
        select(
            logged.engagement_id,
            func.sum(case((confirmed, 1), else_=0)),
            func.sum(case((confirmed, logged.minutes), else_=0)),
            func.sum(case((logged.state == SessionState.LOGGED, 1), else_=0)),
            func.max(case((confirmed, logged.held_on))),
        )
        .where(logged.engagement_id.in_(engagement_ids))
        .group_by(logged.engagement_id)
    )
    return {row[0]: Totals(row[1], row[2], row[3], row[4]) for row in rows}


def sessions_of(session: Session, engagement_ids: Sequence[int]) -> list[MentoringSession]:
    """The log of these engagements without what was withdrawn, the latest day first."""
    return list(
        session.scalars(
            select(MentoringSession)
            .where(MentoringSession.engagement_id.in_(engagement_ids), MentoringSession.state != SessionState.WITHDRAWN)
            .order_by(MentoringSession.held_on.desc(), MentoringSession.id.desc())
        )
    )


def same_session(session: Session, engagement_id: int, held_on: date, minutes: int, summary: str) -> bool:
    """Whether the very same session stands in the log already: a form sent twice."""
    logged = MentoringSession
    statement = select(logged.id).where(
        logged.engagement_id == engagement_id, logged.held_on == held_on, logged.minutes == minutes,
        logged.summary == summary, logged.state != SessionState.WITHDRAWN,
    )  # fmt: skip
    return session.scalar(statement.limit(1)) is not None


def goals_of(session: Session, engagement_id: int) -> list[Goal]:
    """The goals in the order in which they were set."""
    return list(session.scalars(select(Goal).where(Goal.engagement_id == engagement_id).order_by(Goal.id)))


def engagements_by_introduction(session: Session, introduction_ids: Sequence[int]) -> dict[int, Engagement]:
    """introduction id → its engagement."""
    rows = session.scalars(select(Engagement).where(Engagement.introduction_id.in_(introduction_ids)))
    return {row.introduction_id: row for row in rows}


def engagements_with(session: Session, organization_id: int) -> list[Engagement]:
    """Every engagement of an organization, on either side."""
    return list(session.scalars(_of(organization_id)))


def sessions_to_confirm(session: Session, enterprise_id: int) -> list[tuple[int, Organization]]:
    """What waits for the firm's one tap, the oldest first, with the mentor."""
    return [(row[0], row[1]) for row in session.execute(TO_CONFIRM, {"own": enterprise_id})]


def disputed_sessions(session: Session, mentor_id: int) -> list[tuple[int, Organization]]:
    """What the mentor has to set right, the oldest first, with the firm."""
    return [(row[0], row[1]) for row in session.execute(DISPUTED, {"own": mentor_id})]


def quiet_engagements(session: Session, mentor_id: int, *, now: datetime) -> list[tuple[int, Organization]]:
    """Running engagements without a session in the log for `SILENT_DAYS`, the longest silent first, with the firm."""
    before = now - timedelta(days=SILENT_DAYS)
    rows = session.execute(QUIET, {"own": mentor_id, "before": before, "last_day": before.date()})
    return [(row[0], row[1]) for row in rows]


def confirming_actor(session: Session, user_id: int, enterprise_id: int) -> Actor | None:
    """The person, acting for the firm, where that person may still change things for it."""
    row = session.scalar(
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.user_id == user_id, Membership.organization_id == enterprise_id,
            Membership.state == MembershipState.ACTIVE, Membership.role.in_(EDITING_ROLES), User.disabled_at.is_(None),
        )
        .options(joinedload(Membership.organization, innerjoin=True))
    )  # fmt: skip
    if row is None:
        return None
    organization = row.organization
    return Actor(
        user_id=user_id, membership_id=row.id, organization_id=organization.id, role=row.role.value,
        organization_kind=organization.kind.value, organization_verified=organization.is_verified,
    )  # fmt: skip
