"""The review queue: organizations to verify, profiles and needs to check, within the reviewer's scope; oldest first."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, false, func, inspect, literal, Select, select, union_all
from sqlalchemy.orm import load_only, Session

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.accounts.models import Organization, User
from matchhub.accounts.queries import NAMED, organizations_to_verify
from matchhub.core.audit import AuditEvent
from matchhub.core.db import unindexed
from matchhub.core.labels import Labelled, N_
from matchhub.core.policy import Actor
from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import Profile

LIMIT = 200
STATEMENTS_KEPT = 128  # of reviewers, who are few
PROFILES = Profile.metadata.tables["profile"].alias("waiting")
FIRMS = Profile.metadata.tables["enterprise_profile"]  # the table: joining the class would join `profile` twice


class ReviewKind(Labelled):
    """What is to be looked at."""

    ORGANIZATION = "organization", N_("核验机构")
    PROFILE = "profile", N_("审核资料")
    NEED = "need", N_("审核需求")


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One thing in the queue."""

    kind: ReviewKind
    id: int
    organization: Organization
    since: datetime
    subject: Any = None  # the row itself, where the page shows more of it

    @property
    def district_code(self) -> str | None:
        return self.organization.district_code


def queue(
    session: Session, actor: Actor, *, kind: ReviewKind | None = None, district: str = "", limit: int = LIMIT
) -> list[ReviewItem]:
    """Everything that waits for this reviewer, oldest first: a query a kind, of `limit` rows at most."""
    items = [
        read(row)
        for of_kind, read in READERS.items()
        if kind in (None, of_kind)
        for row in session.scalars(_oldest(of_kind, _scoped(actor), district, limit)).unique()
    ]
    return sorted(items, key=lambda item: item.since)[:limit]


def next_ones(session: Session, actor: Actor, *, limit: int) -> list[ReviewItem]:
    """The oldest of what waits, with the names of whose it is, as much as a line of 今日 shows: one query."""
    rows = session.execute(_next(_scoped(actor), limit))
    return [ReviewItem(ReviewKind(row.kind), row.id, row.Organization, row.since) for row in rows]


def counts(session: Session, actor: Actor, *, district: str = "") -> dict[ReviewKind, int]:
    """How many of each kind wait: one query."""
    rows = session.execute(_counted(_scoped(actor), district))
    return {ReviewKind(kind): count for kind, count in rows}


def _scoped(actor: Actor) -> Actor:
    """The actor without what no statement of the queue reads, so that a statement is kept for all sittings."""
    return replace(actor, name="", ip="", session_id=None)


@lru_cache(maxsize=STATEMENTS_KEPT)
def _counted(actor: Actor, district: str) -> CompoundSelect[Any]:
    """(kind, how many wait): to build it costs more than to ask it."""
    waiting = {
        ReviewKind.ORGANIZATION: _waiting_organizations(actor, district).with_only_columns(Organization.id),
        ReviewKind.PROFILE: _waiting_profiles(actor, district).with_only_columns(
            Profile.id, maintain_column_froms=True
        ),
        ReviewKind.NEED: _waiting_needs(actor, district).with_only_columns(Need.id),
    }
    return union_all(
        *(
            select(literal(kind.value), func.count()).select_from(statement.order_by(None).subquery())
            for kind, statement in waiting.items()
        )
    )


@lru_cache(maxsize=STATEMENTS_KEPT)
def _oldest(kind: ReviewKind, actor: Actor, district: str, limit: int) -> Select[Any]:
    """The statement of a kind's oldest `limit`, kept as `_counted` is."""
    waiting = {
        ReviewKind.ORGANIZATION: _waiting_organizations,
        ReviewKind.PROFILE: _waiting_profiles,
        ReviewKind.NEED: _waiting_needs,
    }
    return waiting[kind](actor, district).limit(limit)


@lru_cache(maxsize=STATEMENTS_KEPT)
def _next(actor: Actor, limit: int) -> Select[Any]:
    """(kind, id, since, organization) of the oldest of all kinds."""
    organizations = _waiting_organizations(actor).with_only_columns(
        literal(ReviewKind.ORGANIZATION.value).label("kind"), Organization.id.label("id"),
        Organization.id.label("organization_id"), Organization.created_at.label("since"),
    )  # fmt: skip
    profiles = _waiting_profiles(actor).with_only_columns(
        literal(ReviewKind.PROFILE.value).label("kind"), Profile.id.label("id"), Profile.organization_id,
        func.coalesce(Profile.submitted_at, Profile.updated_at).label("since"), maintain_column_froms=True,
    )  # fmt: skip
    needs = _waiting_needs(actor).with_only_columns(
        literal(ReviewKind.NEED.value).label("kind"), Need.id.label("id"), Need.organization_id,
        func.coalesce(Need.submitted_at, Need.updated_at).label("since"),
    )  # fmt: skip
    waiting = union_all(*(select(part.limit(limit).subquery()) for part in (organizations, profiles, needs))).subquery()
    return (
        select(waiting.c.kind, waiting.c.id, waiting.c.since, Organization)
        .join(Organization, Organization.id == waiting.c.organization_id)
        .options(load_only(*NAMED))
        .order_by(waiting.c.since)
        .limit(limit)
    )


def item(session: Session, actor: Actor, kind: ReviewKind, identity: int) -> ReviewItem | None:
    """One thing of the queue, if it is still in it and in scope: one query."""
    one: dict[ReviewKind, tuple[Select[Any], Callable[[Any], ReviewItem]]] = {
        ReviewKind.ORGANIZATION: (_waiting_organizations(actor).where(Organization.id == identity), _of_organization),
        ReviewKind.PROFILE: (_waiting_profiles(actor).where(Profile.id == identity), _of_profile),
        ReviewKind.NEED: (_waiting_needs(actor).where(Need.id == identity), _of_need),
    }
    statement, read = one[kind]
    row = session.scalar(statement)
    return read(row) if row is not None else None


def _organization_scope(actor: Actor) -> ColumnElement[bool]:
    if actor.role in (Role.CITY_OFFICER, Role.ADMINISTRATOR):
        return literal(True)
    if actor.role == Role.DISTRICT_OFFICER and actor.region_code:
        return Organization.district_code == actor.region_code
    if actor.organization_kind == OrganizationKind.CARRIER and actor.organization_verified and actor.district_code:
        return (Organization.district_code == actor.district_code) & (Organization.kind == OrganizationKind.ENTERPRISE)
    return false()


def _scope(actor: Actor, district: Any, carrier: Any) -> ColumnElement[bool]:
    if actor.role == Role.CITY_OFFICER:
        return literal(True)
    if actor.role == Role.DISTRICT_OFFICER and actor.region_code:
        return district == actor.region_code
    if actor.organization_kind == OrganizationKind.CARRIER and actor.organization_verified:
        return carrier == actor.organization_id
    return false()


def _waiting_organizations(actor: Actor, district: str = "") -> Select[Any]:
    statement: Select[Any] = organizations_to_verify(actor)
    return statement.where(Organization.district_code == district) if district else statement


def _waiting_profiles(actor: Actor, district: str = "") -> Select[Any]:
    handed_in = select(PROFILES.c.id).where(PROFILES.c.state == ProfileState.SUBMITTED)  # few of a district's firms
    statement = (
        select(Profile)
        .join(Organization, Profile.organization_id == Organization.id)
        .outerjoin(FIRMS, FIRMS.c.id == Profile.id)
        .where(
            Profile.id.in_(handed_in),
            _scope(actor, unindexed(Organization.district_code), FIRMS.c.carrier_id),
            Organization.id != (actor.organization_id or 0),
        )
        .order_by(Profile.submitted_at)
    )
    return statement.where(unindexed(Organization.district_code) == district) if district else statement


def _waiting_needs(actor: Actor, district: str = "") -> Select[Any]:
    mine = _scope(actor, unindexed(Need.district_code), unindexed(Need.carrier_id))  # few wait, many are in a district
    waits = (Need.state == NeedState.SUBMITTED, mine)
    statement = select(Need).where(*waits).order_by(Need.submitted_at)
    return statement.where(unindexed(Need.district_code) == district) if district else statement


def _of_organization(row: Organization) -> ReviewItem:
    return ReviewItem(ReviewKind.ORGANIZATION, row.id, row, row.created_at, row)


def _of_profile(row: Profile) -> ReviewItem:
    return ReviewItem(ReviewKind.PROFILE, row.id, row.organization, row.submitted_at or row.updated_at, row)


def _of_need(row: Need) -> ReviewItem:
    return ReviewItem(ReviewKind.NEED, row.id, row.organization, row.submitted_at or row.updated_at, row)


READERS: dict[ReviewKind, Callable[[Any], ReviewItem]] = {
    ReviewKind.ORGANIZATION: _of_organization, ReviewKind.PROFILE: _of_profile, ReviewKind.NEED: _of_need,
}  # fmt: skip


def was_in_scope(session: Session, actor: Actor, kind: ReviewKind, identity: int) -> bool:
    """Whether the thing exists in the reviewer's scope though it no longer waits: somebody was faster."""
    if kind is ReviewKind.ORGANIZATION:
        statement: Any = select(Organization.id).where(Organization.id == identity, _organization_scope(actor))
    elif kind is ReviewKind.PROFILE:
        statement = (
            select(Profile.id)
            .join(Organization, Profile.organization_id == Organization.id)
            .outerjoin(FIRMS, FIRMS.c.id == Profile.id)
            .where(Profile.id == identity, _scope(actor, Organization.district_code, FIRMS.c.carrier_id))
        )
    else:
        statement = select(Need.id).where(Need.id == identity, _scope(actor, Need.district_code, Need.carrier_id))
    return session.scalar(statement) is not None


DECISIONS = {
    ReviewKind.ORGANIZATION: ("verify", "accept-claim", "reject", "release", "refuse-claim"),
    ReviewKind.PROFILE: ("publish", "return"),
    ReviewKind.NEED: ("approve", "return"),
}
SUBJECTS: dict[ReviewKind, type[Any]] = {
    ReviewKind.ORGANIZATION: Organization, ReviewKind.PROFILE: Profile, ReviewKind.NEED: Need,
}  # fmt: skip


def decided_by(session: Session, kind: ReviewKind, identity: int) -> str | None:
    """The name of who decided last about a thing, from the trail; None where the trail does not say."""
    tables = {mapper.class_.__tablename__ for mapper in inspect(SUBJECTS[kind]).self_and_descendants}
    statement = (
        select(User.name)
        .join(AuditEvent, AuditEvent.actor_user_id == User.id)
        .where(
            AuditEvent.object_type.in_(tables),
            AuditEvent.object_id == identity,
            AuditEvent.action.in_([f"{kind.value}:{action}" for action in DECISIONS[kind]]),
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    return session.scalar(statement)
