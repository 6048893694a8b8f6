"""Hours that count only while people work."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from matchhub.core.workdays import add_working_hours

CITY = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-26 10:00", 4, "2026-11-26 14:00"),  # a Thursday
        ("2026-11-26 16:00", 4, "2026-11-27 11:00"),  # over the evening
        ("2026-11-26 22:00", 4, "2026-11-27 13:00"),  # begun at night
        ("2026-11-27 17:00", 4, "2026-11-30 12:00"),  # over the weekend
        ("2026-09-30 17:00", 2, "2026-10-08 10:00"),  # over the national holiday
        ("2026-10-10 10:00", 1, "2026-10-10 11:00"),  # a Saturday on which people work
        ("2026-11-26 09:00", 9, "2026-11-26 18:00"),
    ],
)
def test_hours_pass_while_people_work(start: str, hours: float, end: str) -> None:
    moment = datetime.fromisoformat(start).replace(tzinfo=CITY)

    assert add_working_hours(moment, hours) == datetime.fromisoformat(end).replace(tzinfo=CITY)
