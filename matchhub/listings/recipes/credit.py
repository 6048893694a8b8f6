"""Bank loans: CreditNeed ↔ LoanProduct."""

from matchhub.accounts.enums import OrganizationKind
from matchhub.core.labels import N_
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import CreditNeed, LoanProduct
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

TERM = Fact("term_months", N_("期限"), Form.MONTHS)


def _start_need(profile: Profile | None) -> Values:
    values: Values = {"term_months": 12, **own_words(profile)}
    if isinstance(profile, EnterpriseProfile) and profile.invention_patents:
        values["ip_types"] = ["invention"]
    return values


def _start_offer(profile: Profile | None) -> Values:
    return {
        "capacity_per_month": 20,
        "reply_days": 2,
        "regions": [profile.region_code] if profile and profile.region_code else [],
    }


NEED = NeedRecipe(
    kind=PairingKind.CREDIT,
    model=CreditNeed,
    invitation=N_("向银行借款，看哪些产品的条件你符合"),
    begun_by="amount_max_yuan",
    own_fields=frozenset(
        {"term_months", "rate_max_bp", "purposes", "guarantees", "ip_types", "is_first_loan", "has_clean_record"}
    ),
    facts=(
        TEASER,
        TERM,
        INDUSTRIES,
        REGION,
        Fact("purposes", N_("用途"), Form.CODES, "purposes"),
        Fact("guarantees", N_("能提供的担保"), Form.CODES, "guarantee_types"),
        Fact("ip_types", N_("可质押的知识产权"), Form.CODES, "ip_types"),
        Fact("is_first_loan", N_("首次向银行贷款"), Form.YES_NO),
        Fact("has_clean_record", N_("没有逾期和被执行记录"), Form.YES_NO),
        NEEDED_BY,
        STATEMENT,
        Fact("rate_max_bp", N_("能接受的年利率"), Form.RATE, audience=Audience.TERMS),
    ),
    gaps=(
        Gap("amount_max_yuan", N_("填写最多要多少")),
        Gap("term_months", N_("填写期限")),
        Gap("needed_by", N_("填写什么时候要")),
        Gap("purposes", N_("选择用途"), "2"),
        Gap("guarantees", N_("选择能提供的担保，没有就选信用"), "2"),
        *SHARED_GAPS,
    ),
    listed=TERM,
    start=_start_need,
)

OFFER = OfferRecipe(
    kind=PairingKind.CREDIT,
    model=LoanProduct,
    owner=OrganizationKind.BANK,
    words=Words(
        noun=N_("产品"),
        publish=N_("发布产品"),
        change=N_("修改产品"),
        published=N_("产品已发布，推荐会按它更新"),
        invitation=N_("一页写清额度、利率、期限和准入条件，边写边看有多少家企业符合。"),
        empty=N_("一页写清额度、利率和准入条件，符合的企业会出现在推荐里。"),
        close=N_("下架产品"),
        closing=N_("下架后不能恢复，要再办请新写一个产品。"),
        expiring=N_("%(when)s 到期，续期后继续收到推荐。"),
        all_of_them=N_("贷款产品"),
    ),
    own_fields=frozenset(
        {
            "instrument",
            "amount_min_yuan",
            "amount_max_yuan",
            "rate_min_bp",
            "rate_max_bp",
            "term_min_months",
            "term_max_months",
            "guarantees",
            "repayments",
            "stages",
            "payout_days",
            "welcomes_first_loan",
            "rules",
            "preferences",
            "materials",
        }
    ),
    facts=(
        Fact("instrument", N_("种类"), Form.CODE, "instruments"),
        Fact("amount", N_("额度"), Form.RANGE),
        Fact("rate", N_("年利率"), Form.RATE),
        Fact("term", N_("期限"), Form.MONTHS),
        Fact("guarantees", N_("担保方式"), Form.CODES, "guarantee_types"),
        Fact("repayments", N_("还款方式"), Form.CODES, "repayment_ways"),
        Fact("payout_days", N_("放款时效"), Form.DAYS),
        Fact("stages", N_("适合阶段"), Form.CODES, "company_stages"),
        INDUSTRIES,
        REGIONS,
        Fact("welcomes_first_loan", N_("欢迎首次贷款的企业"), Form.YES_NO),
        Fact("rules", N_("准入条件"), Form.RULES),
        Fact("preferences", N_("优惠条款"), Form.PREFERENCES),
        Fact("materials", N_("要交的材料"), Form.CODES, "loan_materials"),
    ),
    gaps=(
        Gap("title", N_("填写名称")),
        Gap("instrument", N_("选择种类")),
        Gap("amount_max_yuan", N_("填写最高额度")),
        Gap("rate_min_bp", N_("填写最低年利率")),
        Gap("term_max_months", N_("填写最长期限")),
        Gap("guarantees", N_("选择担保方式")),
    ),
    listed=("instrument", "amount", "rate", "term"),
    narrowed_by="guarantees",
    ranges=(
        ("amount_min_yuan", "amount_max_yuan"),
        ("rate_min_bp", "rate_max_bp"),
        ("term_min_months", "term_max_months"),
    ),
    start=_start_offer,
)
