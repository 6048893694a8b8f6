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
