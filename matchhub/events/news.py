"""What events tell."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from matchhub.core.outbox import Recipient
from matchhub.events.models import (
    Announcement,
    Event,
    EventInvitation,
    Feedback,
    FollowUp,
    GuestPlace,
    JuryMember,
    MeetingGuest,
    Pitch,
    PitchApplication,
    PitchCall,
    PitchReviewer,
    Registration,
)

REMINDER_KIND = "event_reminder"


@dataclass(frozen=True, slots=True)
class EventPublished:
    """An event is out."""

    event: Event


@dataclass(frozen=True, slots=True)
class EventMoved:
    """Another time or place; who is concerned is told by the announcement."""

    event: Event


@dataclass(frozen=True, slots=True)
class EventCancelled:
    """Called off."""

    event: Event


@dataclass(frozen=True, slots=True)
class EventHeld:
    """It took place."""

    event: Event


@dataclass(frozen=True, slots=True)
class RegistrationChanged:
    """Somebody's place changed: the state says to what, `action` by what."""

    registration: Registration
    action: str


@dataclass(frozen=True, slots=True)
class ChangeDue:
    """Somebody concerned is to be told of a move or a cancellation."""

    announcement: Announcement
    recipient: Recipient
    path: str


@dataclass(frozen=True, slots=True)
class CallDue:
    """Somebody of a firm that could apply is to hear of a call."""

    call: PitchCall
    recipient: Recipient


@dataclass(frozen=True, slots=True)
class ReminderDue:
    """Somebody who holds a seat is to be reminded; `due_at` is the start less the lead."""

    registration: Registration
    due_at: datetime


@dataclass(frozen=True, slots=True)
class AvailabilityAsked:
    """Somebody concerned is asked when to be free, for the date of an event."""

    event: Event
    recipient: Recipient


class GuestAnswer(StrEnum):
    """What a visitor who asked for a place is told by mail, and only by mail."""

    CONFIRM = "confirm"
    LOOK = "look"  # has a place already
    SIGN_IN = "sign_in"  # has an account


@dataclass(frozen=True, slots=True)
class GuestAsked:
    """A visitor without an account asks for a place."""

    place: GuestPlace
    answer: GuestAnswer


@dataclass(frozen=True, slots=True)
class MeetingsTold:
    """Somebody's meetings one to one are published, or have changed since they were."""

    guest: MeetingGuest


@dataclass(frozen=True, slots=True)
class FeedbackDue:
    """Somebody who came is asked what they say of the event."""

    feedback: Feedback


@dataclass(frozen=True, slots=True)
class FollowUpDue:
    """One side of a contact is asked what became of it."""

    follow_up: FollowUp


@dataclass(frozen=True, slots=True)
class ApplicationChanged:
    """A firm's application to pitch came, was recommended, decided or taken back: the state says which. `why`: of a firm
    that stood in the line-up as it was out, and waits now."""

    application: PitchApplication
    why: str = ""


@dataclass(frozen=True, slots=True)
class PitchTimed:
    """A firm knows when it is on; now it is at another time."""

    pitch: Pitch


@dataclass(frozen=True, slots=True)
class ReviewerNamed:
    """Somebody is asked to score applications."""

    reviewer: PitchReviewer


@dataclass(frozen=True, slots=True)
class JurorNamed:
    """Somebody is asked to score what is pitched."""

    member: JuryMember


@dataclass(frozen=True, slots=True)
class InvitationDue:
    """Somebody is invited to an event, or reminded that an answer is missing."""

    invitation: EventInvitation
    is_reminder: bool = False
