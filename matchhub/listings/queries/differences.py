"""What a need says now beside what it said when it was last checked, for the reviewer."""

from datetime import date
from typing import Any

from matchhub.core import money
from matchhub.core.labels import N_
from matchhub.listings.models import Need
from matchhub.listings.queries.tiers import amount_of
from matchhub.listings.queries.wording import Say, spoken
from matchhub.listings.recipes import Audience, Fact, Form, recipe_of_need

AMOUNT = Fact("amount", N_("金额区间"), Form.RANGE)
REGION = "region_code"  # set by the server


def compared(need: Need) -> list[Fact]:
    """The facts that a reviewer may see, in the order of the need's page; the amount by its band."""
    recipe = recipe_of_need(need)
    facts = [fact for fact in recipe.facts if fact.audience is not Audience.TERMS and fact.key != REGION]
    return [AMOUNT, *facts] if recipe.has_amount else facts


def snapshot_of(need: Need) -> dict[str, Any]:
    """Those facts as plain values that JSON can hold."""
    return {fact.key: _plain(_banded(need) if fact is AMOUNT else fact.of(need)) for fact in compared(need)}


def _banded(need: Need) -> list[int | None]:
    return list(money.band_of_range(*amount_of(need)))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def differences(need: Need, locale: str, say: Say) -> list[tuple[str, str | None, str | None]]:
    """(label msgid, before, now) in the words of `locale`; before is None where it was never checked."""
    before, now = need.last_submission or {}, snapshot_of(need)
    told = [(fact, _read(fact, before.get(fact.key)), _read(fact, now[fact.key])) for fact in compared(need)]
    return [
        (fact.label, spoken(fact, was, say=say, locale=locale), spoken(fact, is_now, say=say, locale=locale))
        for fact, was, is_now in told
    ]


def _read(fact: Fact, value: Any) -> Any:
    return date.fromisoformat(value) if value and fact.form is Form.DAY else value
