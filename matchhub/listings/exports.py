"""Lists of needs and offers as Excel: the same rows and the same fields as on the page."""

from collections.abc import Callable, Iterable

from matchhub.core import dictionaries, money
from matchhub.core.clock import city_date
from matchhub.core.labels import N_
from matchhub.core.sheets import Cell, workbook
from matchhub.listings.models import EquityNeed, InvestmentMandate

Say = Callable[[str], str]


def own_needs(needs: Iterable[EquityNeed], *, say: Say, locale: str) -> bytes:
    """One's own needs with their real amounts."""
    header = [
        say(h)
        for h in (
            N_("编号"),
            N_("一句话"),
            N_("状态"),
            N_("轮次"),
            N_("行业"),
            N_("金额"),
            N_("什么时候要"),
            N_("发布日期"),
            N_("到期"),
        )
    ]
    rows = (
        [
            need.id, need.teaser, say(need.state.label), _word("rounds", need.round_code, locale),
            _word("industries", need.lead_industry, locale),
            money.show_range(need.amount_min_yuan, need.amount_max_yuan, locale), need.needed_by,
            city_date(need.published_at) if need.published_at else None,
            city_date(need.expires_at) if need.expires_at else None,
        ]
        for need in needs
    )  # fmt: skip
    return workbook(say(N_("需求")), header, rows)


def managed_needs(needs: Iterable[EquityNeed], *, say: Say, locale: str) -> bytes:
    """What a steward may see: names, sector, stage, state, banded amounts; no terms."""
    header = [
        say(h)
        for h in (
            N_("编号"),
            N_("名称"),
            N_("代号"),
            N_("地区"),
            N_("行业"),
            N_("轮次"),
            N_("金额区间"),
            N_("状态"),
            N_("发布日期"),
            N_("到期"),
        )
    ]
    return workbook(say(N_("需求")), header, (_managed_row(need, say, locale) for need in needs))


def _managed_row(need: EquityNeed, say: Say, locale: str) -> list[Cell]:
    low, high = money.band_of_range(need.amount_min_yuan, need.amount_max_yuan)
    return [
        need.id, need.organization.name, need.code_name, _word("regions", need.district_code, locale),
        _word("industries", need.lead_industry, locale), _word("rounds", need.round_code, locale),
        money.show_range(low, high, locale), say(need.state.label),
        city_date(need.published_at) if need.published_at else None,
        city_date(need.expires_at) if need.expires_at else None,
    ]  # fmt: skip


def offers(found: Iterable[InvestmentMandate], *, say: Say, locale: str) -> bytes:
    """Mandates, one's own or the open ones."""
    header = [
        say(h)
        for h in ("机构", "名称", "状态", "轮次", "行业", "地区", "单笔金额", "每月能看几个", "几天内答复", "到期")
    ]
    return workbook(say(N_("投资意向")), header, (_offer_row(offer, say, locale) for offer in found))


def _offer_row(offer: InvestmentMandate, say: Say, locale: str) -> list[Cell]:
    return [
        offer.organization.name, offer.title, say(offer.state.label), _words("rounds", offer.rounds, locale),
        _words("industries", offer.industries, locale), _words("regions", offer.regions, locale),
        money.show_range(offer.ticket_min_yuan, offer.ticket_max_yuan, locale), offer.capacity_per_month,
        offer.reply_days, city_date(offer.expires_at) if offer.expires_at else None,
    ]  # fmt: skip


def _word(dictionary: str, code: str | None, locale: str) -> str | None:
    return dictionaries.snapshot().word(dictionary, code, locale)


def _words(dictionary: str, codes: list[str], locale: str) -> str:
    return ("、" if locale == "zh" else ", ").join(_word(dictionary, code, locale) or code for code in codes)
