"""Stored values in words: one function for pages, exports, reviews and comparisons. Pure; `say` translates a msgid."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from matchhub.core import dictionaries, money
from matchhub.core.clock import date_in_words
from matchhub.core.labels import Labelled, N_, NN_
from matchhub.listings.enums import Admission, Condition, Operator, RuledOut
from matchhub.listings.recipes import Fact, Form, is_blank

Say = Callable[..., str]
CHOICES: Mapping[str, type[Labelled]] = {"excludes": RuledOut, "must": Condition}
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
OPERATORS = {
    Operator.AT_LEAST: N_("%(what)s不少于 %(value)s"),
    Operator.AT_MOST: N_("%(what)s不超过 %(value)s"),
    Operator.ANY_OF: N_("%(what)s：%(value)s"),
}
MONEY_FIELDS = frozenset({Admission.REVENUE, Admission.RD_EXPENSE})
CODES_OF = {Admission.QUALIFICATIONS: "qualifications", Admission.REGIONS: "regions"}
UNITS: dict[Admission, str] = {
    Admission.MONTHS_OLD: NN_("%(number)s 个月", "number"),
    Admission.STAFF: NN_("%(number)s 人", "number"),
    Admission.INVENTION_PATENTS: N_("%(number)s 件"),
}
COUNTED = {Form.DAYS: NN_("%(number)s 个工作日", "number"), Form.MONTHS: NN_("%(number)s 个月", "number")}


def spoken(fact: Fact, value: Any, *, say: Say, locale: str) -> str | None:
    """The value of a fact (as `Fact.of` gives it) in the words of `locale`; None where nothing is filled in."""
    if is_blank(value) or (isinstance(value, tuple | list) and all(part is None for part in value)):
        return None
    return _TELL[fact.form](fact, value, say, locale)


def joined(parts: Sequence[str], locale: str) -> str:
    """Words in a row, in the reader's way."""
    return ("、" if locale.startswith("zh") else ", ").join(parts)


def codes(dictionary: str, held: Sequence[str], locale: str) -> str:
    """The labels of codes in a row."""
    snapshot = dictionaries.snapshot()
    return joined([snapshot.word(dictionary, code, locale) or code for code in held], locale)


def percent(basis_points: int) -> str:
    """385 → 3.85%."""
    return f"{(Decimal(basis_points) / 100).normalize():f}%"


def rule_in_words(rule: Mapping[str, Any], *, say: Say, locale: str) -> str:
    """An admission rule as a sentence; a soft one says that it is only preferred."""
    field, value = Admission(rule["field"]), rule["value"]
    what = say(field.label)
    if Operator(rule["op"]) is Operator.IS:
        sentence = what if value else say(N_("不是%(what)s"), what=what)
    else:
        sentence = say(OPERATORS[Operator(rule["op"])], what=what, value=_asked(field, value, say, locale))
    return sentence if rule.get("hard", True) else say(N_("%(rule)s（优先）"), rule=sentence)


def _asked(field: Admission, value: Any, say: Say, locale: str) -> str:
    if field in MONEY_FIELDS:
        return money.show(value, locale)
    if field in CODES_OF:
        return codes(CODES_OF[field], value, locale)
    return say(UNITS[field], number=value)


def _range(fact: Fact, value: Any, say: Say, locale: str) -> str | None:
    return money.show_range(value[0], value[1], locale)


def _rate(fact: Fact, value: Any, say: Say, locale: str) -> str | None:
    if isinstance(value, int):
        return percent(value)
    low, high = value
    if low is None or high is None or low == high:
        only = percent(low if low is not None else high)
        return (
            only
            if low is not None and high is not None
            else say(N_("%(rate)s 起") if high is None else N_("最高 %(rate)s"), rate=only)
        )
    return f"{percent(low)}–{percent(high)}"


def _counted(fact: Fact, value: Any, say: Say, locale: str) -> str | None:
    low, high = value if isinstance(value, tuple | list) else (value, value)
    number = (
        f"{low}–{high}"
        if low is not None and high is not None and low != high
        else str(high if high is not None else low)
    )
    return say(COUNTED[fact.form], number=number)


def _choices(fact: Fact, value: Any, say: Say, locale: str) -> str | None:
    if isinstance(value, bool):
        return say(N_("可以领投") if value else N_("只跟投"))
    known = {member.value: say(member.label) for member in CHOICES[fact.key]}
    return joined([known.get(part, part) for part in value], locale)


def _rules(fact: Fact, value: Any, say: Say, locale: str) -> str | None:
    mark = "；" if locale.startswith("zh") else "; "
    return mark.join(rule_in_words(rule, say=say, locale=locale) for rule in value)


def _preferences(fact: Fact, value: Any, say: Say, locale: str) -> str | None:
    mark = "；" if locale.startswith("zh") else "; "
    return mark.join(
        say(
            N_("%(who)s：%(rate)s"),
            who=codes("qualifications", [part["qualification"]], locale),
            rate=percent(part["rate_bp"]),
        )
        for part in value
    )


def _slots(fact: Fact, value: Any, say: Say, locale: str) -> str | None:
    return joined([f"{say(WEEKDAYS[part['weekday']])} {part['from']}–{part['to']}" for part in value], locale)


def _day(fact: Fact, value: date, say: Say, locale: str) -> str | None:
    return date_in_words(value, locale)


_TELL: Mapping[Form, Callable[[Fact, Any, Say, str], str | None]] = {
    Form.TEXT: lambda fact, value, say, locale: str(value),
    Form.COUNT: lambda fact, value, say, locale: str(value),
    Form.PERCENT: lambda fact, value, say, locale: f"{value}%",
    Form.YES_NO: lambda fact, value, say, locale: say(N_("是") if value else N_("否")),
    Form.CODE: lambda fact, value, say, locale: codes(fact.dictionary, [value], locale),
    Form.CODES: lambda fact, value, say, locale: codes(fact.dictionary, value, locale),
    Form.RANGE: _range,
    Form.RATE: _rate,
    Form.MONTHS: _counted,
    Form.DAYS: _counted,
    Form.CHOICES: _choices,
    Form.RULES: _rules,
    Form.PREFERENCES: _preferences,
    Form.SLOTS: _slots,
    Form.DAY: _day,
}
