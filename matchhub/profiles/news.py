"""What the profiles tell higher features."""

from dataclasses import dataclass

from matchhub.profiles.models import Complaint, Profile, Residency


@dataclass(frozen=True, slots=True)
class ProfileSubmitted:
    """A profile waits for its reviewer."""

    profile: Profile


@dataclass(frozen=True, slots=True)
class ProfilePublished:
    """A reviewer has let a profile through."""

    profile: Profile


@dataclass(frozen=True, slots=True)
class ProfileReturned:
    """A reviewer wants something changed."""

    profile: Profile


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """A published profile says something else than before."""

    organization_id: int


@dataclass(frozen=True, slots=True)
class ResidencyChanged:
    """A firm stands under another carrier or district, or under none: who looked after it before does so no longer."""

    enterprise_id: int
    carrier_id: int | None
    district_code: str | None


@dataclass(frozen=True, slots=True)
class ResidencyAsked:
    """A firm asks a carrier to take it in."""

    residency: Residency


@dataclass(frozen=True, slots=True)
class ResidencyAnswered:
    """A carrier has decided about a firm."""

    residency: Residency


@dataclass(frozen=True, slots=True)
class ComplaintMade:
    """An organization has reported another one."""

    complaint: Complaint


@dataclass(frozen=True, slots=True)
class ComplaintAnswered:
    """The city has answered a complaint."""

    complaint: Complaint


@dataclass(frozen=True, slots=True)
class BlockChanged:
    """An organization has blocked another one, or taken that back: its listings are compared again."""

    organization_id: int
