"""The one place that says what a viewer may see of a subject: pages, exports, mails, reasons and logs all ask here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, Integer, select
from sqlalchemy.orm import load_only, Session

from matchhub.accounts.policy import in_scope
from matchhub.core.policy import Actor
from matchhub.disclosure.enums import FieldGroup, Relation
from matchhub.disclosure.models import Consent

ALL_GROUPS = frozenset(FieldGroup)
GIVEN = (  # asked for by every list of others: only what says what is open, and until when
    select(Consent)
    .options(
        load_only(
            Consent.subject_id, Consent.groups, Consent.file_ids, Consent.allows_download, Consent.given_at,
            Consent.active_from, Consent.expires_at, Consent.withdrawn_at,
        )
    )
    .where(
        Consent.recipient_id == bindparam("recipient", type_=Integer),
        Consent.subject_id.in_(bindparam("subjects", type_=Integer, expanding=True)),
        Consent.withdrawn_at.is_(None),
    )
)  # fmt: skip


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
    download_ids: frozenset[int] = frozenset()  # of these: those that may be taken away, not only looked at

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

    def downloadable(self, attachment_id: int) -> bool:
        """Whether the viewer may take a copy of this very file away."""
        return self.relation is Relation.OWN or attachment_id in self.download_ids


def visible_fields(session: Session, actor: Actor, subjects: Iterable[Subject], *, now: datetime) -> dict[int, Visible]:
    """organization id → what `actor` may see of it. At most one query, however many subjects."""
    wanted = list(subjects)
    consents = consents_to(session, actor, [s.organization_id for s in wanted])
    return {s.organization_id: _visible(actor, s, consents.get(s.organization_id, []), now) for s in wanted}


def visible_of(session: Session, actor: Actor, subject: Subject, *, now: datetime) -> Visible:
    """The same for one subject."""
    return visible_fields(session, actor, [subject], now=now)[subject.organization_id]


def consents_to(session: Session, actor: Actor, subject_ids: list[int]) -> dict[int, list[Consent]]:
    """organization id → what it has given to the actor's organization and not taken back, over or not."""
    if actor.organization_id is None or not subject_ids:
        return {}
    rows = session.scalars(GIVEN, {"recipient": actor.organization_id, "subjects": sorted(set(subject_ids))})
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
        taken_away = {file_id for c in active if c.allows_download for file_id in c.file_ids}
        return Visible(Relation.CONSENTED, frozenset(groups), frozenset(files), frozenset(taken_away))
    if any(c.active_from is None and c.given_at <= now < c.expires_at for c in consents):
        return Visible(Relation.ASKED, frozenset({FieldGroup.IDENTITY}))
    if in_scope(actor, district_code=subject.district_code, carrier_id=subject.carrier_id):
        return Visible(Relation.STEWARD, frozenset({FieldGroup.IDENTITY, FieldGroup.CONTACT}))
    return Visible(Relation.MEMBER if actor.organization_verified else Relation.STRANGER)
