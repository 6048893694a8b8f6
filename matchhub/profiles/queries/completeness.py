"""How complete a profile is: a pure function of its facts and the weights beside them."""

from dataclasses import dataclass
from typing import Any

from matchhub.accounts.enums import OrganizationKind
from matchhub.profiles.models import Profile
from matchhub.profiles.queries.fields import FactField, fields_of


@dataclass(frozen=True, slots=True)
class Completeness:
    """Whole per cent, and what is missing, most valuable first."""

    percent: int
    missing: tuple[FactField, ...]

    @property
    def next_field(self) -> FactField | None:
        """What to fill in next; None when nothing is missing."""
        return self.missing[0] if self.missing else None

    def missing_in(self, step: int) -> int:
        """How many facts a step still lacks."""
        return sum(field.step == step for field in self.missing)


def is_filled(value: Any) -> bool:
    """Zero is an answer; nothing, an empty text and an empty list are not."""
    return value is not None and value != "" and value != []


def completeness(profile: Profile) -> Completeness:
    """The share of the weights that is filled in. 100 only when nothing that counts is missing."""
    counted = [field for field in fields_of(OrganizationKind(profile.kind)) if field.weight]
    missing = [field for field in counted if not is_filled(getattr(profile, field.name))]
    total = sum(field.weight for field in counted)
    percent = 100 * (total - sum(field.weight for field in missing)) // total
    return Completeness(percent, tuple(sorted(missing, key=lambda field: -field.weight)))
