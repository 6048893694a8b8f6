"""The answers to an event's own questions, checked by kind, role and condition."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from matchhub.core import errors
from matchhub.core.labels import N_
from matchhub.events.enums import FieldKind, SeatRole
from matchhub.events.models import FormField

Raw = Mapping[str, Sequence[str]]
LONGEST = {FieldKind.TEXT: 200, FieldKind.LONG_TEXT: 1000}
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")
PHONE = re.compile(r"\+?\d{6,15}")
PREFIX = "answer-"  # what a question is called in the form


def asked(fields: Iterable[FormField], role: SeatRole, raw: Raw) -> list[FormField]:
    """The questions that are put to `role`, given what was answered before them."""
    found: list[FormField] = []
    shown: dict[str, Sequence[str]] = {}
    for field in fields:
        if field.roles and role.value not in field.roles:
            continue
        if field.when_key and not set(shown.get(field.when_key, ())) & set(field.when_values):
            continue
        found.append(field)
        shown[field.key] = raw.get(field.key, ())
    return found


def checked(fields: Iterable[FormField], role: SeatRole, raw: Raw) -> dict[str, Any]:
    """The answers to what was asked, by key; anything else is dropped. Raises Invalid, which names the question."""
    found: dict[str, Any] = {}
    for field in asked(fields, role, raw):
        values = [value.strip() for value in raw.get(field.key, ()) if value.strip()]
        if not values:
            if field.required:
                raise errors.Invalid(N_("请填写这一项"), field=PREFIX + field.key)
            continue
        found[field.key] = READERS[field.kind](field, values)
    return found


def _refuse(field: FormField, message: str, **values: Any) -> errors.Invalid:
    return errors.Invalid(message, field=PREFIX + field.key, **values)


def _text(field: FormField, values: list[str]) -> str:
    longest = LONGEST[field.kind]
    if len(values[0]) > longest:
        raise _refuse(field, N_("不要超过 %(max)s 字"), max=longest)
    return values[0]


def _choice(field: FormField, values: list[str]) -> str:
    if values[0] not in field.options:
        raise _refuse(field, N_("请从列表里选"))
    return values[0]


def _choices(field: FormField, values: list[str]) -> list[str]:
    if not set(values) <= set(field.options):
        raise _refuse(field, N_("请从列表里选"))
    return [option for option in field.options if option in values]


def _number(field: FormField, values: list[str]) -> float:
    text = values[0].replace(",", "").replace("，", "")
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,4})?", text):
        raise _refuse(field, N_("填写数字，例如 800"))
    return float(text)


def _date(field: FormField, values: list[str]) -> str:
    try:
        return date.fromisoformat(values[0]).isoformat()
    except ValueError:
        raise _refuse(field, N_("按 2026-11-22 这样填写日期")) from None


def _yes_no(field: FormField, values: list[str]) -> str:
    if values[0] not in ("yes", "no"):
        raise _refuse(field, N_("请从列表里选"))
    return values[0]


def _email(field: FormField, values: list[str]) -> str:
    if len(values[0]) > 254 or not EMAIL.fullmatch(values[0]):
        raise _refuse(field, N_("按 name@example.com 这样填写邮箱"))
    return values[0]


def _phone(field: FormField, values: list[str]) -> str:
    text = re.sub(r"[\s-]", "", values[0])
    if not PHONE.fullmatch(text):
        raise _refuse(field, N_("填写手机号，只要数字"))
    return text


READERS: dict[FieldKind, Callable[[FormField, list[str]], Any]] = {
    FieldKind.TEXT: _text, FieldKind.LONG_TEXT: _text, FieldKind.CHOICE: _choice, FieldKind.CHOICES: _choices,
    FieldKind.NUMBER: _number, FieldKind.DATE: _date, FieldKind.YES_NO: _yes_no, FieldKind.EMAIL: _email,
    FieldKind.PHONE: _phone,
}  # fmt: skip
