"""Who answers typed words by what it offers: a higher feature reads them as a need and tells (see `wiring`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationKind

Owners = Mapping[int, tuple[str, ...]]
"""Organization id → the words that its offer shares with what was typed, the best answer first."""


def nobody(session: Session, kind: OrganizationKind, typed: str) -> Owners:
    """Before a higher feature has said who."""
    return {}


@dataclass(slots=True)
class Suiting:
    """`owners` tells who of a kind of organization has an open offer that answers. Verified members only may ask it."""

    owners: Callable[[Session, OrganizationKind, str], Owners] = nobody


SUITING = Suiting()
