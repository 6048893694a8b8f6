"""Equity finance: EquityNeed ↔ InvestmentMandate."""

from typing import Any

from matchhub.accounts.enums import OrganizationKind
from matchhub.core import dictionaries
from matchhub.core.labels import N_
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import EquityNeed, InvestmentMandate
from matchhub.listings.recipes.recipe import (
    Audience,
    Fact,
    Form,
    Gap,
    INDUSTRIES,
    NEEDED_BY,
    NeedRecipe,
    OfferRecipe,
    own_words,
    REGION,
    REGIONS,
    SHARED_GAPS,
    STATEMENT,
    TEASER,
    Values,
    Words,
)
from matchhub.profiles.models import EnterpriseProfile, Profile

ROUND = Fact("round_code", N_("轮次"), Form.CODE, "rounds")


def _start_need(profile: Profile | None) -> Values:
    values: Values = {"instruments": ["equity"], **own_words(profile)}
    if isinstance(profile, EnterpriseProfile):
        stage = dictionaries.snapshot().get("company_stages", profile.stage)
        rounds = stage.extra.get("rounds") if stage else None
        values["round_code"] = rounds[0] if rounds else None
    return values


def _start_offer(profile: Profile | None) -> Values:
    values: Values = {"instruments": ["equity"], "capacity_per_month": 4, "reply_days": 7}
    if profile is not None:
        values |= {"industries": list(profile.industries), "statement": profile.summary}
    return values


def _check(offer: Any) -> dict[str, str]:
    if set(offer.industries) & set(offer.exclusions):
        return {"exclusions": N_("同一个行业不能既看又不看")}
    return {}


NEED = NeedRecipe(
    kind=PairingKind.EQUITY,
    model=EquityNeed,
    invitation=N_("出让股份，引入基金或天使投资人"),
    begun_by="amount_max_yuan",
    own_fields=frozenset({"purposes", "round_code", "instruments", "equity_max_pct", "excludes"}),
    facts=(
        TEASER,
        ROUND,
        INDUSTRIES,
        REGION,
        Fact("purposes", N_("用途"), Form.CODES, "purposes"),
        Fact("instruments", N_("融资方式"), Form.CODES, "instruments"),
        NEEDED_BY,
        STATEMENT,
        Fact("equity_max_pct", N_("最多出让"), Form.PERCENT, audience=Audience.TERMS),
        Fact("excludes", N_("不接受"), Form.CHOICES, audience=Audience.TERMS),
    ),
    gaps=(
        Gap("amount_max_yuan", N_("填写最多要多少")),
        Gap("needed_by", N_("填写什么时候要")),
        Gap("purposes", N_("选择用途"), "2"),
        Gap("round_code", N_("选择轮次"), "2"),
        *SHARED_GAPS,
        Gap("statement", N_("用两三句话写产品和用途"), "2"),
        Gap("instruments", N_("选择融资方式"), "2"),
    ),
    listed=ROUND,
    start=_start_need,
)

OFFER = OfferRecipe(
    kind=PairingKind.EQUITY,
    model=InvestmentMandate,
    owner=OrganizationKind.INVESTOR,
    words=Words(
        noun=N_("意向"),
        publish=N_("发布意向"),
        change=N_("修改意向"),
        published=N_("意向已发布，推荐会按它更新"),
        invitation=N_("一页，约 2 分钟。写清投什么，推荐只给合适的。"),
        empty=N_("一页写清投什么，每月只收到看得过来的推荐。"),
        close=N_("结束意向"),
        closing=N_("结束后不能恢复，要再投请新写一条。"),
        expiring=N_("%(when)s 到期，续期后继续收到推荐。"),
        all_of_them=N_("投资意向"),
    ),
    own_fields=frozenset(
        {
            "rounds",
            "ticket_min_yuan",
            "ticket_max_yuan",
            "instruments",
            "exclusions",
            "must",
            "qualifications",
            "leads",
        }
    ),
    facts=(
        Fact("ticket", N_("单笔金额"), Form.RANGE),
        Fact("rounds", N_("轮次"), Form.CODES, "rounds"),
        INDUSTRIES,
        REGIONS,
        Fact("instruments", N_("投资方式"), Form.CODES, "instruments"),
        Fact("leads", N_("能否领投"), Form.CHOICES),
        Fact("must", N_("必须满足"), Form.CHOICES),
        Fact("exclusions", N_("不看的行业"), Form.CODES, "industries"),
        Fact("qualifications", N_("优先有这些资质的企业"), Form.CODES, "qualifications"),
    ),
    gaps=(
        Gap("title", N_("填写名称")),
        Gap("rounds", N_("选择轮次")),
        Gap("industries", N_("选择行业")),
        Gap("ticket_max_yuan", N_("填写单笔最多投多少")),
    ),
    listed=("industries", "rounds", "ticket"),
    narrowed_by="rounds",
    ranges=(("ticket_min_yuan", "ticket_max_yuan"),),
    start=_start_offer,
    check=_check,
)
