"""Giving, opening and taking back a consent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update

from matchhub.accounts.news import OrganizationClosed, OrganizationMerged
from matchhub.core import audit, errors, news
from matchhub.core.db import Base, db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor, SYSTEM
from matchhub.core.texts import current_text, TextKind
from matchhub.disclosure.enums import FieldGroup
from matchhub.disclosure.models import Consent, MaterialView, NdaAcceptance, NonDisclosure
from matchhub.disclosure.news import ConsentWithdrawn
from matchhub.disclosure.policy import Permission, POLICY
from matchhub.disclosure.queries import consents_with, Given

FOLLOWING: tuple[tuple[type[Base], tuple[str, ...]], ...] = (
    (NonDisclosure, ("organization_id",)),
    (NdaAcceptance, ("owner_id", "organization_id")),
    (MaterialView, ("owner_id", "organization_id")),
)  # what names an organization and follows it when two turn out to be one


class TextChanged(errors.Invalid):
    """The text in force is not the one that was on the screen: nothing is recorded, the new one is shown."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What one side ticked on the consent screen, and the versions of the texts that stood there."""

    contact: bool = False
    materials: bool = False
    terms: bool = False
    file_ids: tuple[int, ...] = ()
    contact_text_id: int | None = None
    materials_text_id: int | None = None
    download: bool = False

    @property
    def groups(self) -> list[FieldGroup]:
        """The field groups that this opens besides the name. What hangs on an empty box does not count."""
        chosen = [FieldGroup.IDENTITY]
        if self.contact:
            chosen.append(FieldGroup.CONTACT)
        if self.materials and self.file_ids:
            chosen.append(FieldGroup.MATERIALS)
        if self.materials and self.terms:
            chosen.append(FieldGroup.TERMS)
        return chosen


@dataclass(frozen=True, slots=True)
class Purpose:
    """Between whom, what for, about which object, until when: what the consent screen says."""

    subject_id: int
    recipient_id: int
    words: str
    about_type: str
    about_id: int | None
    until: datetime
    shown: Mapping[str, Any]


@writes
def give(choice: Choice, purpose: Purpose, *, actor: Actor, now: datetime) -> Consent:
    """Record a consent, not yet active. Raises TextChanged where another version was shown than is in force."""
    if actor.organization_id != purpose.subject_id:
        raise errors.Forbidden(N_("你没有做这件事的权限"))
    check_texts(choice, now=now)
    consent = Consent(
        subject_id=purpose.subject_id,
        recipient_id=purpose.recipient_id,
        given_by_id=actor.user_id,
        purpose=purpose.words,
        about_type=purpose.about_type,
        about_id=purpose.about_id,
        groups=[group.value for group in choice.groups],
        file_ids=list(choice.file_ids) if choice.materials else [],
        allows_download=choice.materials and bool(choice.file_ids) and choice.download,
        shown_values=dict(purpose.shown),
        text_id=choice.contact_text_id,
        materials_text_id=choice.materials_text_id if choice.materials else None,
        given_at=now,
        expires_at=purpose.until,
    )
    db.session.add(consent)
    db.session.flush()
    audit.record(actor, "consent:give", consent, groups=consent.groups, files=len(consent.file_ids))
    return consent


def check_texts(choice: Choice, *, now: datetime) -> None:
    """Compare what was shown with what is in force. Raises TextChanged."""
    shown = {TextKind.CONTACT_CONSENT: choice.contact_text_id}
    if choice.materials:
        shown[TextKind.MATERIALS_CONSENT] = choice.materials_text_id
    for kind, text_id in shown.items():
        if current_text(db.session(), kind, now).id != text_id:
            raise TextChanged(N_("授权文本有更新，看过新的内容后再确认"))


@writes
def activate(consents: Sequence[Consent], *, now: datetime) -> None:
    """Open what both sides agreed to. Raises Conflict where one of them has ended meanwhile."""
    for consent in consents:
        if consent.withdrawn_at is not None or now >= consent.expires_at:
            raise errors.Conflict(N_("对方已撤回，你的信息没有开放"))
        consent.active_from = now


@writes
def withdraw(consent: Consent, *, actor: Actor, now: datetime) -> None:
    """Take a consent back: the recipient sees nothing of it at the next request; what rested on it is told."""
    POLICY.check(Permission.WITHDRAW, actor, consent)
    if consent.withdrawn_at is not None or now >= consent.expires_at:
        raise errors.Conflict(N_("已经处理过了，这项授权已经停止"))
    consent.withdrawn_at = now
    audit.record(actor, "consent:withdraw", consent)
    news.publish(ConsentWithdrawn(consent), now=now)


@writes
def withdraw_all(given: Given, *, actor: Actor, now: datetime) -> int:
    """Take back everything that one organization was given; how many consents. What ends with another is not counted twice."""
    POLICY.check(Permission.WITHDRAW, actor, given)
    taken = 0
    for consent in given.consents:
        if not consent.is_over(now):
            withdraw(consent, actor=actor, now=now)
            taken += 1
    if not taken:
        raise errors.Conflict(N_("已经处理过了，这项授权已经停止"))
    return taken


@writes
def end(consents: Iterable[Consent | None], *, actor: Actor, now: datetime) -> None:
    """Stop consents because what they were given for is over; nobody else needs to hear of it."""
    for consent in consents:
        if consent is not None and consent.withdrawn_at is None:
            consent.withdrawn_at = now
            audit.record(actor, "consent:end", consent)


@writes
def follow_merge(item: OrganizationMerged, *, now: datetime) -> None:
    """Two rows were one organization: what the dropped one opened, and what was opened to it, is the kept one's."""
    kept, dropped = item.kept.id, item.dropped.id
    moved = consents_with(db.session(), dropped)
    for consent in moved:
        consent.subject_id = kept if consent.subject_id == dropped else consent.subject_id
        consent.recipient_id = kept if consent.recipient_id == dropped else consent.recipient_id
    for model, columns in FOLLOWING:
        for name in columns:
            rows = update(model).where(getattr(model, name) == dropped).values({name: kept})
            db.session.execute(rows, execution_options={"synchronize_session": False})
    audit.record(SYSTEM, "consent:merge", item.kept, dropped=dropped, count=len(moved))


@writes
def follow_closure(item: OrganizationClosed, *, now: datetime) -> None:
    """An organization left: nothing of it stays open, and nothing stays open to it, whatever it was given for."""
    end(consents_with(db.session(), item.organization.id), actor=SYSTEM, now=now)
