"""An event that is over: followed up, put away."""

from datetime import datetime

from matchhub.core.db import hold, writes
from matchhub.core.policy import Actor
from matchhub.events.models import Event
from matchhub.events.workflow import EVENTS


@writes
def finish_follow_up(event: Event, *, actor: Actor, now: datetime) -> None:
    """All that was to be asked has been asked; nobody is asked any more."""
    hold(event)
    EVENTS.advance(event, "follow_up", actor=actor)


@writes
def archive(event: Event, *, actor: Actor, now: datetime) -> None:
    """Put it away: it is found among the past ones, and asks nobody anything."""
    hold(event)
    EVENTS.advance(event, "archive", actor=actor)
