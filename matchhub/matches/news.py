"""What others may want to hear of matches."""

from dataclasses import dataclass

from matchhub.accounts.models import Organization
from matchhub.matches.models import Push


@dataclass(frozen=True, slots=True)
class PairsPushed:
    """A carrier recommended pairs to one firm. The other sides are not told, and nobody else is."""

    organization_id: int
    carrier: Organization
    pushes: tuple[Push, ...]
    note: str
