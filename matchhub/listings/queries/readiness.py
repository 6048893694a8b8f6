"""What a need or an offer still lacks before it can be published: pure functions of the rows."""

from dataclasses import dataclass

from matchhub.core.labels import N_
from matchhub.listings.enums import TEASER_LENGTH
from matchhub.listings.models import EquityNeed, InvestmentMandate
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import Profile


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that is missing: the field, what to do in a sentence, and where (a step, or profile or organization)."""

    field: str
    message: str
    where: str


def gaps_of_need(need: EquityNeed) -> list[Obstacle]:
    """What the need itself lacks, in the order of the form."""
    lacks = (
        (need.amount_max_yuan is None, "amount_max_yuan", N_("填写最多要多少"), "1"),
        (need.needed_by is None, "needed_by", N_("填写什么时候要"), "1"),
        (not need.purposes, "purposes", N_("选择用途"), "2"),
        (need.round_code is None, "round_code", N_("选择轮次"), "2"),
        (not need.industries, "industries", N_("选择行业"), "2"),
        (not 0 < len(need.teaser) <= TEASER_LENGTH, "teaser", N_("用一句话说明，不超过 30 个字"), "2"),
        (not need.statement, "statement", N_("用两三句话写产品和用途"), "2"),
        (not need.instruments, "instruments", N_("选择融资方式"), "2"),
    )
    return [Obstacle(field, message, step) for is_missing, field, message, step in lacks if is_missing]


def obstacles_to_need(need: EquityNeed, profile: Profile | None) -> list[Obstacle]:
    """All that stands before publication: the organization's check, the profile, the need."""
    return [*_obstacles_around(need.organization.is_verified, profile), *gaps_of_need(need)]


def gaps_of_offer(offer: InvestmentMandate) -> list[Obstacle]:
    """What the mandate itself lacks."""
    lacks = (
        (not offer.title, "title", N_("填写名称")),
        (not offer.rounds, "rounds", N_("选择轮次")),
        (not offer.industries, "industries", N_("选择行业")),
        (offer.ticket_max_yuan is None, "ticket_max_yuan", N_("填写单笔最多投多少")),
    )
    return [Obstacle(field, message, "1") for is_missing, field, message in lacks if is_missing]


def obstacles_to_offer(offer: InvestmentMandate) -> list[Obstacle]:
    """All that stands before publication."""
    return [*_unverified(offer.organization.is_verified), *gaps_of_offer(offer)]


def _unverified(is_verified: bool) -> list[Obstacle]:
    return (
        [] if is_verified else [Obstacle("organization", N_("机构核验通过后才能发布，内容会替你留着"), "organization")]
    )


def _obstacles_around(is_verified: bool, profile: Profile | None) -> list[Obstacle]:
    return [*_unverified(is_verified), *_gaps_of_profile(profile)]


def _gaps_of_profile(profile: Profile | None) -> list[Obstacle]:
    """A published profile is enough; before that, what the comparison cannot do without."""
    if profile is not None and profile.state is ProfileState.PUBLISHED:
        return []
    lacks = (
        (profile is None or not profile.region_code, "region_code", N_("先在资料里填写经营地区")),
        (profile is None or not profile.industries, "industries", N_("先在资料里选择行业")),
        (profile is None or not profile.summary, "summary", N_("先在资料里写产品与客户")),
    )
    return [Obstacle(f"profile.{field}", message, "profile") for is_missing, field, message in lacks if is_missing]
