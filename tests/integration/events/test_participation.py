"""Who came counts: for the carrier where a firm was resident on the day, for a mentor oneself, for officers by carrier."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from python_calamine import load_workbook

from matchhub.accounts.models import Membership, Organization
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.events.enums import RegistrationState
from matchhub.events.models import Event, Registration
from matchhub.events.queries.participation import last_quarters, Quarter, quarter_of, read_quarter
from matchhub.profiles.enums import ResidencyStatus
from matchhub.profiles.models import Residency
from tests.cast import Cast
from tests.integration.events.test_follow_ups import Held, setting

SignIn = Callable[[Membership], FlaskClient]


@pytest.fixture
def came(people: Cast) -> Held:
    """星河科技, resident in 滨江孵化器 since last year, was at the roadshow and checked in."""
    held, today = setting(people), city_date(utcnow())
    with unit_of_work() as session:
        session.add(
            Residency(
                enterprise_id=people.xinghe.organization_id, carrier_id=people.binjiang.organization_id,
                status=ResidencyStatus.INCUBATING, entered_on=today - timedelta(days=300),
            )
        )  # fmt: skip
    return held


def main_part(client: FlaskClient, path: str = "/event-attendance") -> str:
    return client.get(path).text.split("<main", 1)[1]


def test_quarters_are_read_and_follow_one_another() -> None:
    assert Quarter(2026, 4).after() == Quarter(2027, 1) and Quarter(2026, 1).before() == Quarter(2025, 4)
    assert (Quarter(2026, 4).begins.month, Quarter(2026, 4).ends.year) == (10, 2027)
    assert read_quarter("2025-3", now=utcnow()) == Quarter(2025, 3)
    assert read_quarter("2025-7", now=utcnow()) == quarter_of(city_date(utcnow()))
    assert len(last_quarters(utcnow())) == len(set(last_quarters(utcnow()))) == 6


def test_a_carrier_counts_its_firms_and_no_others(came: Held, people: Cast, sign_in: SignIn) -> None:
    binjiang, gedian = sign_in(people.binjiang), sign_in(people.gedian)

    assert "星河科技" in main_part(binjiang) and "远山资本" not in main_part(binjiang)
    assert "星河科技" not in main_part(gedian)
    assert "星河科技" not in main_part(binjiang, "/event-attendance?quarter=2020-1")
    book = load_workbook(BytesIO(binjiang.get("/event-attendance/export.xlsx").data))
    assert "星河科技" in str(book.get_sheet_by_index(0).to_python())
    with unit_of_work() as session:
        session.query(Residency).one().left_on = city_date(utcnow()) - timedelta(days=30)
    assert "星河科技" not in main_part(binjiang)


def test_who_did_not_come_does_not_count(came: Held, people: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        session.get_one(Registration, came.places["firm"]).state = RegistrationState.NO_SHOW

    assert "星河科技" not in main_part(sign_in(people.binjiang))


def test_an_officer_reads_carriers_of_the_own_scope_and_few_firms_are_not_told(
    came: Held, people: Cast, sign_in: SignIn
) -> None:
    city = main_part(sign_in(people.city))
    host = db.session.get_one(Organization, people.binjiang.organization_id)

    assert host.label in city and "不足 5" in city and "星河科技" not in city
    assert host.label not in main_part(sign_in(people.gedian_officer))
    assert sign_in(people.city).get("/event-attendance/export.xlsx").status_code == 200
    assert sign_in(people.yuanshan).get("/event-attendance").status_code == 403


def test_a_mentor_reads_the_own_hours(came: Held, people: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        place = session.get_one(Registration, came.places["fund"])
        place.organization_id, place.user_id = people.mentor.organization_id, people.mentor.user_id
        event = session.get_one(Event, came.event_id)
        event.ends_at = event.starts_at + timedelta(minutes=150)

    page = main_part(sign_in(people.mentor))
    assert "2.5" in page and "星河科技" not in page
