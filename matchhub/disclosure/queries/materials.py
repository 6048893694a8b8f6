"""Files as disclosure knows them: what must be promised before one is opened, and who looked."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, Session

from matchhub.core.db import db
from matchhub.core.paging import Page, paged, PER_PAGE
from matchhub.core.policy import Actor
from matchhub.core.texts import current_text, LegalText, TextKind
from matchhub.disclosure.models import Consent, MaterialView, NdaAcceptance, NonDisclosure
from matchhub.disclosure.queries.visible import Subject, visible_fields

SITTING = timedelta(minutes=30)  # who comes back sooner is still at it
LONGEST_SITTING = timedelta(hours=12)  # an address of a page is dead after that


@dataclass(frozen=True, slots=True)
class Material:
    """A file, in plain values from above; `sha256` is of its bytes as they are now."""

    attachment_id: int
    owner_id: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Promise:
    """What has to be promised now before a document is opened."""

    non_disclosure: NonDisclosure
    legal_text: LegalText | None

    @property
    def version(self) -> str:
        return (
            self.legal_text.version
            if self.legal_text
            else f"{self.non_disclosure.required_at:%Y%m%d}-{self.non_disclosure.id}"
        )

    @property
    def sha256(self) -> str:
        """Of the Chinese words, which are the ones that bind."""
        words = self.legal_text.body if self.legal_text else self.non_disclosure.body
        return hashlib.sha256(words.encode()).hexdigest()

    def words(self, locale: str) -> str:
        """The text as the reader sees it."""
        return self.legal_text.words(locale) if self.legal_text else self.non_disclosure.body


@dataclass(frozen=True, slots=True)
class Reading:
    """How often, and when last, one organization opened one file."""

    count: int
    last_at: datetime


def non_disclosure_of(session: Session, attachment_id: int) -> NonDisclosure | None:
    """What stands for a file now."""
    return session.scalar(
        select(NonDisclosure).where(NonDisclosure.attachment_id == attachment_id, NonDisclosure.ended_at.is_(None))
    )


def promise_for(session: Session, attachment_id: int, *, now: datetime) -> Promise | None:
    """The words that stand before a file now; None where its owner asks for none."""
    row = non_disclosure_of(session, attachment_id)
    if row is None:
        return None
    return Promise(row, None if row.body else current_text(session, TextKind.NDA, now))


def missing_promise(session: Session, material: Material, *, actor: Actor, now: datetime) -> Promise | None:
    """What this person still has to promise; None for the owner, and where these words were accepted for these bytes."""
    if actor.organization_id == material.owner_id:
        return None
    promise = promise_for(session, material.attachment_id, now=now)
    if promise is None:
        return None
    accepted = session.scalar(
        select(NdaAcceptance.id)
        .where(
            NdaAcceptance.attachment_id == material.attachment_id,
            NdaAcceptance.document_sha256 == material.sha256,
            NdaAcceptance.non_disclosure_id == promise.non_disclosure.id,
            NdaAcceptance.text_sha256 == promise.sha256,
            NdaAcceptance.user_id == actor.user_id,
            NdaAcceptance.organization_id == actor.organization_id,
        )
        .limit(1)
    )
    return promise if accepted is None else None


def acceptances_of(session: Session, attachment_id: int) -> list[NdaAcceptance]:
    """Who accepted what before opening a file, newest first."""
    rows = select(NdaAcceptance).where(NdaAcceptance.attachment_id == attachment_id)
    with_names = rows.options(joinedload(NdaAcceptance.organization, innerjoin=True))
    return list(session.scalars(with_names.order_by(NdaAcceptance.id.desc()).limit(PER_PAGE)))


def latest_acceptance(session: Session, actor: Actor, attachment_id: int) -> NdaAcceptance | None:
    """The last promise of this person about this file, for the link to its receipt."""
    return session.scalar(
        select(NdaAcceptance)
        .where(NdaAcceptance.attachment_id == attachment_id, NdaAcceptance.user_id == actor.user_id)
        .where(NdaAcceptance.organization_id == actor.organization_id)
        .order_by(NdaAcceptance.id.desc())
        .limit(1)
    )


def visible_acceptance(actor: Actor, acceptance_id: int) -> NdaAcceptance | None:
    """A promise that the actor's organization gave or was given."""
    found = db.session.get(NdaAcceptance, acceptance_id)
    if found is None or actor.organization_id not in (found.owner_id, found.organization_id):
        return None
    return found


def sitting(session: Session, code: str, material: Material, *, actor: Actor, now: datetime) -> MaterialView | None:
    """The sitting that a page's address names: this person's, with this document as it is now, not from yesterday."""
    row = session.scalar(select(MaterialView).where(MaterialView.code == code[:12]))
    return row if row is not None and is_sitting(row, material, actor=actor, now=now) else None


def is_sitting(row: MaterialView, material: Material, *, actor: Actor, now: datetime) -> bool:
    """Whether a sitting is of this person, with this very document, and still going on."""
    same = (row.attachment_id, row.document_sha256) == (material.attachment_id, material.sha256)
    own = (row.user_id, row.organization_id) == (actor.user_id, actor.organization_id)
    return same and own and now - row.opened_at < LONGEST_SITTING


def views_of(
    session: Session, owner_id: int, *, attachment_id: int | None = None, number: int = 1, per_page: int = PER_PAGE
) -> Page[MaterialView]:
    """Who looked at an organization's files, or at one of them; newest first."""
    rows = select(MaterialView).where(MaterialView.owner_id == owner_id)
    if attachment_id is not None:
        rows = rows.where(MaterialView.attachment_id == attachment_id)
    with_names = rows.options(
        joinedload(MaterialView.organization, innerjoin=True), joinedload(MaterialView.user, innerjoin=True)
    )
    return paged(session, with_names.order_by(MaterialView.last_at.desc(), MaterialView.id.desc()), number, per_page)


def readings_by(session: Session, consents: Sequence[Consent]) -> dict[tuple[int, int], Reading]:
    """(organization id, file id) → how often it opened the file, for the recipients and files of these consents. One query."""
    rows = session.execute(
        select(
            MaterialView.organization_id,
            MaterialView.attachment_id,
            func.count(MaterialView.id),
            func.max(MaterialView.last_at),
        )
        .where(
            MaterialView.organization_id.in_({consent.recipient_id for consent in consents}),
            MaterialView.attachment_id.in_({file_id for consent in consents for file_id in consent.file_ids}),
        )
        .group_by(MaterialView.organization_id, MaterialView.attachment_id)
    )
    return {(who, what): Reading(count, last_at) for who, what, count, last_at in rows}


def opened_to(session: Session, owner_id: int, attachment_id: int, *, now: datetime) -> list[Consent]:
    """The consents that open one file to somebody now."""
    rows = session.scalars(
        select(Consent)
        .where(
            Consent.subject_id == owner_id,
            Consent.active_from <= now,
            Consent.expires_at > now,
            Consent.withdrawn_at.is_(None),
        )
        .options(joinedload(Consent.recipient, innerjoin=True))
        .order_by(Consent.active_from.desc(), Consent.id.desc())
    )
    return [row for row in rows if attachment_id in row.file_ids]


def viewer_names(
    session: Session, actor: Actor, views: Sequence[MaterialView], *, now: datetime
) -> dict[int, str | None]:
    """view id → the person's name where that organization has opened its contact to the actor, else None. One query."""
    subjects = [Subject(organization_id) for organization_id in {view.organization_id for view in views}]
    seen = visible_fields(session, actor, subjects, now=now)
    return {view.id: view.user.name if seen[view.organization_id].contact else None for view in views}
