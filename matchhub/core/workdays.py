"""Working days in China: the published calendar where it is known, Monday to Friday beyond it."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar

from matchhub.core.clock import CITY_ZONE

OPENS, CLOSES = time(9), time(18)


@lru_cache(maxsize=4_000)
def is_workday(day: date) -> bool:
    """Whether offices work on `day`, make-up workdays included."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # a year whose calendar has not been published
        return day.weekday() < 5


def add_workdays(day: date, count: int) -> date:
    """The date `count` working days after `day`."""
    while count > 0:
        day += timedelta(days=1)
        if is_workday(day):
            count -= 1
    return day


def add_working_hours(moment: datetime, hours: float, *, zone: ZoneInfo = CITY_ZONE) -> datetime:
    """The moment when `hours` between 9:00 and 18:00 of working days have passed since `moment`."""
    local, left = moment.astimezone(zone), timedelta(hours=hours)
    while True:
        opens, closes = (datetime.combine(local.date(), clock, zone) for clock in (OPENS, CLOSES))
        start = max(local, opens)
        if is_workday(local.date()) and start < closes:
            if start + left <= closes:
                return (start + left).astimezone(moment.tzinfo)
            left -= closes - start
        local = datetime.combine(local.date() + timedelta(days=1), time(0), zone)
