"""The one place that says what a viewer may see of a subject: pages, exports, mails, reasons and logs all ask here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, Select, select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.policy import in_scope
from matchhub.core.audit import AuditEvent
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.core.texts import LegalText
from matchhub.disclosure.enums import FieldGroup, Relation
from matchhub.disclosure.models import Consent

ALL_GROUPS = frozenset(FieldGroup)
CONTACT_READ = "contact:read"  # the action under which the reading of a contact stands in the trail
LISTED = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom somebody looks at, with the facts that decide about stewardship (plain values from higher features)."""

    organization_id: int
    district_code: str | None = None
    carrier_id: int | None = None


@dataclass(frozen=True, slots=True)
class Visible:
    """What a viewer may see of one subject. Amounts without TERMS are shown as bands, names without IDENTITY as code names."""

    relation: Relation
    groups: frozenset[FieldGroup] = frozenset()
    file_ids: frozenset[int] = frozenset()

    @property
    def identity(self) -> bool:
        return FieldGroup.IDENTITY in self.groups

    @property
    def contact(self) -> bool:
        return FieldGroup.CONTACT in self.groups

    @property
    def terms(self) -> bool:
        return FieldGroup.TERMS in self.groups

    def material(self, attachment_id: int) -> bool:
        """Whether this very file is open to the viewer."""
        return self.relation is Relation.OWN or attachment_id in self.file_ids


def visible_fields(session: Session, actor: Actor, subjects: Iterable[Subject], *, now: datetime) -> dict[int, Visible]:
    """organization id → what `actor` may see of it. At most one query, however many subjects."""
    wanted = list(subjects)
    consents = _consents_to(session, actor, [s.organization_id for s in wanted])
    return {s.organization_id: _visible(actor, s, consents.get(s.organization_id, []), now) for s in wanted}


def visible_of(session: Session, actor: Actor, subject: Subject, *, now: datetime) -> Visible:
    """The same for one subject."""
    return visible_fields(session, actor, [subject], now=now)[subject.organization_id]


def _consents_to(session: Session, actor: Actor, subject_ids: list[int]) -> dict[int, list[Consent]]:
    if actor.organization_id is None or not subject_ids:
        return {}
    rows = session.scalars(
        select(Consent).where(
            Consent.recipient_id == actor.organization_id,
            Consent.subject_id.in_(set(subject_ids)),
            Consent.withdrawn_at.is_(None),
        )
    )
    found: dict[int, list[Consent]] = {}
    for row in rows:
        found.setdefault(row.subject_id, []).append(row)
    return found


def _visible(actor: Actor, subject: Subject, consents: list[Consent], now: datetime) -> Visible:
    if actor.organization_id == subject.organization_id and actor.is_known:
        return Visible(Relation.OWN, ALL_GROUPS)
    active = [c for c in consents if c.is_active(now)]
    if active:
        groups = {FieldGroup(code) for c in active for code in c.groups} | {FieldGroup.IDENTITY}
        files = {file_id for c in active for file_id in c.file_ids}
        return Visible(Relation.CONSENTED, frozenset(groups), frozenset(files))
    if any(c.active_from is None and now < c.expires_at for c in consents):
        return Visible(Relation.ASKED, frozenset({FieldGroup.IDENTITY}))
    if in_scope(actor, district_code=subject.district_code, carrier_id=subject.carrier_id):
        return Visible(Relation.STEWARD, frozenset({FieldGroup.IDENTITY, FieldGroup.CONTACT}))
    return Visible(Relation.MEMBER if actor.organization_verified else Relation.STRANGER)


def visible_consent(actor: Actor, consent_id: int) -> Consent | None:
    """A consent of the actor's own organization, given or received."""
    found = db.session.scalar(_with_parties(select(Consent).where(Consent.id == consent_id)))
    if found is None or actor.organization_id not in (found.subject_id, found.recipient_id):
        return None
    return found


def consents_given(session: Session, organization_id: int) -> list[Consent]:
    """What an organization opened to others, newest first."""
    rows = _with_parties(select(Consent).where(Consent.subject_id == organization_id))
    return list(session.scalars(rows.order_by(Consent.given_at.desc(), Consent.id.desc()).limit(LISTED)))


def consents_received(session: Session, organization_id: int, *, now: datetime) -> list[Consent]:
    """What others have open to an organization now: only what is active, for the rest is nobody's business."""
    rows = _with_parties(
        select(Consent).where(
            Consent.recipient_id == organization_id,
            Consent.active_from <= now,
            Consent.expires_at > now,
            Consent.withdrawn_at.is_(None),
        )
    )
    return list(session.scalars(rows.order_by(Consent.active_from.desc(), Consent.id.desc()).limit(LISTED)))


def opening_contact(session: Session, actor: Actor, subject_id: int, *, now: datetime) -> Consent | None:
    """The consent by which the actor reads the contact of an organization, whatever it was given for; the newest first."""
    held = _consents_to(session, actor, [subject_id]).get(subject_id, [])
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
                and_(AuditEvent.object_type == "attachment", AuditEvent.object_id.in_(files)),
            ),
        )
        .group_by(AuditEvent.actor_organization_id, AuditEvent.object_type, AuditEvent.object_id)
    )
    seen = {(who, kind, what): at for who, kind, what, at in rows}
    return {consent.id: max(times) for consent in consents if (times := _readings(consent, seen))}


def _readings(consent: Consent, seen: Mapping[tuple[int | None, str, int | None], datetime]) -> list[datetime]:
    keys = [(consent.recipient_id, Consent.__tablename__, consent.id)]
    keys += [(consent.recipient_id, "attachment", file_id) for file_id in consent.file_ids]
    return [at for key in keys if (at := seen.get(key)) is not None and at >= consent.given_at]


def _with_parties(statement: Select[Consent]) -> Select[Consent]:
    return statement.options(joinedload(Consent.subject, innerjoin=True), joinedload(Consent.recipient, innerjoin=True))


def text_versions(session: Session) -> dict[int, str]:
    """legal text id → its version."""
    return {text.id: text.version for text in session.scalars(select(LegalText))}


def recipient_names(
    session: Session, actor: Actor, consents: Sequence[Consent], *, locale: str, now: datetime
) -> dict[int, str | None]:
    """consent id → the recipient's name; None for a firm that has not opened its name to the actor."""
    seen = visible_fields(session, actor, [Subject(consent.recipient_id) for consent in consents], now=now)
    return {
        consent.id: (consent.recipient.label_en if locale == "en" else "") or consent.recipient.label
        if consent.recipient.kind is not OrganizationKind.ENTERPRISE or seen[consent.recipient_id].identity
        else None
        for consent in consents
    }
