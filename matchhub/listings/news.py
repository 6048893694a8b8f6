"""What the listings tell the features above."""

from dataclasses import dataclass

from matchhub.listings.models import Need, Offer


@dataclass(frozen=True, slots=True)
class NeedSubmitted:
    """A need waits for whoever checks it."""

    need: Need


@dataclass(frozen=True, slots=True)
class NeedBrought:
    """A carrier has drafted a need for one of its firms."""

    need: Need


@dataclass(frozen=True, slots=True)
class NeedPublished:
    """A need is open (again): it can be suggested."""

    need: Need


@dataclass(frozen=True, slots=True)
class NeedChanged:
    """An open need says something else now."""

    need: Need


@dataclass(frozen=True, slots=True)
class NeedUnavailable:
    """A need is open no longer: paused, met, closed or expired."""

    need: Need


@dataclass(frozen=True, slots=True)
class NeedApproved:
    """Whoever checks needs let it through."""

    need: Need


@dataclass(frozen=True, slots=True)
class NeedReturned:
    """Whoever checks needs gave it back, with a reason on the row."""

    need: Need


@dataclass(frozen=True, slots=True)
class NeedExpiring:
    """A need expires within the notice time."""

    need: Need


@dataclass(frozen=True, slots=True)
class NeedExpired:
    """The time of a need is over."""

    need: Need


@dataclass(frozen=True, slots=True)
class OfferPublished:
    """An offer is open (again)."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class OfferChanged:
    """An open offer says something else now."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class OfferUnavailable:
    """An offer is open no longer."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class OfferExpiring:
    """An offer expires within the notice time."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class OfferExpired:
    """The time of an offer is over."""

    offer: Offer
