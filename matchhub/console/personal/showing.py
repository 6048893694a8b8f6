"""Values about a person in words: labels for codes, names for numbers, the city's time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts.models import Organization
from matchhub.console.auditing.showing import action_name
from matchhub.console.auditing.words import OBJECTS
from matchhub.console.personal.queries import Found
from matchhub.core import ui
from matchhub.core.clock import CITY_ZONE
from matchhub.core.labels import Labelled
from matchhub.core.outbox import KINDS
from matchhub.core.sheets import Cell
from matchhub.core.texts import LegalText
from matchhub.disclosure.enums import FieldGroup
from matchhub.events.models import Event
from matchhub.events.queries.wording import title_of

LOCALES = {"zh": "中文", "en": "English"}


@dataclass(frozen=True, slots=True)
class Wording:
    """The names behind the numbers that a person's rows carry."""

    names: Mapping[str, Mapping[int, str]]  # by the column that holds the number

    def cell(self, table: str, name: str, value: Any) -> Cell:
        """A value as a workbook takes it; None for nothing."""
        if value is None or value in ("", [], {}):
            return None
        if isinstance(value, datetime):
            return value.astimezone(CITY_ZONE)
        if isinstance(value, bool):
            return gettext("是") if value else gettext("否")
        if isinstance(value, int) and name in self.names:
            return self.names[name].get(value, f"#{value}")
        return value if isinstance(value, int | float | date) else _words(table, name, value)

    def text(self, table: str, name: str, value: Any) -> str:
        """A value as the page shows it; '' for nothing."""
        cell = self.cell(table, name, value)
        if isinstance(cell, datetime):
            return f"{cell:%Y-%m-%d %H:%M}"
        return "" if cell is None else str(cell)


def wording_of(session: Session, found: Sequence[Found]) -> Wording:
    """What the organizations, events and legal texts in these rows are called, in the reader's language."""
    organizations = session.scalars(select(Organization).where(Organization.id.in_(_ids(found, "organization_id"))))
    events = session.scalars(select(Event).where(Event.id.in_(_ids(found, "event_id"))))
    texts = session.scalars(select(LegalText).where(LegalText.id.in_(_ids(found, "text_id"))))
    return Wording({
        "organization_id": {row.id: str(ui.in_locale(row, "label")) for row in organizations},
        "event_id": {row.id: title_of(row, ui.locale_code()) for row in events},
        "text_id": {row.id: f"{gettext(row.kind.label)} {row.version}" for row in texts},
    })  # fmt: skip


def _ids(found: Sequence[Found], name: str) -> set[int]:
    held = ((one.part.columns.index(name), one.rows) for one in found if name in one.part.columns)
    return {row[place] for place, rows in held for row in rows if row[place] is not None}


def _words(table: str, name: str, value: Any) -> str:
    if isinstance(value, Labelled):
        return gettext(value.label)
    if isinstance(value, list):
        return gettext("、").join(_words(table, name, one) for one in value)
    if isinstance(value, dict):
        told = [_words(table, name, one) for one in value.values() if one]
        return gettext("；").join(told) if name == "shown_values" else json.dumps(value, ensure_ascii=False)
    return _word(table, name, str(value))


def _word(table: str, name: str, code: str) -> str:
    if name == "action":
        return action_name(code)
    if name == "object_type" and code in OBJECTS:
        return gettext(OBJECTS[code])
    if name == "groups" and code in set(FieldGroup):
        return gettext(FieldGroup(code).label)
    if (table, name) == ("notice", "kind") and (kind := KINDS.kinds.get(code)):
        return gettext(kind.topic.label)
    if name == "locale":
        return LOCALES.get(code, code)
    if name == "region_code":
        return ui.word("regions", code) or code
    if (table, name) == ("complaint", "reason"):
        return ui.word("complaint_reasons", code) or code
    return gettext(code) if name in ("purpose", "shown_values") else code
