"""Time: UTC inside, the city's zone on the page. Services take `now` as a parameter; only the edges call `utcnow`."""

from datetime import date, datetime, UTC
from zoneinfo import ZoneInfo

CITY_ZONE = ZoneInfo("Asia/Shanghai")


def utcnow() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def city_date(moment: datetime) -> date:
    """The calendar day that `moment` falls on in the city."""
    return moment.astimezone(CITY_ZONE).date()


def day_in_words(moment: datetime, locale: str) -> str:
    """The city's day of `moment` as 2026年11月22日 or 22 November 2026."""
    return date_in_words(city_date(moment), locale)


def date_in_words(day: date, locale: str) -> str:
    """A day as 2026年11月22日 or 22 November 2026."""
    return f"{day.year}年{day.month}月{day.day}日" if locale.startswith("zh") else f"{day.day} {day:%B} {day.year}"
