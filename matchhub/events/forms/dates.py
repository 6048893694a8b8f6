"""When a person is free: parts of the week, and spans of days on which not."""

import re
from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import Field
from wtforms.validators import ValidationError

from matchhub.core.fields import CodesField, LinesField
from matchhub.core.labels import N_
from matchhub.core.web import Form
from matchhub.events.services import SLOTS

SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\s*(?:到|至|to|–|~)\s*(\d{4}-\d{2}-\d{2}))?")


class AvailabilityForm(Form):
    """Ticks in a week, and days away, one span a line."""

    slots = CodesField(_l(N_("一周里什么时候有空")), choices=[(slot, slot) for slot in SLOTS])
    away = LinesField(_l(N_("哪些天不行")), most=20, longest=40, render_kw={"rows": 3})

    def validate_away(self, field: Field) -> None:
        if any(_span(line) is None for line in field.data or ()):
            raise ValidationError(str(_l(N_("每行写一段，先写第一天，例如 2026-12-20 到 2026-12-25"))))

    @property
    def spans(self) -> list[tuple[date, date]]:
        return [span for line in self.away.data or () if (span := _span(line)) is not None]


def _span(text: str) -> tuple[date, date] | None:
    found = SPAN.fullmatch(text.strip())
    try:
        return (date.fromisoformat(found[1]), date.fromisoformat(found[2] or found[1])) if found else None
    except ValueError:
        return None
