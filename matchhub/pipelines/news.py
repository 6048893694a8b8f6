"""What pipelines tell."""

from dataclasses import dataclass
from enum import StrEnum

from matchhub.pipelines.models import CreditCase, Outcome


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


class CaseStep(StrEnum):
    """What happened to a credit case that its other side must know."""

    DOCUMENTS_MISSING = "documents_missing"
    RETURNED = "returned"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class CaseChanged:
    """The bank came further with a loan, or one side ended it."""

    case: CreditCase
    step: CaseStep
