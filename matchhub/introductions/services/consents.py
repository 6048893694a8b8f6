"""What one party opens to the other, checked and recorded."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from matchhub.core import errors, pages
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.uploads import StoredFile
from matchhub.disclosure.models import Consent
from matchhub.disclosure.services import check_texts, Choice, give, Purpose
from matchhub.introductions import queries
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Need
from matchhub.listings.recipes import Audience, Fact, recipe_of_need
from matchhub.listings.recipes.recipe import AMOUNT
from matchhub.profiles.models import Profile

CONSENT_DAYS = 180
PURPOSES = {
    PairingKind.EQUITY: N_("仅用于本次融资对接"),
    PairingKind.CREDIT: N_("仅用于本次贷款对接"),
    PairingKind.MENTORING: N_("仅用于本次辅导对接"),
}
CONTACT_FIELDS = {
    "contact_name": N_("姓名"),
    "contact_title": N_("职务"),
    "contact_mobile": N_("手机"),
    "contact_email": N_("邮箱"),
    "contact_wechat": N_("微信"),
}


def until(now: datetime) -> datetime:
    """Until when a consent given now is good."""
    return now + timedelta(days=CONSENT_DAYS)


def fitting(choice: Choice, need: Need, *, own_id: int) -> Choice:
    """Without the amount and the terms where there are none to open: they are the firm's, and mentoring has none."""
    has_terms = own_id == need.organization_id and recipe_of_need(need).has_amount
    return choice if has_terms else replace(choice, terms=False)


def terms_of(need: Need) -> tuple[Fact, ...]:
    """What the firm opens with the amount and the terms; nothing where the kind asks for no money."""
    recipe = recipe_of_need(need)
    if not recipe.has_amount:
        return ()
    return (AMOUNT, *(fact for fact in recipe.facts if fact.audience is Audience.TERMS))


def check_choice(choice: Choice, *, own_id: int, asking: bool, now: datetime) -> None:
    """Raise Invalid beside the box that is wrong: nothing ticked, nothing to open, a file of somebody else."""
    check_texts(choice, now=now)
    if asking and not choice.contact:
        raise errors.Invalid(N_("勾选联系人信息后才能发出：对方同意后要能联系到你"), field="contact")
    if not (choice.contact or choice.materials):
        raise errors.Invalid(N_("至少勾选一项；都不想开放，可以婉拒"), field="contact")
    profile = queries.contact_of(db.session(), own_id)
    if choice.contact and not (profile and (profile.contact_mobile or profile.contact_email)):
        raise errors.Invalid(N_("资料里还没有联系人的手机或邮箱，先补上"), field="contact")
    if choice.materials and not (choice.file_ids or choice.terms):
        raise errors.Invalid(N_("选一份材料，或勾选金额与条件"), field="materials")
    own = {attachment.id: attachment.file for attachment in queries.attachments_of(db.session(), own_id)}
    if not own.keys() >= set(choice.file_ids):
        raise errors.Invalid(N_("选中的材料已经不在，请重新选择"), field="materials")
    if choice.materials and not choice.download:
        _check_shown(own[file_id] for file_id in choice.file_ids)


def _check_shown(files: Iterable[StoredFile]) -> None:
    """Raise Invalid where a file could be opened neither here nor elsewhere."""
    for file in files:
        if not pages.is_shown(file.media_type):
            raise errors.Invalid(N_("「%(name)s」不能在线看，换成 PDF，或选可以下载"), field="access", name=file.name)


def record(introduction: Introduction, choice: Choice, *, actor: Actor, now: datetime) -> Consent:
    """Store what the actor's side opens to the other."""
    own_id = actor.organization_id or 0
    choice = fitting(choice, introduction.need, own_id=own_id)
    purpose = Purpose(
        subject_id=own_id,
        recipient_id=introduction.other_than(own_id).id,
        words=PURPOSES[introduction.kind],
        about_type=Introduction.__tablename__,
        about_id=introduction.id,
        until=until(now),
        shown=shown(choice, own_id),
    )
    return give(choice, purpose, actor=actor, now=now)


def shown(choice: Choice, own_id: int) -> dict[str, Any]:
    """Names of what stood on the screen, not their contents."""
    profile = queries.contact_of(db.session(), own_id)
    files = {attachment.id: attachment.file.name for attachment in queries.attachments_of(db.session(), own_id)}
    return {
        "contact": filled_contact(profile) if choice.contact else [],
        "files": [files[file_id] for file_id in choice.file_ids] if choice.materials else [],
    }


def filled_contact(profile: Profile | None) -> list[str]:
    """The msgids of the contact fields that are filled in."""
    return [label for name, label in CONTACT_FIELDS.items() if getattr(profile, name, "")]
