"""What the auditor's pages show: rows of the trail, of the consents and of the refusals, with the names that belong to them.

Every list is a constant number of queries; names are looked up for the rows of one page at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, cast, ColumnElement, false, func, Integer, or_, Select, select, String
from sqlalchemy.orm import defer, joinedload, load_only, Session

from matchhub.accounts.models import Organization, User
from matchhub.accounts.queries import NAMED
from matchhub.console.auditing.words import OBJECTS, READINGS
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import city_date, CITY_ZONE
from matchhub.core.db import UtcDateTime
from matchhub.core.ledger import SecurityEvent
from matchhub.core.paging import Page, paged
from matchhub.core.pinyin import search_key
from matchhub.core.uploads import StoredFile
from matchhub.disclosure.enums import FieldGroup
from matchhub.disclosure.models import Consent
from matchhub.introductions.models import Introduction
from matchhub.listings.models import Need
from matchhub.oversight.queries.kept import Kept, kept
from matchhub.oversight.queries.scopes import Scope
from matchhub.profiles.models import Attachment, EnterpriseProfile

MONTH = timedelta(days=30)
FOUND = 500  # objects that one search follows at most
LARGEST_ID = 2**31 - 1
ALL_READINGS = "readings"  # instead of one action: every opening of a file or a contact
STATES = ("active", "waiting", "withdrawn", "expired")
SOME = bindparam("ids", type_=Integer, expanding=True)
WITH_SIDES = select(Consent).options(
    defer(Consent.shown_values),
    joinedload(Consent.subject, innerjoin=True).load_only(*NAMED),
    joinedload(Consent.recipient, innerjoin=True).load_only(*NAMED),
)
CONSENTS = WITH_SIDES.where(Consent.id.in_(SOME))
ORGANIZATIONS = select(Organization).options(load_only(*NAMED)).where(Organization.id.in_(SOME))
FILES = (
    select(Attachment.id, StoredFile.name)
    .join(StoredFile, StoredFile.id == Attachment.file_id)
    .where(Attachment.id.in_(SOME))
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What an auditor asks the trail for; empty means all. `object_id` is the number that the trail gives the object."""

    object_type: str = ""
    object_id: int | None = None
    person: str = ""
    organization: str = ""
    action: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """Who and what the numbers of some rows are; people and organizations by their id, objects by (type, id)."""

    people: Mapping[int, str] = field(default_factory=dict)
    organizations: Mapping[int, Organization] = field(default_factory=dict)
    files: Mapping[int, str] = field(default_factory=dict)
    consents: Mapping[int, Consent] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deck:
    """A file that a search has found, and whose it is."""

    id: int
    name: str
    owner: Organization
    is_removed: bool


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search in one field has found: the files, and the consents by which contacts were opened."""

    decks: Sequence[Deck]
    consent_ids: Sequence[int]

    @property
    def is_empty(self) -> bool:
        return not self.decks and not self.consent_ids


def events(session: Session, filters: Filters, *, number: int = 1, per_page: int = 50) -> Page[AuditEvent]:
    """The trail, newest first."""
    conditions = [*_about(filters), *_between(AuditEvent.at, filters)]
    if filters.person.strip():
        conditions.append(AuditEvent.actor_user_id.in_(_people_called(filters.person)))
    if filters.organization.strip():
        conditions.append(AuditEvent.actor_organization_id.in_(organizations_called(filters.organization)))
    statement = select(AuditEvent).where(*conditions).order_by(AuditEvent.id.desc())
    return paged(session, statement, number, per_page)


def readings(session: Session, hits: Hits, *, number: int = 1, per_page: int = 50) -> Page[AuditEvent]:
    """Who opened these files or contacts, newest first."""
    files = and_(
        AuditEvent.object_type == Attachment.__tablename__, AuditEvent.object_id.in_([d.id for d in hits.decks])
    )
    contacts = and_(AuditEvent.object_type == Consent.__tablename__, AuditEvent.object_id.in_(hits.consent_ids))
    statement = select(AuditEvent).where(AuditEvent.action.in_(READINGS), or_(files, contacts))
    return paged(session, statement.order_by(AuditEvent.id.desc()), number, per_page)


def hits_of(session: Session, text: str) -> Hits:
    """What one field may mean: part of a file's name, the number of a file or a need, a code name, or an organization."""
    text = text.strip()
    if not text:
        return Hits((), ())
    number = _number(text)
    owners = select(Organization.id).where(Organization.id.in_(organizations_called(text)) | _code_named(text))
    of_need = _consents_of_needs(session, text, number)
    by_need = {file_id for consent in of_need for file_id in consent.file_ids}
    decks = _decks(
        session,
        StoredFile.name.contains(text, autoescape=True)
        | Attachment.organization_id.in_(owners)
        | Attachment.id.in_([*by_need, *([number] if number is not None else [])]),
    )
    consents = session.scalars(select(Consent.id).where(Consent.subject_id.in_(owners)).limit(FOUND)).all()
    return Hits(decks, sorted({*consents, *(consent.id for consent in of_need)}))


def consents(
    session: Session, *, state: str = "", group: str = "", organization: str = "", now: datetime, number: int = 1,
    per_page: int = 50,
) -> Page[Consent]:  # fmt: skip
    """Who opened what to whom, newest first, by state, kind of content and either side."""
    statement = WITH_SIDES
    if state in STATES:
        statement = statement.where(_in_state(state, now))
    if group in set(FieldGroup):
        statement = statement.where(_holds(group))
    if organization.strip():
        named = organizations_called(organization)
        statement = statement.where(or_(Consent.subject_id.in_(named), Consent.recipient_id.in_(named)))
    return paged(session, statement.order_by(Consent.id.desc()), number, per_page)


def trail_figures(session: Session, now: datetime) -> dict[str, int]:
    """What the pages tell of the whole city: how many consents there are in each state, and what the last month has brought."""
    since = month_before(now)
    return consent_counts(session, now=now) | {
        "events": events_since(session, since), "readings": readings_since(session, since),
    }  # fmt: skip


def kept_trail(session: Session) -> Kept | None:
    """The same as the worker keeps it of a large city."""
    held = kept(session, Scope.CITY, None)
    return held if held and held.trail else None


def month_before(now: datetime) -> datetime:
    """The first moment of the day of the city thirty days ago."""
    return datetime.combine(city_date(now) - MONTH, time(), CITY_ZONE)


def consent_counts(session: Session, *, now: datetime) -> dict[str, int]:
    """How many consents there are in each state, in one query."""
    row = session.execute(_counts(), {"now": now}).one()
    return {state: getattr(row, state) or 0 for state in STATES}


@cache
def _counts() -> Select[Any]:
    now: Any = bindparam("now", type_=UtcDateTime)
    columns: list[Any] = [func.count().filter(_in_state(state, now)).label(state) for state in STATES]
    return select(*columns).select_from(Consent)


def state_of(consent: Consent, now: datetime) -> str:
    """One of STATES."""
    if consent.withdrawn_at is not None:
        return "withdrawn"
    if now >= consent.expires_at:
        return "expired"
    return "active" if consent.is_active(now) else "waiting"


def refusals(session: Session, filters: Filters, *, number: int = 1, per_page: int = 50) -> Page[SecurityEvent]:
    """What was refused, newest first; `filters.action` is the cause."""
    conditions = _between(SecurityEvent.at, filters)
    if filters.action:
        conditions.append(SecurityEvent.kind == filters.action)
    if filters.person.strip():
        conditions.append(SecurityEvent.actor_user_id.in_(_people_called(filters.person)))
    if filters.organization.strip():
        conditions.append(SecurityEvent.actor_organization_id.in_(organizations_called(filters.organization)))
    return paged(session, select(SecurityEvent).where(*conditions).order_by(SecurityEvent.id.desc()), number, per_page)


def refusals_by_cause(session: Session, *, since: datetime) -> list[tuple[str, int]]:
    """Causes of refusal with their counts, the most frequent first: one query."""
    count = func.count()
    rows = session.execute(
        select(SecurityEvent.kind, count)
        .where(SecurityEvent.at >= since)
        .group_by(SecurityEvent.kind)
        .order_by(count.desc(), SecurityEvent.kind)
    )
    return [(kind, number) for kind, number in rows]


def readings_since(session: Session, since: datetime) -> int:
    """How often files and contacts were opened."""
    statement = select(func.count()).where(AuditEvent.action.in_(READINGS), AuditEvent.at >= since)
    return session.scalar(statement) or 0


def events_since(session: Session, since: datetime) -> int:
    """How many rows the trail has gained."""
    return session.scalar(select(func.count()).where(AuditEvent.at >= since)) or 0


def names_of(session: Session, rows: Sequence[AuditEvent | SecurityEvent]) -> Names:
    """The names that the rows of one page mention, in four queries."""
    objects = [(row.object_type, row.object_id) for row in rows if isinstance(row, AuditEvent) and row.object_id]
    held = _consents_by_id(session, [i for kind, i in objects if kind == Consent.__tablename__])
    organizations = {row.actor_organization_id for row in rows} | {i for kind, i in objects if kind == "organization"}
    return Names(
        people=_by_id(session, User.id, User.name, {row.actor_user_id for row in rows} | _ids(objects, "user")),
        organizations={o.id: o for o in _organizations(session, organizations)},
        files=_file_names(session, _ids(objects, Attachment.__tablename__)),
        consents=held,
    )


def organizations_called(text: str) -> Select[int]:
    """The ids of the organizations with this in a name, the code, or the pinyin of the name."""
    text = text.strip()
    choices: list[ColumnElement[bool]] = [
        Organization.name.contains(text, autoescape=True),
        Organization.short_name.contains(text, autoescape=True),
        Organization.name_en.icontains(text, autoescape=True),
        Organization.uscc == text.upper(),
    ]
    if text.isascii() and not text.isdigit() and (key := search_key(text)):
        choices.append(Organization.sort_key.contains(key, autoescape=True))
    return select(Organization.id).where(or_(*choices))


def _people_called(text: str) -> Select[int]:
    text = text.strip()
    return select(User.id).where(
        or_(
            User.name.contains(text, autoescape=True),
            User.email.startswith(text.lower(), autoescape=True),
            User.mobile == text,
        )
    )


def _code_named(text: str) -> ColumnElement[bool]:
    """Enterprises behind a code name such as 新材料-0007."""
    return Organization.id.in_(select(EnterpriseProfile.organization_id).where(_is_called(EnterpriseProfile, text)))


def _is_called(model: type[Need] | type[EnterpriseProfile], text: str) -> ColumnElement[bool]:
    return model.code_name == text if "-" in text else false()


def _number(text: str) -> int | None:
    """The number in 12, #12 or 需求 12; None where the words say something else."""
    plain = text.removeprefix("需求").removeprefix("文件").strip(" #№")
    return int(plain) if plain.isascii() and plain.isdigit() and int(plain) <= LARGEST_ID else None


def _consents_of_needs(session: Session, text: str, number: int | None) -> list[Consent]:
    """What the two sides of the introductions about this need (its number, its code name) have opened."""
    meant = select(Need.id).where(or_(Need.id == number if number is not None else false(), _is_called(Need, text)))
    asked = select(Introduction.id).where(Introduction.need_id.in_(meant))
    about = (Consent.about_type == Introduction.__tablename__, Consent.about_id.in_(asked))
    return list(session.scalars(select(Consent).where(*about).limit(FOUND)))


def _decks(session: Session, condition: ColumnElement[bool]) -> list[Deck]:
    rows = session.execute(
        select(Attachment.id, StoredFile.name, Organization, Attachment.removed_at)
        .join(StoredFile, StoredFile.id == Attachment.file_id)
        .join(Organization, Organization.id == Attachment.organization_id)
        .where(condition)
        .order_by(Attachment.id.desc())
        .limit(FOUND)
    )
    return [Deck(file_id, name, owner, removed_at is not None) for file_id, name, owner, removed_at in rows]


def _about(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.object_type in OBJECTS:
        found.append(AuditEvent.object_type == filters.object_type)
    if filters.object_id is not None:
        found.append(AuditEvent.object_id == filters.object_id)
    if filters.action == ALL_READINGS:
        found.append(AuditEvent.action.in_(READINGS))
    elif filters.action.strip():
        found.append(AuditEvent.action.startswith(filters.action.strip(), autoescape=True))
    return found


def _between(column: Any, filters: Filters) -> list[ColumnElement[bool]]:
    """From the first moment of one day of the city to the last of the other."""
    found = []
    if filters.since is not None:
        found.append(column >= datetime.combine(filters.since, time(), CITY_ZONE))
    if filters.until is not None:
        found.append(column < datetime.combine(filters.until + timedelta(days=1), time(), CITY_ZONE))
    return found


def _in_state(state: str, now: Any) -> ColumnElement[bool]:
    standing = Consent.withdrawn_at.is_(None) & (Consent.expires_at > now)
    begun = Consent.active_from.is_not(None) & (Consent.active_from <= now)
    return {
        "active": standing & begun,
        "waiting": standing & ~begun,
        "withdrawn": Consent.withdrawn_at.is_not(None),
        "expired": Consent.withdrawn_at.is_(None) & (Consent.expires_at <= now),
    }[state]


def _holds(group: str) -> ColumnElement[bool]:
    """Whether the list of groups, stored as JSON, names this one (the names are ours: letters and underscores)."""
    return cast(Consent.groups, String).contains(f'"{group}"', autoescape=True)


def _ids(objects: Iterable[tuple[str, int | None]], kind: str) -> set[int | None]:
    return {found for name, found in objects if name == kind}


def _by_id(session: Session, key: Any, name: Any, ids: set[int | None]) -> dict[int, str]:
    return dict(session.execute(_named(key, name), {"ids": list(ids - {None})}).all()) if ids - {None} else {}


@cache
def _named(key: Any, name: Any) -> Select[Any]:
    return select(key, name).where(key.in_(SOME))


def _organizations(session: Session, ids: set[int | None]) -> Sequence[Organization]:
    return session.scalars(ORGANIZATIONS, {"ids": list(ids - {None})}).all() if ids - {None} else ()


def _file_names(session: Session, ids: set[int | None]) -> dict[int, str]:
    return dict(session.execute(FILES, {"ids": list(ids - {None})}).all()) if ids - {None} else {}


def _consents_by_id(session: Session, ids: Sequence[int | None]) -> dict[int, Consent]:
    return {consent.id: consent for consent in session.scalars(CONSENTS, {"ids": ids})} if ids else {}
