"""Reasons, names and counts in the reader's language."""

import re
from typing import Any

from flask_babel import gettext, ngettext

from matchhub.core.money import band_of_range
from matchhub.core.ui import in_locale, locale_code, show_money_range, shown_code, words
from matchhub.disclosure.queries import Visible
from matchhub.listings.models import EquityNeed, InvestmentMandate, Need, Offer
from matchhub.matches.reasons import Money, Month, Reason, Words

FEW = 5
BESIDE_LATIN = re.compile("(?<=[\u4e00-\u9fff])(?=[A-Za-z])")


def say(reason: Reason) -> str:
    """The sentence of a reason."""
    text = str(gettext(reason.message, **{name: _value(value) for name, value in reason.values.items()}))
    return BESIDE_LATIN.sub(" ", text) if locale_code() == "zh" else text


def _value(value: Any) -> Any:
    if isinstance(value, Words):
        return words(value.dictionary, value.codes) or gettext("未填")
    if isinstance(value, Money):
        return show_money_range(value.low, value.high) or gettext("未填")
    if isinstance(value, Month):
        return f"{value.day.year}年{value.day.month}月" if locale_code() == "zh" else f"{value.day:%B %Y}"
    return value


def asked_for(need: Need, visible: Visible) -> tuple[int | None, int | None]:
    """The amount as the reader may see it: exact for the owner and with consent, else its band."""
    if not isinstance(need, EquityNeed):
        return (None, None)
    low, high = need.amount_min_yuan, need.amount_max_yuan
    if visible.terms or (low is None and high is None):
        return (low, high)
    return band_of_range(low, high)


def need_name(need: Need, visible: Visible) -> str:
    """The owner's name where it is open to the reader, else the code name."""
    return str(in_locale(need.organization, "label") if visible.identity else shown_code(need.code_name))


def need_kind(need: Need, visible: Visible) -> str:
    """Field, round and amount in one line."""
    round_code = need.round_code if isinstance(need, EquityNeed) else None
    parts = (
        words("industries", need.industries[:1]),
        words("rounds", [round_code] if round_code else None),
        show_money_range(*asked_for(need, visible)),
    )
    return " · ".join(part for part in parts if part) or str(gettext("股权融资"))


def offer_kind(offer: Offer) -> str:
    """Kind and ticket in one line."""
    ticket = None
    if isinstance(offer, InvestmentMandate):
        ticket = show_money_range(offer.ticket_min_yuan, offer.ticket_max_yuan)
    kind = str(gettext("投资机构"))
    return kind if ticket is None else kind + " · " + str(gettext("单笔 %(ticket)s", ticket=ticket))


def about(number: int) -> str:
    """A count over other people's data: rounded to 5, below that only that it is few."""
    if number < FEW:
        return str(gettext("不足 5 家"))
    return str(gettext("约 %(number)s 家", number=5 * round(number / 5)))


def more(number: int) -> str:
    """How many more, never exactly."""
    return str(gettext("几家")) if number < FEW else str(gettext("约 %(number)s 家", number=5 * round(number / 5)))


def missing_facts(count: int) -> str:
    """The word in place of the fit where too little is known."""
    return str(ngettext("可能契合 · 缺 %(num)s 项", "可能契合 · 缺 %(num)s 项", count))
