"""Files that were opened to somebody: what must be promised first, and the record of who looked."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from secrets import choice

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from matchhub.core import audit, errors, ledger
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.disclosure.models import MaterialView, NdaAcceptance, NonDisclosure
from matchhub.disclosure.policy import Permission, POLICY
from matchhub.disclosure.queries import (
    ATTACHMENT,
    is_sitting,
    Material,
    missing_promise,
    non_disclosure_of,
    SITTING,
    Subject,
    visible_of,
)
from matchhub.disclosure.services.consents import TextChanged

OPENED, DOWNLOADED = "attachment:read", "attachment:download"  # how the trail calls them
OWN_WORDS = (20, 8000)  # characters of a text of one's own
NAME_LENGTH = 60
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another
CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Signature:
    """What a person sent with a promise: a name, and the hashes of the words and the document that stood on the screen."""

    name: str
    agreed: bool
    text_sha256: str
    document_sha256: str


@writes
def require_promise(material: Material, *, body: str, actor: Actor, now: datetime) -> NonDisclosure:
    """Ask everybody to whom a file is open to promise secrecy first, also who has read it; an empty `body` takes the
    platform's text. Raises Invalid (field `body`)."""
    POLICY.check(Permission.REQUIRE, actor, material)
    body = body.strip().replace("\r\n", "\n")
    if body and not OWN_WORDS[0] <= len(body) <= OWN_WORDS[1]:
        raise errors.Invalid(N_("写 %(low)s 到 %(high)s 个字"), field="body", low=OWN_WORDS[0], high=OWN_WORDS[1])
    standing = non_disclosure_of(db.session(), material.attachment_id)
    if standing is not None and standing.body == body:
        return standing
    if standing is not None:
        standing.ended_at = now
        db.session.flush()
    row = NonDisclosure(
        attachment_id=material.attachment_id,
        organization_id=material.owner_id,
        body=body,
        required_at=now,
        required_by_id=actor.user_id,
    )
    db.session.add(row)
    audit.record(actor, "non_disclosure:require", row, attachment_id=material.attachment_id, own_words=bool(body))
    return row


@writes
def waive_promise(material: Material, *, actor: Actor, now: datetime) -> None:
    """Ask for no promise any more; those that were given stay on record. Raises Conflict where none was asked for."""
    POLICY.check(Permission.REQUIRE, actor, material)
    standing = non_disclosure_of(db.session(), material.attachment_id)
    if standing is None:
        raise errors.Conflict(N_("已经处理过了，请看最新情况"))
    standing.ended_at = now
    audit.record(actor, "non_disclosure:waive", standing, attachment_id=material.attachment_id)


@writes
def accept_promise(material: Material, signature: Signature, *, actor: Actor, now: datetime) -> NdaAcceptance | None:
    """Record that the actor promises; None where nothing is left to promise.

    Raises NotFound where the file is not open to the actor, TextChanged where the words or the document are not those
    that were shown, Invalid (fields `name`, `agreed`).
    """
    if not visible_of(db.session(), actor, Subject(material.owner_id), now=now).material(material.attachment_id):
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    promise = missing_promise(db.session(), material, actor=actor, now=now)
    if promise is None:
        return None
    shown = hmac.compare_digest(signature.text_sha256.encode(), promise.sha256.encode())
    if not shown or signature.document_sha256 != material.sha256:
        raise TextChanged(N_("保密约定或文件有更新，看过新的内容后再确认"))
    name = " ".join(signature.name.split())[:NAME_LENGTH]
    if not name:
        raise errors.Invalid(N_("填写姓名"), field="name")
    if not signature.agreed:
        raise errors.Invalid(N_("勾选同意后才能打开文件"), field="agreed")
    row = NdaAcceptance(
        non_disclosure_id=promise.non_disclosure.id,
        legal_text_id=promise.legal_text.id if promise.legal_text else None,
        text_version=promise.version,
        text_sha256=promise.sha256,
        attachment_id=material.attachment_id,
        document_name=material.name,
        document_sha256=material.sha256,
        owner_id=material.owner_id,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        name=name,
        at=now,
        ip=actor.ip,
    )
    db.session.add(row)
    audit.record(actor, "nda:accept", row, attachment_id=material.attachment_id, version=promise.version)
    return row


def note_opening(material: Material, *, actor: Actor, now: datetime, downloading: bool = False) -> str:
    """Write down, before the first byte leaves, that somebody opens a file or takes a copy; the code of the sitting.

    Who comes back within half an hour continues the sitting. Its own transaction: raises RuntimeError in a write phase.
    """
    code = "".join(choice(LETTERS) for _ in range(CODE_LENGTH))
    found: list[str] = []

    def entry(session: Session) -> None:
        row = session.scalar(_latest_sitting(material, actor=actor, now=now))
        if row is None or not is_sitting(row, material, actor=actor, now=now):
            row = MaterialView(
                code=code, attachment_id=material.attachment_id, document_name=material.name,
                document_sha256=material.sha256, owner_id=material.owner_id, organization_id=actor.organization_id,
                user_id=actor.user_id, opened_at=now, pages=[],
            )  # fmt: skip
            session.add(row)
        row.last_at = now
        if downloading:
            row.downloaded_at = now
        event = audit.event(
            actor, DOWNLOADED if downloading else OPENED, organization_id=material.owner_id, code=row.code
        )
        event.object_type, event.object_id = ATTACHMENT, material.attachment_id
        session.add(event)
        found.append(row.code)

    ledger.write_now(entry)
    return found[0]


def note_page(code: str, number: int, *, now: datetime) -> None:
    """Write down, before it leaves, that a page of a sitting was fetched."""

    def entry(session: Session) -> None:
        row = session.scalars(select(MaterialView).where(MaterialView.code == code).with_for_update()).one()
        row.last_at = now
        if number not in row.pages:
            row.pages = [*row.pages, number]

    ledger.write_now(entry)


def _latest_sitting(material: Material, *, actor: Actor, now: datetime) -> Select[MaterialView]:
    return (
        select(MaterialView)
        .where(
            MaterialView.attachment_id == material.attachment_id,
            MaterialView.user_id == actor.user_id,
            MaterialView.last_at > now - SITTING,
        )
        .order_by(MaterialView.id.desc())
        .limit(1)
        .with_for_update()
    )
