"""Reasons, names and counts in the reader's language."""

import re
from functools import lru_cache
from typing import Any

from flask_babel import gettext, ngettext

from matchhub.core import dictionaries
from matchhub.core.labels import N_
from matchhub.core.money import band_of_range
from matchhub.core.ui import dictionary_words, in_locale, locale_code, show_money_range, shown_code, words
from matchhub.core.web import worded
from matchhub.disclosure.queries import Visible
from matchhub.listings.models import Need, Offer
from matchhub.listings.queries import wording as listed
from matchhub.matches.enums import Verdict
from matchhub.matches.kinds import KINDS
from matchhub.matches.kinds.kind import Part
from matchhub.matches.kinds.listed import Asking, Offering
from matchhub.matches.reasons import Asked, Money, Month, Rate, Reason, Words

FEW = 5
SENTENCES_KEPT = 10_000
Values = tuple[tuple[str, type, Any], ...]
BESIDE_LATIN = re.compile("(?<=[\u4e00-\u9fff])(?=[A-Za-z])")


def say(reason: Reason) -> str:
    """The sentence of a reason. A list says the same of many pairs: kept while dictionaries stay what they are."""
    values = tuple((name, type(value), value) for name, value in reason.values.items())
    try:
        return _kept(dictionary_words(), locale_code(), reason.message, values)
    except TypeError:  # a condition may ask for a list, which cannot be a key
        return _said(reason.message, values)


@lru_cache(maxsize=SENTENCES_KEPT)
def _kept(held: dictionaries.Snapshot, locale: str, message: str, values: Values) -> str:
    return _said(message, values)


def _said(message: str, values: Values) -> str:
    text = worded(message, **{name: _value(value) for name, _, value in values})
    return BESIDE_LATIN.sub(" ", text) if locale_code() == "zh" else text


def _value(value: Any) -> Any:
    if isinstance(value, Words):
        return words(value.dictionary, value.codes) or gettext("未填")
    if isinstance(value, Money):
        return show_money_range(value.low, value.high) or gettext("未填")
    if isinstance(value, Rate):
        return listed.percent(value.basis_points)
    if isinstance(value, Asked):
        rule = {"field": value.field, "op": value.op, "value": value.value, "hard": True}
        return listed.rule_in_words(rule, say=worded, locale=locale_code())
    if isinstance(value, Month):
        return f"{value.day.year}年{value.day.month}月" if locale_code() == "zh" else f"{value.day:%B %Y}"
    return value


def asked_for(need: Need | Asking, visible: Visible) -> tuple[int | None, int | None]:
    """The amount as the reader may see it: exact for the owner and with consent, else its band."""
    low, high = getattr(need, "amount_min_yuan", None), getattr(need, "amount_max_yuan", None)
    if visible.terms or (low is None and high is None):
        return (low, high)
    return band_of_range(low, high)


def need_name(need: Need | Asking, visible: Visible) -> str:
    """The owner's name where it is open to the reader, else the code name."""
    return str(in_locale(need.organization, "label") if visible.identity else shown_code(need.code_name))


def need_kind(need: Need | Asking, visible: Visible) -> str:
    """What is asked for in one line; the amount as the reader may see it."""
    parts = [*(_part(part) for part in KINDS[need.kind].need_line(need)), show_money_range(*asked_for(need, visible))]
    return " · ".join(part for part in parts if part) or str(gettext(need.kind.label))


def offer_kind(offer: Offer | Offering) -> str:
    """What is offered in one line."""
    parts = [_part(part) for part in KINDS[offer.kind].offer_line(offer)]
    return " · ".join(part for part in parts if part) or str(gettext(offer.kind.label))


def _part(part: Part) -> str | None:
    return words(part.dictionary, part.codes) if isinstance(part, Words) else say(part)


def about(number: int, few: str = N_("不足 5 家"), rounded: str = N_("约 %(number)s 家")) -> str:
    """A count over other people's data: rounded to 5, below that only that it is few."""
    if number < FEW:
        return str(gettext(few))
    return str(gettext(rounded, number=5 * round(number / 5)))


def more(number: int, rounded: str = N_("约 %(number)s 家")) -> str:
    """How many more, never exactly."""
    return str(gettext("几家")) if number < FEW else str(gettext(rounded, number=5 * round(number / 5)))


def prematch(verdict: Verdict, open_conditions: int) -> str:
    """In place of the fit, where conditions are told one by one."""
    if verdict is Verdict.FITS:
        return str(gettext("预匹配：条件符合"))
    if verdict is Verdict.FAILS:
        return str(gettext("预匹配：条件不符"))
    if not open_conditions:
        return str(gettext("预匹配：信息不足"))
    return str(ngettext("预匹配：待核实 %(num)s 项", "预匹配：待核实 %(num)s 项", open_conditions))


def missing_facts(count: int) -> str:
    """The word in place of the fit where too little is known."""
    return str(ngettext("可能契合 · 缺 %(num)s 项", "可能契合 · 缺 %(num)s 项", count))
