"""Advice: MentoringNeed ↔ Mentorship."""

from matchhub.accounts.enums import OrganizationKind
from matchhub.core.labels import N_
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import MentoringNeed, Mentorship
from matchhub.listings.recipes.recipe import (
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
from matchhub.profiles.models import Profile

TOPICS = Fact("topics", N_("想请教的话题"), Form.CODES, "mentor_topics")


def _start_need(profile: Profile | None) -> Values:
    return own_words(profile) | {"statement": ""}  # the goal is new each time


def _start_offer(profile: Profile | None) -> Values:
    values: Values = {"capacity_per_month": 2, "reply_days": 5, "firms_at_most": 3}
    if profile is not None:
        values |= {
            "industries": list(profile.industries),
            "statement": profile.summary,
            "topics": list(getattr(profile, "topics", ())),
        }
    return values


NEED = NeedRecipe(
    kind=PairingKind.MENTORING,
    model=MentoringNeed,
    invitation=N_("请备案创业导师面对面出主意"),
    begun_by="topics",
    own_fields=frozenset({"topics", "urgency", "meeting_modes", "sessions_wanted"}),
    facts=(
        TEASER,
        TOPICS,
        Fact("urgency", N_("多急"), Form.CODE, "urgencies"),
        INDUSTRIES,
        REGION,
        Fact("meeting_modes", N_("见面方式"), Form.CODES, "meeting_modes"),
        Fact("sessions_wanted", N_("想谈几次"), Form.COUNT),
        NEEDED_BY,
        STATEMENT,
    ),
    gaps=(
        Gap("topics", N_("选择想请教的话题")),
        Gap("urgency", N_("选择多急")),
        *SHARED_GAPS,
        Gap("statement", N_("用两三句话写想达到什么"), "2"),
    ),
    listed=TOPICS,
    start=_start_need,
    has_amount=False,
)

OFFER = OfferRecipe(
    kind=PairingKind.MENTORING,
    model=Mentorship,
    owner=OrganizationKind.MENTOR,
    words=Words(
        noun=N_("辅导时间"),
        publish=N_("开放辅导"),
        change=N_("修改辅导"),
        published=N_("辅导已开放，推荐会按它更新"),
        invitation=N_("一页写清能辅导什么、每周哪些时间、最多带几家。"),
        empty=N_("写清能辅导什么和每周的时间，合适的企业会来请教。随时可以暂停。"),
        close=N_("结束辅导"),
        closing=N_("结束后不能恢复，要再开放请新写一条。"),
        expiring=N_("%(when)s 到期，续期后继续收到推荐。"),
        all_of_them=N_("导师服务"),
    ),
    own_fields=frozenset({"topics", "stages", "meeting_modes", "slots", "firms_at_most"}),
    facts=(
        Fact("topics", N_("能辅导的话题"), Form.CODES, "mentor_topics"),
        INDUSTRIES,
        Fact("stages", N_("适合阶段"), Form.CODES, "company_stages"),
        REGIONS,
        Fact("meeting_modes", N_("见面方式"), Form.CODES, "meeting_modes"),
        Fact("slots", N_("每周时间"), Form.SLOTS),
        Fact("firms_at_most", N_("同时最多带几家"), Form.COUNT),
    ),
    gaps=(
        Gap("title", N_("填写名称")),
        Gap("topics", N_("选择能辅导的话题")),
        Gap("firms_at_most", N_("填写同时最多带几家")),
    ),
    listed=("topics", "industries", "meeting_modes"),
    narrowed_by="topics",
    start=_start_offer,
)
