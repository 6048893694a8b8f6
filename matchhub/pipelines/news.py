"""What pipelines tell."""

from dataclasses import dataclass
from enum import StrEnum

from matchhub.pipelines.models import Outcome


class OutcomeStep(StrEnum):
    """What happened to a result besides its confirmation."""

    ENTERED = "entered"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class OutcomeChanged:
    """One side entered a result, or the other did not agree to it."""

    outcome: Outcome
    step: OutcomeStep


@dataclass(frozen=True, slots=True)
class OutcomeConfirmed:
    """Both sides say the same: it counts."""

    outcome: Outcome
