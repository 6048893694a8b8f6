"""What a need says now beside what it said when it was last checked, for the reviewer."""

from datetime import date
from typing import Any

from matchhub.core import dictionaries, money
from matchhub.core.clock import date_in_words
from matchhub.core.labels import N_
from matchhub.listings.models import EquityNeed

LABELS: tuple[tuple[str, str, str], ...] = (
    ("amount", N_("金额区间"), ""),
    ("round_code", N_("轮次"), "rounds"),
    ("industries", N_("行业"), "industries"),
    ("purposes", N_("用途"), "purposes"),
    ("teaser", N_("一句话"), ""),
    ("statement", N_("说明"), ""),
    ("instruments", N_("融资方式"), "instruments"),
    ("needed_by", N_("什么时候要"), ""),
)


def snapshot_of(need: EquityNeed) -> dict[str, Any]:
    """The facts that a reviewer may see, as plain values; the amount by its band."""
    return {
        "amount": list(money.band_of_range(need.amount_min_yuan, need.amount_max_yuan)),
        "round_code": need.round_code,
        "industries": list(need.industries),
        "purposes": list(need.purposes),
        "teaser": need.teaser,
        "statement": need.statement,
        "instruments": list(need.instruments),
        "needed_by": need.needed_by.isoformat() if need.needed_by else None,
    }


def differences(need: EquityNeed, locale: str) -> list[tuple[str, str | None, str | None]]:
    """(label msgid, before, now) in the words of `locale`; before is None where it was never checked."""
    before, now = need.last_submission or {}, snapshot_of(need)
    return [
        (label, _words(key, before.get(key), dictionary, locale), _words(key, now[key], dictionary, locale))
        for key, label, dictionary in LABELS
    ]


def _words(key: str, value: Any, dictionary: str, locale: str) -> str | None:
    if value in (None, "", []):
        return None
    if key == "amount":
        return money.show_range(value[0], value[1], locale)
    if key == "needed_by":
        return date_in_words(date.fromisoformat(value), locale)
    if not dictionary:
        return str(value)
    snapshot, codes = dictionaries.snapshot(), value if isinstance(value, list) else [value]
    joint = "、" if locale.startswith("zh") else ", "
    return joint.join(snapshot.word(dictionary, code, locale) or code for code in codes)
