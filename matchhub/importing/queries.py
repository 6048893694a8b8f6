"""Whose lines may be brought in, and what is there already: a fixed number of queries for a table of any length."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from matchhub.accounts.enums import OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.core.audit import AuditEvent
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.core.uploads import KINDS as FILE_KINDS
from matchhub.core.uploads import StoredFile
from matchhub.importing.kinds import ImportKind, Subject, Whose
from matchhub.listings.enums import NeedState, OfferState
from matchhub.listings.models import NEED_MODELS, OFFER_MODELS
from matchhub.listings.queries.needs import untouched
from matchhub.profiles.models import MentorProfile
from matchhub.profiles.queries import firms_in

FILES = frozenset({FILE_KINDS["xlsx"], FILE_KINDS["csv"]})
GONE = (OrganizationStatus.CLOSED, OrganizationStatus.MERGED)


@dataclass(slots=True)
class Present:
    """What is there: organizations by code and by name, names that several share, rows by owner and key,
    rows by number, the numbers of those that somebody else has taken up since, firms with a draft that nobody has touched."""

    by_uscc: dict[str, Organization] = field(default_factory=dict)
    by_name: dict[str, Organization] = field(default_factory=dict)
    shared_names: set[str] = field(default_factory=set)
    rows: dict[tuple[int, str], Any] = field(default_factory=dict)
    by_id: dict[int, Any] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    drafting: set[int] = field(default_factory=set)


def present(kind: ImportKind, whose: Whose, actor: Actor) -> Present:
    """All that a table of this kind may touch or run into, in the actor's hands."""
    found = Present()
    organizations = _organizations(kind, whose, actor)
    named = Counter(organization.name for organization in organizations)
    found.shared_names = {name for name, number in named.items() if number > 1}
    for organization in organizations:
        found.by_name[organization.name] = organization
        if organization.uscc:
            found.by_uscc[organization.uscc] = organization
    for row in rows_of(kind, whose, actor):
        key = row.organization.name if kind.subject is Subject.MENTOR else getattr(row, kind.key)
        found.rows.setdefault((row.organization_id, key), row)
        found.by_id[row.id] = row
    if kind.subject is Subject.NEED:
        free = untouched(db.session(), actor.organization_id, found.by_id)
        found.settled = found.by_id.keys() - free
        found.drafting = {found.by_id[need].organization_id for need in free}
    return found


def changeable_rows(kind: ImportKind, whose: Whose, actor: Actor) -> Sequence[Any]:
    """The rows that a table may change: of needs only drafts that this carrier brought and the firm has left alone."""
    rows = rows_of(kind, whose, actor)
    if kind.subject is not Subject.NEED:
        return rows
    free = untouched(db.session(), actor.organization_id, [row.id for row in rows])
    return [row for row in rows if row.id in free]


def _organizations(kind: ImportKind, whose: Whose, actor: Actor) -> Sequence[Organization]:
    if whose is Whose.OWN:
        return [db.session.get_one(Organization, actor.organization_id)]
    if whose is Whose.RESIDENTS:
        return firms_in(db.session(), actor.organization_id or 0)
    statement = select(Organization).where(Organization.kind == kind.owner, Organization.status.notin_(GONE))
    return db.session.scalars(statement.order_by(Organization.is_claimed.desc(), Organization.id)).all()


def rows_of(kind: ImportKind, whose: Whose, actor: Actor) -> Sequence[Any]:
    """The rows that a table may change or would double: own offers, needs that this carrier brought or oversees, those of
    organizations that nobody has joined."""
    if kind.subject is Subject.NEED:
        need = NEED_MODELS[kind.pairing]
        ended = (NeedState.MET, NeedState.CLOSED)
        return db.session.scalars(
            select(need).where(need.carrier_id == actor.organization_id, need.state.notin_(ended)).order_by(need.id)
        ).all()
    model: Any = MentorProfile if kind.subject is Subject.MENTOR else OFFER_MODELS[kind.pairing]
    statement = select(model).join(Organization, Organization.id == model.organization_id).order_by(model.id)
    if kind.subject is Subject.OFFER:
        statement = statement.where(model.state != OfferState.CLOSED)
    if whose is Whose.OWN:
        return db.session.scalars(statement.where(model.organization_id == actor.organization_id)).all()
    return db.session.scalars(statement.where(Organization.is_claimed.is_(False))).all()


def uploaded_table(actor: Actor, file_id: int) -> StoredFile | None:
    """A table that the actor's organization has sent; None for everything else."""
    file = db.session.get(StoredFile, file_id)
    if file is None or actor.organization_id is None or file.organization_id != actor.organization_id:
        return None
    return file if file.media_type in FILES else None


def result_of(file: StoredFile) -> AuditEvent | None:
    """What bringing in a file did the last time; None where nobody has confirmed it."""
    return db.session.scalar(
        select(AuditEvent)
        .where(
            AuditEvent.action == "import:apply",
            AuditEvent.object_type == StoredFile.__tablename__,
            AuditEvent.object_id == file.id,
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )


def organization_named(word: str) -> Organization | None:
    """An organization by its code or exact name, the one that somebody has joined first; for the command line."""
    return db.session.scalar(
        select(Organization)
        .where((Organization.uscc == word) | (Organization.name == word) | (Organization.short_name == word))
        .where(Organization.status.notin_(GONE))
        .order_by(Organization.is_claimed.desc(), Organization.id)
        .limit(1)
    )
