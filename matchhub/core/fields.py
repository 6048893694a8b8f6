"""Form fields that every feature shares: codes of a dictionary (one level and two), 万元 amounts, days and months."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, Field, Form, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import StopValidation, ValidationError

from matchhub.core import dictionaries
from matchhub.core.dictionaries import Entry
from matchhub.core.money import WAN
from matchhub.core.ui import locale_code

Choice = tuple[str, str]
Keep = Callable[[Entry], bool]
LARGEST_YUAN = 10**13
UNITS = {"": WAN, "万": WAN, "万元": WAN, "亿": 10**8, "亿元": 10**8, "元": 1}
AMOUNT = re.compile(r"^(\d+(?:\.\d+)?)(万元|万|亿元|亿|元|)$")
MONTH = re.compile(r"^(\d{4})[-./年](\d{1,2})月?$")


def tell_apart(forms: Mapping[str, Form]) -> None:
    """Give the fields of several forms on one page ids of their own, by the name of their form."""
    for name, form in forms.items():
        for field in form:
            if not field.id.startswith(f"{name}-"):
                field.id = field.label.field_id = f"{name}-{field.id}"


class FilledIn:
    """Something must be there, said in the label's words; a draft (`form.is_draft`) may still lack it."""

    field_flags = {"required": True}

    def __init__(self, message: object) -> None:
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        if field.process_errors:
            raise StopValidation()
        if not getattr(form, "is_draft", False) and field.data in (None, "", [], ()):
            raise StopValidation(str(self.message))
        if field.data in (None, "", [], ()):
            raise StopValidation()


def plain(text: str) -> str:
    """Full-width digits and marks as ordinary ones, without spaces and thousands separators."""
    return re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", text))


def entry_choices(dictionary: str, *, keep: Keep | None = None, on: date | None = None) -> list[Choice]:
    """(code, word in the reader's language) of a dictionary, in its order."""
    entries = dictionaries.snapshot().entries(dictionary, on=on)
    return [(e.code, e.word(locale_code())) for e in entries if keep is None or keep(e)]


def offered(field: SelectField) -> dict[str, str]:
    """value → words of what a field offers."""
    choices: Any = field.choices or {}
    return {str(v): str(w) for v, w in (choices.items() if isinstance(choices, dict) else (c[:2] for c in choices))}


class LineField(StringField):
    """One line of text, trimmed; empty is ''."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = " ".join(str(valuelist[0]).split()) if valuelist else ""


class WordsField(TextAreaField):
    """Several lines of text, trimmed; line ends are \\n."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = str(valuelist[0]).replace("\r\n", "\n").strip() if valuelist else ""


class LinesField(TextAreaField):
    """Several short texts, one a line; a list without doubles and empty lines."""

    data: list[str] | None  # type: ignore[assignment]

    def __init__(self, label: object = None, validators: Any = None, *, most: int, longest: int, **more: Any) -> None:
        super().__init__(label, validators, **more)  # type: ignore[arg-type]
        self.most, self.longest = most, longest

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else "\n".join(self.data or ())

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        lines = (" ".join(line.split()) for line in str(valuelist[0]).splitlines()) if valuelist else ()
        self.data = list(dict.fromkeys(line for line in lines if line))
        if len(self.data) > self.most:
            raise ValueError(str(_("最多 %(most)s 行", most=self.most)))
        if any(len(line) > self.longest for line in self.data):
            raise ValueError(str(_("每行不要超过 %(longest)s 个字", longest=self.longest)))


class WanField(StringField):
    """An amount typed in 万元 (800, 1,200, 1.2亿); `data` is 元, or None for nothing."""

    data: int | None  # type: ignore[assignment]

    def __init__(self, label: object = None, validators: Any = None, **more: Any) -> None:
        more.setdefault("render_kw", {"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(label, validators, **more)  # type: ignore[arg-type]

    def _value(self) -> str:
        if self.raw_data and self.process_errors:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        return f"{Decimal(self.data) / WAN:f}"

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        text = plain(str(valuelist[0])) if valuelist else ""
        self.data = None
        if not text:
            return
        found = AMOUNT.match(text)
        if found is None:
            raise ValueError(str(_("填写数字，例如 800")))
        yuan = Decimal(found[1]) * UNITS[found[2]]
        if yuan != yuan.to_integral_value() or not 0 < yuan <= LARGEST_YUAN:
            raise ValueError(str(_("金额不在可填的范围内，请核对单位")))
        self.data = int(yuan)


class WholeField(StringField):
    """A whole number between `low` and `high`; None for nothing."""

    data: int | None  # type: ignore[assignment]

    def __init__(
        self, label: object = None, validators: Any = None, *, low: int = 0, high: int = 10**9, **more: Any
    ) -> None:
        more.setdefault("render_kw", {"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(label, validators, **more)  # type: ignore[arg-type]
        self.low, self.high = low, high

    def _value(self) -> str:
        if self.raw_data and self.process_errors:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        text = plain(str(valuelist[0])).rstrip("%") if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise ValueError(str(_("填写整数"))) from None
        if not number.is_finite() or number != number.to_integral_value():
            raise ValueError(str(_("填写整数")))
        if not self.low <= number <= self.high:
            raise ValueError(str(_("填写 %(low)s 到 %(high)s 之间的整数", low=self.low, high=self.high)))
        self.data = int(number)


class RateField(StringField):
    """A yearly rate typed in percent (3.85); `data` is basis points (385), or None for nothing."""

    data: int | None  # type: ignore[assignment]

    def __init__(self, label: object = None, validators: Any = None, *, most: int = 3600, **more: Any) -> None:
        more.setdefault("render_kw", {"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(label, validators, **more)  # type: ignore[arg-type]
        self.most = most

    def _value(self) -> str:
        if self.raw_data and self.process_errors:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{(Decimal(self.data) / 100).normalize():f}"

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        text = plain(str(valuelist[0])).rstrip("%") if valuelist else ""
        self.data = None
        if not text:
            return
        if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", text):
            raise ValueError(str(_("填写百分数，例如 3.85")))
        points = int(Decimal(text) * 100)
        if not 0 < points <= self.most:
            raise ValueError(str(_("填写大于 0、不超过 %(most)s 的百分数", most=self.most // 100)))
        self.data = points


YEARS = range(1900, 9999)  # what lies outside has hours that are no moments in another zone


class DayField(DateField):
    """A day of YEARS; wrong input says how to write it."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = None
        text = unicodedata.normalize("NFKC", str(valuelist[0])).strip() if valuelist else ""
        if not text:
            return
        parts = re.fullmatch(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?", text)
        try:
            self.data = date(*(int(part) for part in parts.groups())) if parts else None
        except ValueError:
            self.data = None
        if self.data is None or self.data.year not in YEARS:
            self.data = None
            raise ValueError(str(_("按这样填写日期：2026-12-31")))


class MonthField(StringField):
    """A month; `data` is its first day."""

    data: date | None  # type: ignore[assignment]

    def __init__(self, label: object = None, validators: Any = None, **more: Any) -> None:
        more.setdefault("render_kw", {"type": "month", "placeholder": "2026-12"})
        super().__init__(label, validators, **more)  # type: ignore[arg-type]

    def _value(self) -> str:
        if self.raw_data and self.process_errors:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:%Y-%m}"

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        text = plain(str(valuelist[0])) if valuelist else ""
        self.data = None
        if not text:
            return
        found = MONTH.match(text)
        if found is None or not 1 <= int(found[2]) <= 12 or not 1900 <= int(found[1]) <= 2200:
            raise ValueError(str(_("按这样填写月份：2026-12")))
        self.data = date(int(found[1]), int(found[2]), 1)


class CodeField(SelectField):
    """One code of a dictionary, from a list; None for nothing."""

    def __init__(
        self, label: object = None, validators: Any = None, *, dictionary: str, keep: Keep | None = None, **more: Any
    ) -> None:
        choices = {"": str(_("请选择"))} | dict(entry_choices(dictionary, keep=keep))
        super().__init__(label, validators, choices=choices, coerce=_code, **more)  # type: ignore[arg-type]

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data not in offered(self):
            raise ValidationError(str(_("请从列表里选")))


class CodeChipsField(RadioField):
    """One code of a dictionary, as chips; None for nothing."""

    def __init__(
        self, label: object = None, validators: Any = None, *, dictionary: str, keep: Keep | None = None, **more: Any
    ) -> None:
        choices = dict(entry_choices(dictionary, keep=keep))
        super().__init__(label, validators, choices=choices, coerce=_code, **more)  # type: ignore[arg-type]

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data not in offered(self):
            raise ValidationError(str(_("请从列表里选")))


class CodesField(SelectMultipleField):
    """Several codes of a dictionary (or of `choices`), as chips; a list without doubles."""

    def __init__(
        self,
        label: object = None,
        validators: Any = None,
        *,
        dictionary: str | None = None,
        keep: Keep | None = None,
        choices: Sequence[Choice] = (),
        **more: Any,
    ) -> None:
        known = dict(entry_choices(dictionary, keep=keep) if dictionary else choices)
        super().__init__(label, validators, choices=known, **more)  # type: ignore[arg-type]

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = list(dict.fromkeys(str(value) for value in valuelist if value))

    def pre_validate(self, form: Any) -> None:
        known = offered(self)
        if any(code not in known for code in self.data or ()):
            raise ValidationError(str(_("请从列表里选")))


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """A top-level code with its sub-codes, for `components/two_level.html`."""

    code: str
    label: str
    children: list[Choice]
    chosen: frozenset[str]
    is_lead: bool = True  # the others are folded under one heading

    @property
    def is_open(self) -> bool:
        return bool(self.chosen)

    @property
    def size(self) -> int:
        """How many are chosen in it."""
        return len(self.chosen)


class TwoLevelCodesField(CodesField):
    """Codes of a dictionary with two levels, such as industries; either level may be chosen, at most `most`."""

    def __init__(
        self, label: object = None, validators: Any = None, *, dictionary: str, most: int | None = None, **more: Any
    ) -> None:
        super().__init__(label, validators, dictionary=dictionary, **more)
        self.dictionary, self.most = dictionary, most

    def groups(self) -> Iterator[CodeGroup]:
        """The top levels in order, each with its sub-codes and what is chosen among them."""
        chosen, words, snapshot = set(self.data or ()), offered(self), dictionaries.snapshot()
        parents = snapshot.parents(self.dictionary)
        children: dict[str | None, list[Choice]] = {}
        for code, label in words.items():
            children.setdefault(parents.get(code), []).append((code, label))
        for code, label in children.get(None, []):
            below = children.get(code, [])
            entry = snapshot.get(self.dictionary, code)
            picked = frozenset(chosen & {code, *(child for child, _word in below)})
            yield CodeGroup(code, label, below, picked, bool(entry and entry.extra.get("lead", True)))

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.most is not None and len(self.data or ()) > self.most:
            raise ValidationError(str(_("最多选 %(most)s 项", most=self.most)))


def _code(value: object) -> str | None:
    return str(value) if value else None
