"""Lists of needs and offers as Excel: the same rows and the same fields as on the page."""

from collections.abc import Iterable

from matchhub.core import dictionaries, money
from matchhub.core.clock import city_date
from matchhub.core.labels import N_
from matchhub.core.sheets import Cell, workbook
from matchhub.listings.models import Need, Offer
from matchhub.listings.queries import amount_of, spoken
from matchhub.listings.queries.wording import Say
from matchhub.listings.recipes import OfferRecipe, recipe_of_need

BEGIN = (N_("编号"), N_("种类"))
DATES = (N_("发布日期"), N_("到期"))
OWN = (*BEGIN, N_("一句话"), N_("状态"), N_("要点"), N_("行业"), N_("金额"), N_("什么时候要"), *DATES)
MANAGED = (
    *BEGIN, N_("名称"), N_("代号"), N_("地区"), N_("行业"), N_("要点"), N_("金额区间"), N_("状态"), *DATES,
)  # fmt: skip


def own_needs(needs: Iterable[Need], *, say: Say, locale: str) -> bytes:
    """One's own needs with their real amounts."""
    return workbook(say(N_("需求")), [say(h) for h in OWN], (_own_row(need, say, locale) for need in needs))


def _own_row(need: Need, say: Say, locale: str) -> list[Cell]:
    return [
        need.id, say(need.kind.label), _words(need, locale), say(need.state.label), _gist(need, say, locale),
        _word("industries", need.lead_industry, locale), money.show_range(*amount_of(need), locale),
        getattr(need, "needed_by", None), *_dates(need),
    ]  # fmt: skip


def managed_needs(needs: Iterable[Need], *, say: Say, locale: str) -> bytes:
    """What a steward may see: names, sector, gist, state, banded amounts; no terms."""
    return workbook(say(N_("需求")), [say(h) for h in MANAGED], (_managed_row(need, say, locale) for need in needs))


def _managed_row(need: Need, say: Say, locale: str) -> list[Cell]:
    low, high = money.band_of_range(*amount_of(need))
    return [
        need.id, say(need.kind.label), need.organization.name, need.code_name,
        _word("regions", need.district_code, locale), _word("industries", need.lead_industry, locale),
        _gist(need, say, locale), money.show_range(low, high, locale), say(need.state.label), *_dates(need),
    ]  # fmt: skip


def _gist(need: Need, say: Say, locale: str) -> str | None:
    listed = recipe_of_need(need).listed
    return spoken(listed, listed.of(need), say=say, locale=locale)


def _dates(row: Need | Offer) -> list[Cell]:
    return [city_date(day) if day else None for day in (row.published_at, row.expires_at)]


def offers(found: Iterable[Offer], recipe: OfferRecipe, *, say: Say, locale: str) -> bytes:
    """Offers of one kind with all that they say, one's own or the open ones."""
    header = [N_("机构"), N_("名称"), N_("状态"), *(fact.label for fact in recipe.facts)]
    header += [N_("每月能看几个"), N_("几天内答复"), N_("发布日期"), N_("到期")]
    rows = (
        [
            offer.organization.name, offer.title, say(offer.state.label),
            *(spoken(fact, fact.of(offer), say=say, locale=locale) for fact in recipe.facts),
            offer.capacity_per_month, offer.reply_days, *_dates(offer),
        ]
        for offer in found
    )  # fmt: skip
    return workbook(say(recipe.words.all_of_them), [say(h) for h in header], rows)


def _words(need: Need, locale: str) -> str:
    return (need.teaser_en if locale == "en" else "") or need.teaser


def _word(dictionary: str, code: str | None, locale: str) -> str | None:
    return dictionaries.snapshot().word(dictionary, code, locale)
