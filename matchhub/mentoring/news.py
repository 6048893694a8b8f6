"""What mentoring tells."""

from dataclasses import dataclass
from enum import StrEnum

from matchhub.mentoring.models import Engagement, MentoringSession


class SessionStep(StrEnum):
    """What happened to a session."""

    LOGGED = "logged"
    AMENDED = "amended"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """The mentor logged or corrected a session, or the firm answered."""

    session: MentoringSession
    step: SessionStep


class EngagementStep(StrEnum):
    """What happened to an engagement besides its end."""

    PAUSED = "paused"
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True)
class EngagementChanged:
    """The organization `by_id` paused or resumed."""

    engagement: Engagement
    step: EngagementStep
    by_id: int
