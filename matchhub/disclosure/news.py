"""What disclosure tells the features above it."""

from dataclasses import dataclass

from matchhub.disclosure.models import Consent


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """One side took its consent back; what rested on it ends."""

    consent: Consent
