"""Working days in China: the published calendar where it is known, Monday to Friday beyond it."""

from datetime import date, timedelta

import chinese_calendar


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
