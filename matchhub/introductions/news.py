"""What introductions tell: the notices and the features above listen."""

from dataclasses import dataclass
from enum import StrEnum

from matchhub.introductions.models import Introduction, Meeting, Message


class Ending(StrEnum):
    """How an introduction ended without, or after, an agreement."""

    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    CLOSED = "closed"
    LAPSED = "lapsed"  # the need or the offer that it was about has ended


class MeetingStep(StrEnum):
    """What happened to a proposed meeting."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class IntroductionRequested:
    """One side asked."""

    introduction: Introduction


@dataclass(frozen=True, slots=True)
class RequestDelivered:
    """The request lies before somebody who can answer, and the time to answer runs."""

    introduction: Introduction


@dataclass(frozen=True, slots=True)
class IntroductionAccepted:
    """Both sides agreed, and see each other."""

    introduction: Introduction


@dataclass(frozen=True, slots=True)
class IntroductionDeclined:
    """The recipient said no, with a reason."""

    introduction: Introduction


@dataclass(frozen=True, slots=True)
class IntroductionEnded:
    """It is over; `by_id` is the organization that ended it, None for the rules. `is_told`: whoever ended it has told both
    sides in words of its own."""

    introduction: Introduction
    how: Ending
    by_id: int | None = None
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class MessageWritten:
    """One side wrote to the other."""

    message: Message
    introduction: Introduction


@dataclass(frozen=True, slots=True)
class MeetingChanged:
    """A meeting was proposed, agreed, put off or cancelled by the organization `by_id`."""

    meeting: Meeting
    step: MeetingStep
    by_id: int


@dataclass(frozen=True, slots=True)
class MeetingHeld:
    """They met."""

    meeting: Meeting
