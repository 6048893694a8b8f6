"""Consents: whose they are, what rests on them, when they were last used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, ColumnElement, func, or_, Select, select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.models import Organization
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.paging import Page, paged, PER_PAGE
from matchhub.core.policy import Actor
from matchhub.core.texts import LegalText
from matchhub.disclosure.enums import FieldGroup
from matchhub.disclosure.models import Consent
from matchhub.disclosure.queries.visible import consents_to, Subject, visible_fields

CONTACT_READ = "contact:read"  # the action under which the reading of a contact stands in the trail
ATTACHMENT = "attachment"  # how the trail calls a file


@dataclass(frozen=True, slots=True)
class Given:
    """What one organization has given to another and could still take back."""

    subject_id: int
    organization_id: int
    consents: tuple[Consent, ...]


def visible_consent(actor: Actor, consent_id: int) -> Consent | None:
    """A consent of the actor's own organization, given or received."""
    found = db.session.scalar(_with_parties(select(Consent).where(Consent.id == consent_id)))
    if found is None or actor.organization_id not in (found.subject_id, found.recipient_id):
        return None
    return found


def given_to(actor: Actor, organization_id: int) -> Given | None:
    """What the actor's organization has open, or waiting to be opened, to another; None where there is nothing."""
    own_id, now = actor.organization_id, utcnow()
    rows = db.session.scalars(
        select(Consent).where(
            Consent.subject_id == own_id, Consent.recipient_id == organization_id, _is_standing(now, standing=True)
        )
    )
    found = tuple(rows)
    return Given(own_id or 0, organization_id, found) if found else None


def consents_given(
    session: Session, organization_id: int, *, standing: bool, number: int, now: datetime, per_page: int = PER_PAGE
) -> Page[list[Consent]]:
    """What an organization opened to others, by recipient, whoever got something last first.

    `standing` or else what is over. A page holds the consents of `per_page` recipients. Three queries.
    """
    own = and_(Consent.subject_id == organization_id, _is_standing(now, standing=standing))
    recipients = (
        select(Consent.recipient_id)
        .where(own)
        .group_by(Consent.recipient_id)
        .order_by(func.max(Consent.given_at).desc(), Consent.recipient_id)
    )
    page = paged(session, recipients, number, per_page)
    rows = _with_parties(select(Consent).where(own, Consent.recipient_id.in_(page.items)))
    by_recipient: dict[int, list[Consent]] = {recipient_id: [] for recipient_id in page.items}
    for row in session.scalars(rows.order_by(Consent.given_at.desc(), Consent.id.desc())):
        by_recipient[row.recipient_id].append(row)
    return page.showing(list(by_recipient.values()))


def consents_received(
    session: Session, organization_id: int, *, now: datetime, number: int = 1, per_page: int = PER_PAGE
) -> Page[Consent]:
    """What others have open to an organization now: only what is active, for the rest is nobody's business."""
    rows = _with_parties(select(Consent).where(*_active_for(organization_id, now)))
    return paged(session, rows.order_by(Consent.active_from.desc(), Consent.id.desc()), number, per_page)


def standing_counts(session: Session, organization_id: int, *, now: datetime) -> tuple[int, int]:
    """How many consents an organization has given that stand, and how many are open to it."""
    of = select(func.count(Consent.id))
    given = of.where(Consent.subject_id == organization_id, _is_standing(now, standing=True))
    received = of.where(*_active_for(organization_id, now))
    row = session.execute(select(given.scalar_subquery(), received.scalar_subquery())).one()
    return row[0], row[1]


def _active_for(organization_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Consent.recipient_id == organization_id,
        Consent.active_from <= now,
        Consent.expires_at > now,
        Consent.withdrawn_at.is_(None),
    )


def _is_standing(now: datetime, *, standing: bool) -> ColumnElement[bool]:
    """Not taken back and not past its date, or the opposite."""
    here = and_(Consent.withdrawn_at.is_(None), Consent.expires_at > now)
    return here if standing else or_(Consent.withdrawn_at.is_not(None), Consent.expires_at <= now)


def opening_contact(session: Session, actor: Actor, subject_id: int, *, now: datetime) -> Consent | None:
    """The consent by which the actor reads the contact of an organization, whatever it was given for; the newest first."""
    held = consents_to(session, actor, [subject_id]).get(subject_id, [])
    open_now = [c for c in held if c.is_active(now) and FieldGroup.CONTACT.value in c.groups]
    return max(open_now, key=lambda consent: consent.id, default=None)


def consents_with(session: Session, organization_id: int) -> list[Consent]:
    """Everything that an organization opened or that was opened to it."""
    either = or_(Consent.subject_id == organization_id, Consent.recipient_id == organization_id)
    return list(session.scalars(select(Consent).where(either)))


def last_viewed(session: Session, consents: Sequence[Consent]) -> dict[int, datetime]:
    """consent id → when its recipient last read a contact or a file that it opened: one query, from the trail."""
    files = {file_id for consent in consents for file_id in consent.file_ids}
    rows = session.execute(
        select(AuditEvent.actor_organization_id, AuditEvent.object_type, AuditEvent.object_id, func.max(AuditEvent.at))
        .where(
            AuditEvent.actor_organization_id.in_({consent.recipient_id for consent in consents}),
            or_(
                and_(
                    AuditEvent.object_type == Consent.__tablename__,
                    AuditEvent.action == CONTACT_READ,
                    AuditEvent.object_id.in_({consent.id for consent in consents}),
                ),
                and_(AuditEvent.object_type == ATTACHMENT, AuditEvent.object_id.in_(files)),
            ),
        )
        .group_by(AuditEvent.actor_organization_id, AuditEvent.object_type, AuditEvent.object_id)
    )
    seen = {(who, kind, what): at for who, kind, what, at in rows}
    return {consent.id: max(times) for consent in consents if (times := _readings(consent, seen))}


def _readings(consent: Consent, seen: Mapping[tuple[int | None, str, int | None], datetime]) -> list[datetime]:
    keys = [(consent.recipient_id, Consent.__tablename__, consent.id)]
    keys += [(consent.recipient_id, ATTACHMENT, file_id) for file_id in consent.file_ids]
    return [at for key in keys if (at := seen.get(key)) is not None and at >= consent.given_at]


def _with_parties(statement: Select[Consent]) -> Select[Consent]:
    return statement.options(joinedload(Consent.subject, innerjoin=True), joinedload(Consent.recipient, innerjoin=True))


def text_versions(session: Session) -> dict[int, str]:
    """legal text id → its version."""
    return {row.id: row.version for row in session.execute(select(LegalText.id, LegalText.version))}


def shown_names(
    session: Session, actor: Actor, organizations: Iterable[Organization], *, locale: str, now: datetime
) -> dict[int, str | None]:
    """organization id → its name; None for a firm that has not opened its name to the actor. One query."""
    wanted = {organization.id: organization for organization in organizations}
    seen = visible_fields(session, actor, [Subject(identity) for identity in wanted], now=now)
    return {
        identity: ((organization.label_en if locale == "en" else "") or organization.label)
        if organization.kind is not OrganizationKind.ENTERPRISE or seen[identity].identity
        else None
        for identity, organization in wanted.items()
    }
