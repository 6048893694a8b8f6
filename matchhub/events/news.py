"""What events tell."""

from dataclasses import dataclass

from matchhub.events.models import Event, Registration


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
