"""What stands on a consent screen, for the side that asks and for the side that answers."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from matchhub.core import pages
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.texts import current_text, LegalText, TextKind
from matchhub.core.uploads import StoredFile
from matchhub.introductions import queries
from matchhub.introductions.forms import ConsentForm
from matchhub.introductions.services import consents
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Need
from matchhub.listings.views.blueprint import told
from matchhub.profiles.models import Attachment, Profile

TERMS = {PairingKind.EQUITY: N_("融资金额与条件"), PairingKind.CREDIT: N_("贷款金额与条件")}


@dataclass(frozen=True, slots=True)
class Screen:
    """The five facts and the values behind the two boxes."""

    other_name: str
    purpose: str
    until: datetime
    contact_text: LegalText
    materials_text: LegalText
    profile: Profile | None
    attachments: list[Attachment]
    terms_rows: list[tuple[str, str | None]]  # what the firm may open of its need besides; nothing for the other side
    changed: tuple[tuple[str, LegalText, LegalText], ...] = ()

    @property
    def contact_rows(self) -> list[tuple[str, str]]:
        """The contact person's filled fields, with their real values."""
        pairs = consents.CONTACT_FIELDS.items()
        return [(gettext(label), value) for name, label in pairs if (value := getattr(self.profile, name, ""))]


def build(form: ConsentForm, *, own_id: int, need: Need, other_name: str, now: datetime) -> Screen:
    """Gather what the screen shows, and leave in the form the versions of the texts that it shows."""
    session = db.session()
    contact_text = current_text(session, TextKind.CONTACT_CONSENT, now)
    materials_text = current_text(session, TextKind.MATERIALS_CONSENT, now)
    changed = [
        (label, old, new)
        for label, field, new in (
            (gettext("联系方式授权"), form.contact_text_id, contact_text),
            (gettext("材料授权"), form.materials_text_id, materials_text),
        )
        if (old := _shown_before(field.data, new)) is not None
    ]
    form.contact_text_id.data, form.materials_text_id.data = str(contact_text.id), str(materials_text.id)
    attachments = queries.attachments_of(session, own_id)
    is_firm = own_id == need.organization_id
    form.terms.label.text = gettext(TERMS.get(need.kind, form.terms.label.text))
    if not is_firm:
        form.materials.label.text = gettext("材料")
    form.files.choices = {str(attachment.id): _choice(attachment.file) for attachment in attachments}
    return Screen(
        other_name=other_name,
        purpose=gettext(consents.PURPOSES[need.kind]),
        until=consents.until(now),
        contact_text=contact_text,
        materials_text=materials_text,
        profile=queries.contact_of(session, own_id),
        attachments=attachments,
        terms_rows=told(need, consents.terms_of(need)) if is_firm else [],
        changed=tuple(changed),
    )


def _shown_before(text_id: str | None, new: LegalText) -> LegalText | None:
    """The text that the form says it showed, where it is another version of the same kind."""
    if not text_id or not (text_id.isascii() and text_id.isdigit()) or len(text_id) > 9 or int(text_id) == new.id:
        return None
    old = db.session.get(LegalText, int(text_id))
    return old if old is not None and old.kind is new.kind else None


def _choice(file: StoredFile) -> str:
    """The name of a file, and for what cannot be drawn page by page what that means for whoever opens it to others."""
    if pages.is_shown(file.media_type):
        return file.name
    return gettext("%(name)s（只能下载，没有水印）", name=file.name)
