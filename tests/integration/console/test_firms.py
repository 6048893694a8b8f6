"""A carrier's list of firms: its own alone, filtered and sorted by the database, the same in Excel."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from matchhub.accounts.models import Membership
from matchhub.console.queries import firms
from matchhub.console.queries.firms import FirmFilter
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.listings.enums import NeedState
from matchhub.profiles.enums import ResidencyStatus
from matchhub.profiles.models import EnterpriseProfile, Residency
from matchhub.profiles.queries import completeness, profile_of
from tests.cast import Cast
from tests.integration import pairs
from tests.integration.console.test_funnel import actor_as, counted
from tests.integration.oversight.conftest import incubated

SignIn = Callable[[Membership], FlaskClient]
EVERY = FirmFilter()


@pytest.fixture
def park(people: Cast) -> Cast:
    """滨江: 星河科技 for 46 months with a full enough profile and a need, 擎天装备 for 50 without any."""
    today = city_date(utcnow())
    incubated(people.xinghe, people.binjiang, since=firms.months_ago(today, 46))
    incubated(people.qingtian, people.binjiang, since=firms.months_ago(today, 50))
    with unit_of_work() as session:
        session.add_all(
            [
                EnterpriseProfile(
                    organization_id=people.xinghe.organization_id, industries=["new_materials"], one_liner="碳纤维",
                    stage="startup", region_code="420704", summary="两句话", rd_expense_yuan=0, revenue_yuan=1,
                    contact_name="周", contact_mobile="13900001111", team="三人", qualifications=[],
                ),
                EnterpriseProfile(organization_id=people.qingtian.organization_id),
                pairs.need_of(
                    people.xinghe.organization_id, "新材料-1", binjiang=people.binjiang.organization_id
                ),
            ]
        )  # fmt: skip
    return people


def names(membership: Membership, filters: FirmFilter = EVERY) -> list[str]:
    page = firms.firms(db.session(), actor_as(membership), filters, now=utcnow())
    return [row.organization.label for row in page.items]


def test_a_carrier_sees_its_own_firms_and_no_other(park: Cast, sign_in: SignIn) -> None:
    assert names(park.binjiang) == ["擎天装备", "星河科技"]
    assert names(park.gedian) == []
    assert "星河科技" not in sign_in(park.gedian).get("/firms").text


def test_a_firm_that_left_is_gone(park: Cast) -> None:
    with unit_of_work() as session:
        for row in session.query(Residency).filter_by(enterprise_id=park.qingtian.organization_id):
            row.status, row.left_on = ResidencyStatus.GRADUATED, city_date(utcnow())

    assert names(park.binjiang) == ["星河科技"]


def test_the_clock_warns_before_the_limit_and_after_it(park: Cast) -> None:
    today = city_date(utcnow())
    page = firms.firms(db.session(), actor_as(park.binjiang), EVERY, now=utcnow())

    assert {row.organization.label: (row.months(today), row.tone(today)) for row in page.items} == {
        "星河科技": (46, "amber"), "擎天装备": (50, "red"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (FirmFilter(need="open"), ["星河科技"]), (FirmFilter(need="none"), ["擎天装备"]),
        (FirmFilter(need="returned"), []), (FirmFilter(need="nonsense"), ["擎天装备", "星河科技"]),
        (FirmFilter(clock="near"), ["擎天装备", "星河科技"]), (FirmFilter(clock="over"), ["擎天装备"]),
        (FirmFilter(thin=True), ["擎天装备"]), (FirmFilter(quiet=True), []),
        (FirmFilter(sort="-name"), ["星河科技", "擎天装备"]), (FirmFilter(sort="filled"), ["擎天装备", "星河科技"]),
        (FirmFilter(sort="-filled"), ["星河科技", "擎天装备"]), (FirmFilter(sort="clock"), ["擎天装备", "星河科技"]),
        (FirmFilter(sort="; drop table"), ["擎天装备", "星河科技"]),
    ],
)  # fmt: skip
def test_the_list_narrows_and_sorts(park: Cast, filters: FirmFilter, expected: list[str]) -> None:
    assert names(park.binjiang, filters) == expected


def test_the_completeness_of_the_list_is_that_of_the_profile(park: Cast) -> None:
    page = firms.firms(db.session(), actor_as(park.binjiang), EVERY, now=utcnow())

    for row in page.items:
        profile = profile_of(db.session(), row.organization.id)
        assert profile is not None
        assert row.filled == completeness(profile).percent
    assert {row.filled for row in page.items} != {0}


def test_what_happened_last_counts_wherever_it_happened(park: Cast) -> None:
    later = utcnow() + timedelta(days=90)

    assert firms.firms(db.session(), actor_as(park.binjiang), replace(EVERY, quiet=True), now=later).total == 2


def test_needs_are_counted_by_state(park: Cast) -> None:
    with unit_of_work() as session:
        session.add(pairs.need_of(park.xinghe.organization_id, "新材料-2", state=NeedState.RETURNED))
    page = firms.firms(db.session(), actor_as(park.binjiang), EVERY, now=utcnow())

    assert {row.organization.label: dict(row.needs) for row in page.items} == {
        "擎天装备": {}, "星河科技": {NeedState.OPEN: 1, NeedState.RETURNED: 1},
    }  # fmt: skip


def test_the_workbook_is_the_list_under_the_same_filter(park: Cast, sign_in: SignIn) -> None:
    client = sign_in(park.binjiang)
    book = CalamineWorkbook.from_filelike(BytesIO(client.get("/firms/export.xlsx?clock=over").data))

    assert [row[0] for row in book.get_sheet_by_index(0).to_python()[1:]] == ["擎天装备"]


def test_nobody_else_has_the_page(park: Cast, sign_in: SignIn) -> None:
    for membership in (park.xinghe, park.yuanshan, park.echeng, park.city, park.auditor, park.administrator):
        assert sign_in(membership).get("/firms").status_code == 403
        assert sign_in(membership).get("/firms/export.xlsx").status_code == 403


def test_the_list_costs_the_same_for_one_firm_and_for_three(park: Cast) -> None:
    actor = actor_as(park.binjiang)

    def cost(filters: FirmFilter) -> int:
        db.session.rollback()
        with counted() as seen:
            assert firms.firms(db.session(), actor, filters, now=utcnow()).items
        return len(seen)

    assert cost(FirmFilter(clock="over")) == cost(EVERY) == 3


@pytest.mark.parametrize(
    ("today", "months", "expected"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)), (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 23), 48, date(2022, 11, 23)), (date(2026, 1, 15), -48, date(2030, 1, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)), (date(2026, 1, 31), 2, date(2025, 11, 30)),
    ],
)  # fmt: skip
def test_months_are_counted_by_the_calendar(today: date, months: int, expected: date) -> None:
    assert firms.months_ago(today, months) == expected
    assert firms.months_between(date(2022, 11, 24), date(2026, 11, 23)) == 47
    assert firms.months_between(date(2022, 11, 23), date(2026, 11, 23)) == 48
