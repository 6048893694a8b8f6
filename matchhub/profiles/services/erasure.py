"""Who is forgotten is nobody's contact any more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from matchhub.core.db import db, writes
from matchhub.profiles.models import Profile

CONTACT = ("contact_name", "contact_title", "contact_mobile", "contact_email", "contact_wechat")


@writes
def forget_contact(addresses: Sequence[str], *, now: datetime) -> None:
    """Inside a write: take the contact out of the profiles that name one of these addresses, and of what is kept of them."""
    statement = select(Profile).where(or_(Profile.contact_email.in_(addresses), Profile.contact_mobile.in_(addresses)))
    for profile in db.session.scalars(statement):
        for name in CONTACT:
            setattr(profile, name, "")
        profile.drafts, profile.last_submission = _without(profile.drafts), _without(profile.last_submission)


def _without(kept: Any) -> Any:
    """The same without the fields of a contact, however deep they lie."""
    if isinstance(kept, dict):
        return {key: _without(value) for key, value in kept.items() if key not in CONTACT}
    return [_without(value) for value in kept] if isinstance(kept, list) else kept
