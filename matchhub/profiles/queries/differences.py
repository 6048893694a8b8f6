"""What has changed since a reviewer last looked."""

from datetime import date
from typing import Any

from matchhub.accounts.enums import OrganizationKind
from matchhub.core import dictionaries, money
from matchhub.core.clock import date_in_words
from matchhub.profiles.models import Profile
from matchhub.profiles.queries.fields import FactField, fields_of

Row = tuple[str, str | None, str | None]


def snapshot_of(profile: Profile) -> dict[str, Any]:
    """The facts as plain values, for `last_submission`."""
    facts = {}
    for field in fields_of(OrganizationKind(profile.kind)):
        value = getattr(profile, field.name)
        facts[field.name] = value.isoformat() if isinstance(value, date) else value
    return facts


def differences(profile: Profile, locale: str = "zh") -> list[Row]:
    """(label msgid, before, after) for every fact that is filled now or was then. Before the first decision all is new."""
    before, after = profile.last_submission or {}, snapshot_of(profile)
    rows = []
    for field in fields_of(OrganizationKind(profile.kind)):
        old, new = shown(field, before.get(field.name), locale), shown(field, after[field.name], locale)
        if old is not None or new is not None:
            rows.append((field.label, old, new))
    return rows


def shown(field: FactField, value: Any, locale: str) -> str | None:
    """A fact in words; None where it is not filled in."""
    if value is None or value == "" or value == []:
        return None
    if field.money:
        return money.show(int(value), locale)
    if field.words:
        words = dictionaries.snapshot()
        codes = value if isinstance(value, list) else [value]
        return ("、" if locale == "zh" else ", ").join(words.word(field.words, code, locale) or code for code in codes)
    if isinstance(value, bool):
        return ("是" if locale == "zh" else "Yes") if value else None
    if isinstance(value, list):
        return ("、" if locale == "zh" else ", ").join(str(part) for part in value)
    if field.name.endswith(("_on", "_until")):
        return date_in_words(value if isinstance(value, date) else date.fromisoformat(value), locale)
    return str(value)
