"""Events as calendars read them (RFC 5545): stable UID, SEQUENCE raised with each change, VTIMEZONE, never an attendee."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from icalendar import Calendar, vText
from icalendar import Event as CalendarEvent

from matchhub.events.enums import EventState, RegistrationState
from matchhub.events.models import Event, Registration
from matchhub.events.queries.wording import place_of, title_of

MEDIA_TYPE = "text/calendar"
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029]")
TENTATIVE = (RegistrationState.WAITLISTED, RegistrationState.OFFERED, RegistrationState.PENDING)


@dataclass(frozen=True, slots=True)
class CalendarHead:
    """What a calendar says of itself. `base_url` begins the addresses in it."""

    name: str
    locale: str
    base_url: str


def plain(text: str) -> str:
    """Words without what a calendar program could take for a line of its own."""
    return UNPRINTABLE.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def calendar_of(
    events: Iterable[Event],
    head: CalendarHead,
    *,
    own: Mapping[int, Registration] | None = None,
    method: str = "PUBLISH",
) -> bytes:
    """The events as one calendar. `own`: the reader's places, which say whether it is sure and where to join."""
    calendar = Calendar()
    calendar.add("prodid", "-//MatchHub//events//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add("x-wr-calname", vText(plain(head.name)))
    calendar.add("refresh-interval;value=duration", "PT1H")
    for event in events:
        calendar.add_component(_entry(event, head, (own or {}).get(event.id)))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def single(event: Event, head: CalendarHead, own: Registration | None = None) -> bytes:
    """One event to take along; a cancelled one takes itself away."""
    method = "CANCEL" if event.state is EventState.CANCELLED else "PUBLISH"
    return calendar_of([event], head, own={event.id: own} if own else None, method=method)


def _entry(event: Event, head: CalendarHead, own: Registration | None) -> CalendarEvent:
    address = f"{head.base_url}/events/{event.id}"
    entry = CalendarEvent()
    entry.add("uid", event.uid)
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", event.updated_at)
    entry.add("last-modified", event.updated_at)
    entry.add("dtstart", _local(event.starts_at, event))
    entry.add("dtend", _local(event.ends_at, event))
    entry.add("summary", plain(title_of(event, head.locale)))
    entry.add("location", plain(place_of(event, head.locale)))
    entry.add("url", address)
    entry.add("status", _status(event, own))
    entry.add("description", plain(_words(event, head, address, own)))
    return entry


def _local(moment: datetime, event: Event) -> datetime:
    return moment.astimezone(event.tz)


def _status(event: Event, own: Registration | None) -> str:
    if event.state is EventState.CANCELLED:
        return "CANCELLED"
    return "TENTATIVE" if own is not None and own.state in TENTATIVE else "CONFIRMED"


def _words(event: Event, head: CalendarHead, address: str, own: Registration | None) -> str:
    english = head.locale == "en"
    parts = [(event.summary_en or event.summary) if english else event.summary, address]
    if event.join_url and own is not None and own.state in (RegistrationState.REGISTERED, RegistrationState.ATTENDED):
        parts.insert(1, event.join_url)
    return "\n".join(part for part in parts if part)
