"""An event in words that need no catalogue: times in its own zone, its place."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from matchhub.accounts.models import Organization
from matchhub.core.clock import CITY_ZONE
from matchhub.events.enums import MeetingSide
from matchhub.events.models import Event, EventSeries, FollowUp

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def day_words(day: date, locale: str) -> str:
    """2026年12月10日 周四, or Thursday 10 December 2026."""
    if locale.startswith("zh"):
        return f"{day.year}年{day.month}月{day.day}日 {WEEKDAYS[day.weekday()]}"
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def day_and_time(moment: datetime, zone: ZoneInfo, locale: str) -> str:
    """A moment in the event's zone; the zone is named where it is not the city's."""
    local = moment.astimezone(zone)
    gap = " " if locale.startswith("zh") else ", "
    return f"{day_words(local.date(), locale)}{gap}{local:%H:%M}{zone_words(moment, zone)}"


def span_words(event: Event, locale: str) -> str:
    """From when to when: 2026年12月10日 周四 14:00–17:00."""
    start, end = event.starts_at.astimezone(event.tz), event.ends_at.astimezone(event.tz)
    gap = " " if locale.startswith("zh") else ", "
    last = f"{end:%H:%M}" if start.date() == end.date() else f"{day_words(end.date(), locale)}{gap}{end:%H:%M}"
    return f"{day_words(start.date(), locale)}{gap}{start:%H:%M}–{last}{zone_words(event.starts_at, event.tz)}"


def zone_words(moment: datetime, zone: ZoneInfo) -> str:
    """The zone in brackets, where its clock differs from the city's."""
    same = moment.astimezone(zone).utcoffset() == moment.astimezone(CITY_ZONE).utcoffset()
    return "" if same else f" ({zone.key})"


def place_of(event: Event, locale: str) -> str:
    """Where; the address of an online event is only for who holds a seat."""
    room, english = event.room, locale == "en"
    if room is None:
        return event.place or ("Online" if english else "线上")
    if english:
        return f"{room.venue.name_en or room.venue.name}, {room.name_en or room.name}"
    return f"{room.venue.name} {room.name}"


def title_of(event: Event | EventSeries, locale: str) -> str:
    """The title in the reader's language, where it has one."""
    return event.title_en if locale == "en" and event.title_en else event.title


def other_organization(row: FollowUp) -> Organization | None:
    """The organization that the asked side met; None for a guest without one."""
    contact = row.contact
    place = contact.firm_place if row.side is MeetingSide.GIVER else contact.giver_place
    if place is not None:
        return place.organization
    return contact.pitch.organization if contact.pitch is not None else None


def other_name(row: FollowUp, locale: str) -> str:
    """Whom the asked side met: the organization, or the person where there is none."""
    organization = other_organization(row)
    if organization is not None:
        return organization.label_en if locale == "en" and organization.label_en else organization.label
    place = row.contact.firm_place if row.side is MeetingSide.GIVER else row.contact.giver_place
    return (place.organization_name or place.name) if place is not None else ""
