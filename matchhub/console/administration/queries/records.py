"""What the administrator looks after: organizations, people, words, texts. Loaders find nothing for anybody else."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Case, case, func, or_, Select, select
from sqlalchemy.orm import joinedload, selectinload, Session

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import (
    Invitation,
    Membership,
    Organization,
    OrganizationName,
    SignInRule,
    User,
    UserSession,
)
from matchhub.core.administration import administrator
from matchhub.core.db import db
from matchhub.core.dictionaries import DictionaryEntry
from matchhub.core.paging import Page, paged
from matchhub.core.pinyin import search_key
from matchhub.core.policy import Actor
from matchhub.core.texts import LegalText


@dataclass(frozen=True, slots=True)
class DictionaryRow:
    """A dictionary: how many words it has, and how many of them are in force."""

    name: str
    total: int
    in_force: int


def organizations(
    session: Session, *, kind: str = "", status: str = "", text: str = "", number: int = 1, per_page: int = 50
) -> Page[Organization]:
    """Organizations by kind, status, and part of a name, code or pinyin."""
    statement = select(Organization).order_by(Organization.sort_key, Organization.id)
    if kind in set(OrganizationKind):
        statement = statement.where(Organization.kind == OrganizationKind(kind))
    if status in set(OrganizationStatus):
        statement = statement.where(Organization.status == OrganizationStatus(status))
    return paged(session, _named(statement, text), number, per_page)


def _named(statement: Select[Organization], text: str) -> Select[Organization]:
    text = text.strip()
    if not text:
        return statement
    choices = [
        Organization.name.contains(text, autoescape=True),
        Organization.short_name.contains(text, autoescape=True),
        Organization.uscc.startswith(text.upper(), autoescape=True),
    ]
    if key := search_key(text):
        choices.append(Organization.sort_key.contains(key, autoescape=True))
    return statement.where(or_(*choices))


def organization(actor: Actor, *, organization_id: int) -> Organization | None:
    """One organization, for an administrator."""
    return db.session.get(Organization, organization_id) if administrator(actor) else None


def memberships(session: Session, organization_id: int) -> list[Membership]:
    """Everyone who is or was in an organization, those in force first."""
    statement = (
        select(Membership)
        .where(Membership.organization_id == organization_id)
        .options(joinedload(Membership.user, innerjoin=True))
        .order_by(Membership.state, Membership.id)
    )
    return list(session.scalars(statement))


def earlier_names(session: Session, organization_id: int) -> list[OrganizationName]:
    """The names that it had before, newest first."""
    statement = select(OrganizationName).where(OrganizationName.organization_id == organization_id)
    return list(session.scalars(statement.order_by(OrganizationName.until.desc())))


def open_invitations(session: Session, organization_id: int, *, now: datetime) -> list[Invitation]:
    """Invitations that can still be accepted."""
    statement = select(Invitation).where(
        Invitation.organization_id == organization_id,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > now,
    )
    return list(session.scalars(statement.order_by(Invitation.id)))


def merge_candidates(session: Session, subject: Organization, text: str) -> list[Organization]:
    """Open organizations of the same kind whose name or code holds `text`; at most ten."""
    if not text.strip():
        return []
    statement = select(Organization).where(
        Organization.kind == subject.kind,
        Organization.id != subject.id,
        Organization.status.not_in((OrganizationStatus.CLOSED, OrganizationStatus.MERGED)),
    )
    return list(session.scalars(_named(statement, text).order_by(Organization.sort_key).limit(10)))


def people(
    session: Session, *, text: str = "", only: str = "", now: datetime, number: int = 1, per_page: int = 50
) -> Page[User]:
    """People with their memberships, by part of name, e-mail or mobile."""
    statement = (
        select(User)
        .options(selectinload(User.memberships).joinedload(Membership.organization, innerjoin=True))
        .order_by(User.name, User.id)
    )
    if text := text.strip():
        statement = statement.where(
            or_(
                User.name.contains(text, autoescape=True),
                User.email.startswith(text.lower(), autoescape=True),
                User.mobile.startswith(text, autoescape=True),
            )
        )
    if only == "locked":
        statement = statement.where(User.locked_until > now)
    return paged(session, statement, number, per_page)


def person(actor: Actor, *, user_id: int) -> User | None:
    """One person, for an administrator."""
    return db.session.get(User, user_id) if administrator(actor) else None


def memberships_of(session: Session, user_id: int) -> list[Membership]:
    """A person's memberships, those in force first."""
    statement = (
        select(Membership)
        .where(Membership.user_id == user_id)
        .options(joinedload(Membership.organization, innerjoin=True))
        .order_by(Membership.state, Membership.id)
    )
    return list(session.scalars(statement))


def open_sessions(session: Session, user_id: int, *, now: datetime) -> int:
    """How many browsers a person is signed in with."""
    statement = select(func.count()).where(
        UserSession.user_id == user_id, UserSession.ended_at.is_(None), UserSession.expires_at > now
    )
    return session.scalar(statement) or 0


def dictionary_rows(session: Session, *, on: date) -> list[DictionaryRow]:
    """Every dictionary with its counts, in one query."""
    in_force = func.sum(_in_force_as_number(on))
    statement = select(DictionaryEntry.dictionary, func.count(), in_force).group_by(DictionaryEntry.dictionary)
    rows = session.execute(statement.order_by(DictionaryEntry.dictionary)).all()
    return [DictionaryRow(name, int(total), int(live or 0)) for name, total, live in rows]


def _in_force_as_number(on: date) -> Case[int]:
    later = or_(DictionaryEntry.effective_to.is_(None), DictionaryEntry.effective_to > on)
    return case((DictionaryEntry.effective_from > on, 0), (later, 1), else_=0)


def entries(session: Session, dictionary: str, *, text: str = "", number: int = 1) -> Page[DictionaryEntry]:
    """The entries of one dictionary, past and future ones too, by part of a code or word."""
    statement = (
        select(DictionaryEntry)
        .where(DictionaryEntry.dictionary == dictionary)
        .order_by(DictionaryEntry.position, DictionaryEntry.code, DictionaryEntry.effective_from)
    )
    if text := text.strip():
        statement = statement.where(
            or_(
                DictionaryEntry.code.startswith(text, autoescape=True),
                DictionaryEntry.label.contains(text, autoescape=True),
                DictionaryEntry.label_en.icontains(text, autoescape=True),
            )
        )
    return paged(session, statement, number)


def dictionary(actor: Actor, *, name: str) -> str | None:
    """The name of a dictionary that there is, for an administrator."""
    statement = select(DictionaryEntry.dictionary).where(DictionaryEntry.dictionary == name).limit(1)
    return db.session.scalar(statement) if administrator(actor) else None


def entry(actor: Actor, *, entry_id: int) -> DictionaryEntry | None:
    """One entry, for an administrator."""
    return db.session.get(DictionaryEntry, entry_id) if administrator(actor) else None


def texts(session: Session) -> list[LegalText]:
    """All versions of all legal texts, by kind, newest first."""
    return list(session.scalars(select(LegalText).order_by(LegalText.kind, LegalText.effective_at.desc())))


def legal_text(actor: Actor, *, text_id: int) -> LegalText | None:
    """One version, for an administrator."""
    return db.session.get(LegalText, text_id) if administrator(actor) else None


def membership(actor: Actor, *, organization_id: int, membership_id: int) -> Membership | None:
    """One membership of one organization, for an administrator."""
    row = db.session.get(Membership, membership_id) if administrator(actor) else None
    return row if row is not None and row.organization_id == organization_id else None


def invitation(actor: Actor, *, invitation_id: int) -> Invitation | None:
    """One invitation, for an administrator."""
    return db.session.get(Invitation, invitation_id) if administrator(actor) else None


def sign_in_rule(actor: Actor, *, rule_id: int) -> SignInRule | None:
    """One rule of the sign-in by a provider, for an administrator."""
    return db.session.get(SignInRule, rule_id) if administrator(actor) else None
