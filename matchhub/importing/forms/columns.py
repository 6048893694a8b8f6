"""The columns of a table, read off the forms of the pages: what can be typed there can be brought in, and nothing else."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectFieldBase
from wtforms.validators import Length

from matchhub.core.fields import DayField, FilledIn, LineField, LinesField, offered, RateField, WanField, WholeField
from matchhub.core.ui import speaking
from matchhub.core.web import Form
from matchhub.importing.kinds import Column, ColumnForm, ImportKind, NUMBER, OWNERS, Subject, USCC, Whose
from matchhub.listings.forms import NEED_FORMS, OFFER_FORMS
from matchhub.profiles.forms.steps import step_form
from matchhub.profiles.queries import steps_of

LEFT_OUT = frozenset({"deck_id", "pasted_text", "contact_title", "contact_wechat"})
YES, NO = ("yes", "是", "Yes"), ("no", "否", "No")
FORMS: tuple[tuple[type[Field], ColumnForm], ...] = (
    (WanField, ColumnForm.AMOUNT),
    (RateField, ColumnForm.RATE),
    (WholeField, ColumnForm.WHOLE),
    (DayField, ColumnForm.DAY),
    (LinesField, ColumnForm.LINES),
    (BooleanField, ColumnForm.FLAG),
    (SelectMultipleField, ColumnForm.CODES),
    (RadioField, ColumnForm.CODE),
    (SelectField, ColumnForm.CODE),
)
UNITS = {ColumnForm.AMOUNT: "万元", ColumnForm.RATE: "%"}


class RegistrationForm(Form):
    """The city's registration of a mentor, which no mentor writes."""

    names = ("registration_number", "registered_until")
    registration_number = LineField(_("备案编号"), [Length(max=40, message=_("不要超过 40 个字"))])
    registered_until = DayField(_("备案有效期至"))

    def values(self) -> dict[str, Any]:
        """What was entered."""
        return {name: self._fields[name].data for name in self.names}


def form_classes(kind: ImportKind) -> Sequence[type[Form]]:
    """The forms that a line goes through, as if somebody had typed it."""
    if kind.subject is Subject.NEED:
        return NEED_FORMS[kind.pairing]
    if kind.subject is Subject.OFFER:
        return (OFFER_FORMS[kind.pairing],)
    return (*(step_form(kind.owner, step.number) for step in steps_of(kind.owner)), RegistrationForm)


def forms_of(kind: ImportKind, *, raw: MultiDict[str, str] | None = None, row: Any = None) -> list[Form]:
    """The forms filled from raw values, or from a stored row."""
    made = [made(formdata=raw, obj=row, meta={"csrf": False}) for made in form_classes(kind)]
    for form in made:
        form.is_draft = True
    return made


def fields_of(form: Any) -> Iterator[Field]:
    """The fields that a person fills in, in their order."""
    for name in getattr(form, "shown", None) or form.names:
        if name not in LEFT_OUT:
            yield form._fields[name]


def columns_of(kind: ImportKind, whose: Whose) -> list[Column]:
    """The columns of a table of this kind in the hands of somebody: who, then what the forms ask."""
    leading = {
        Whose.OWN: (NUMBER,),
        Whose.RESIDENTS: (NUMBER, OWNERS[kind.subject]),
        Whose.UNCLAIMED: (OWNERS[kind.subject],) if kind.subject is Subject.MENTOR else (OWNERS[kind.subject], USCC),
    }[whose]
    with speaking("en"):
        english = {f.short_name: (_label(f), _words(f)) for form in forms_of(kind) for f in fields_of(form)}
    with speaking("zh"):
        return [
            *leading,
            *(_column(kind, form, f, *english[f.short_name]) for form in forms_of(kind) for f in fields_of(form)),
        ]


def _column(kind: ImportKind, form: Form, field: Field, label: str, words: dict[str, str]) -> Column:
    shape = next((shape for made, shape in FORMS if isinstance(field, made)), ColumnForm.TEXT)
    chinese = _words(field)
    listed = tuple((code, word, words.get(code, word)) for code, word in chinese.items() if code)
    if shape is ColumnForm.FLAG:
        listed = (YES, NO)
    needed = field.short_name == kind.key or any(isinstance(check, FilledIn) for check in field.validators)
    unit = UNITS.get(shape) or str(getattr(form, "units", {}).get(field.short_name, ""))
    return Column(field.short_name, _label(field), label, shape, listed, unit, needed)


def _label(field: Field) -> str:
    return str(field.label.text)


def _words(field: Field) -> dict[str, str]:
    return offered(field) if isinstance(field, SelectFieldBase) else {}  # type: ignore[arg-type]


def raw_of(field: Field) -> list[str]:
    """What a browser would send for a field that holds a stored value."""
    if isinstance(field, BooleanField):
        return ["y"] if field.data else []
    if isinstance(field, SelectMultipleField):
        return [str(value) for value in field.data or ()]
    if isinstance(field, SelectField):  # a radio field is one too
        return ["" if field.data is None else str(field.data)]
    return [str(field._value())]  # type: ignore[attr-defined]
