"""What a need or an offer still lacks before it can be published: pure functions of the rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from matchhub.core.labels import N_
from matchhub.listings.models import Need, Offer
from matchhub.listings.recipes import Gap, recipe_of_need, recipe_of_offer
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import Profile


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that is missing: the field, what to do in a sentence, and where (a step, or profile or organization)."""

    field: str
    message: str
    where: str


def gaps_of_need(need: Need) -> list[Obstacle]:
    """What the need itself lacks, in the order of the form."""
    return _gaps(need, recipe_of_need(need).gaps)


def obstacles_to_need(need: Need, profile: Profile | None) -> list[Obstacle]:
    """All that stands before publication: the organization's check, the profile, the need."""
    return [*_obstacles_around(need.organization.is_verified, profile), *gaps_of_need(need)]


def gaps_of_offer(offer: Offer) -> list[Obstacle]:
    """What the offer itself lacks."""
    return _gaps(offer, recipe_of_offer(offer).gaps)


def _gaps(row: Need | Offer, gaps: Iterable[Gap]) -> list[Obstacle]:
    return [Obstacle(gap.field, gap.message, gap.step) for gap in gaps if gap.is_open(getattr(row, gap.field))]


def obstacles_to_offer(offer: Offer) -> list[Obstacle]:
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
