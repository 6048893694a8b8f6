"""Each figure is the length of its list, within the officer's scope; targets are versions with a source."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from matchhub.accounts.enums import OrganizationStatus
from matchhub.accounts.models import Membership, Organization
from matchhub.core import errors
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.installation import required
from matchhub.oversight import services
from matchhub.oversight.enums import Indicator
from matchhub.oversight.models import Target
from matchhub.oversight.queries import targets
from matchhub.profiles.enums import ResidencyStatus
from tests.cast import Cast, take
from tests.integration.console.test_funnel import actor_as, counted
from tests.integration.oversight.conftest import carrier, incubated

SignIn = Callable[[Membership], FlaskClient]


@pytest.fixture
def city(people: Cast) -> Cast:
    """Two carriers in two districts, and three firms of which two are incubated."""
    carrier(people.binjiang, carrier_level="province", total_area_m2=42_000, certified_on=date(2020, 5, 1))
    carrier(people.gedian, carrier_level="national")
    incubated(people.xinghe, people.binjiang, since=city_date(utcnow()) - timedelta(days=100))
    incubated(people.qingtian, people.gedian, since=date(2024, 1, 1))
    incubated(people.beidou, people.gedian, since=date(2024, 1, 1), status=ResidencyStatus.ADMITTED)
    return people


def figures(membership: Membership) -> dict[str, int]:
    return {
        line.indicator.value: line.actual for line in targets.board(db.session(), actor_as(membership), now=utcnow())
    }


def test_the_board_counts_what_is_there(city: Cast) -> None:
    assert figures(city.city) == {"carriers": 2, "area": 42_000, "firms": 2, "provincial": 1, "national": 1}


def test_a_district_sees_its_own_and_no_gap(city: Cast) -> None:
    actor = actor_as(city.echeng)
    board = targets.board(db.session(), actor, now=utcnow())

    assert figures(city.echeng) == {"carriers": 1, "area": 42_000, "firms": 1, "provincial": 1, "national": 0}
    assert {line.gap for line in board} == {None}
    assert {district for line in board for district in line.by_district} == {"420704"}


@pytest.mark.parametrize("indicator", [i for i in Indicator if i is not Indicator.AREA])
def test_a_figure_is_the_length_of_its_list(city: Cast, indicator: Indicator) -> None:
    for membership in (city.city, city.echeng, city.gedian_officer):
        actor = actor_as(membership)
        line = next(one for one in targets.board(db.session(), actor, now=utcnow()) if one.indicator is indicator)
        for district, count in line.by_district.items():
            page = targets.counted(db.session(), actor, indicator, district=district, number=1)
            assert (page.total, len(page.items)) == (count, count)
        assert targets.counted(db.session(), actor, indicator, district=None, number=1).total == line.actual


def test_the_area_is_the_sum_of_its_list_and_says_what_is_unknown(city: Cast) -> None:
    actor = actor_as(city.city)
    line = next(one for one in targets.board(db.session(), actor, now=utcnow()) if one.indicator is Indicator.AREA)
    rows = targets.counted(db.session(), actor, Indicator.AREA, district=None, number=1).items

    assert sum(row.area_m2 or 0 for row in rows) == line.actual
    assert line.unknown == 1


def test_an_organization_that_was_merged_away_is_not_counted_twice(city: Cast) -> None:
    with unit_of_work() as session:
        for key in ("xinghe", "qingtian"):
            session.get_one(Organization, getattr(city, key).organization_id).uscc = "91420700MA49TEST0X"
            if key == "xinghe":
                session.get_one(Organization, city.xinghe.organization_id).status = OrganizationStatus.MERGED
                session.flush()

    assert figures(city.city)["firms"] == 1


def test_the_forecast_goes_on_at_the_pace_of_the_last_year(city: Cast) -> None:
    now = utcnow()
    set_firms(city, low=500, due_on=city_date(now) + timedelta(days=730))
    line = next(
        line for line in targets.board(db.session(), actor_as(city.city), now=now) if line.indicator is Indicator.FIRMS
    )

    assert (line.actual, line.gap, line.forecast, line.is_off_track) == (2, 498, 4, True)


def test_a_day_that_is_over_has_no_forecast(city: Cast) -> None:
    line = next(
        line
        for line in targets.board(db.session(), actor_as(city.city), now=utcnow())
        if line.indicator is Indicator.CARRIERS
    )

    assert (line.goal.low if line.goal else None, line.gap, line.forecast, line.is_off_track) == (15, 13, None, True)


def set_firms(people: Cast, *, low: int, due_on: date, since: date | None = None) -> None:
    with unit_of_work():
        services.set_target(
            Indicator.FIRMS, low=low, high=None, due_on=due_on, effective_from=since or city_date(utcnow()),
            source="市政府常务会议 2026 年第 9 次", actor=actor_as(people.city), now=utcnow(),
        )  # fmt: skip


def test_a_new_version_holds_from_its_day_and_the_old_stays_in_the_history(city: Cast) -> None:
    today = city_date(utcnow())
    set_firms(city, low=800, due_on=date(2030, 12, 31), since=today + timedelta(days=30))

    assert targets.in_force(db.session(), today)[Indicator.FIRMS].low == 500
    assert targets.in_force(db.session(), today + timedelta(days=30))[Indicator.FIRMS].low == 800
    assert [goal.low for goal in targets.history(db.session())[Indicator.FIRMS]] == [800, 500]


def test_another_city_starts_without_the_plan(city: Cast) -> None:
    with unit_of_work() as session:
        required(session).city_region = "429000"

    assert targets.in_force(db.session(), city_date(utcnow())) == {}


def test_the_city_sets_a_target_on_the_page(city: Cast, sign_in: SignIn) -> None:
    client = sign_in(city.city)
    answer = client.post("/targets/carriers/versions", data=form())

    assert answer.status_code == 302
    assert "20" in client.get("/targets/carriers/versions").text
    with unit_of_work() as session:
        row = session.scalars(select(Target)).one()
        assert (row.low, row.high, row.source) == (20, 25, "鄂州政发〔2026〕1号")


def form(**changes: str) -> dict[str, str]:
    return {
        "low": "20", "high": "25", "due_on": "2030-12-31", "effective_from": "2026-11-01",
        "source": "鄂州政发〔2026〕1号", **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"low": "0"}, {"low": ""}, {"low": "viel"}, {"high": "20"}, {"due_on": "2026-10-01"}, {"due_on": ""},
        {"source": " "}, {"low": "9" * 30},
    ],
)  # fmt: skip
def test_a_target_that_makes_no_sense_changes_nothing(city: Cast, sign_in: SignIn, wrong: dict[str, str]) -> None:
    answer = sign_in(city.city).post("/targets/carriers/versions", data=form(**wrong))

    assert answer.status_code == 422
    assert stored_targets() == 0


def stored_targets() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Target)) or 0


def test_nobody_but_the_city_sets_targets(city: Cast, sign_in: SignIn) -> None:
    for membership in (city.echeng, city.binjiang, city.xinghe, city.auditor, city.administrator):
        assert sign_in(membership).post("/targets/carriers/versions", data=form()).status_code == 403
    with pytest.raises(errors.Forbidden), unit_of_work():
        services.set_target(
            Indicator.FIRMS, low=1, high=None, due_on=date(2030, 1, 1), effective_from=date(2026, 1, 1), source="x",
            actor=actor_as(city.echeng), now=utcnow(),
        )  # fmt: skip
    assert stored_targets() == 0


def test_a_carrier_has_no_board(city: Cast, sign_in: SignIn) -> None:
    for address in ("/targets", "/targets/firms", "/targets/firms/versions", "/targets/export.xlsx"):
        assert sign_in(city.binjiang).get(address).status_code == 403


def test_an_indicator_that_there_is_not_is_not_found(city: Cast, sign_in: SignIn) -> None:
    assert sign_in(city.city).get("/targets/happiness").status_code == 404


def test_the_scope_cannot_be_asked_for(city: Cast, sign_in: SignIn) -> None:
    page = sign_in(city.echeng).get("/targets/firms?district=EZ-GD")

    assert page.status_code == 200
    assert "擎天装备" not in page.text
    assert "擎天装备" in sign_in(city.gedian_officer).get("/targets/firms?district=EZ-GD").text


def test_from_a_figure_to_its_firms_is_one_click(city: Cast, sign_in: SignIn) -> None:
    client = sign_in(city.city)
    board = client.get("/targets").text

    assert 'href="/targets/firms?district=EZ-GD"' in board
    listed = client.get("/targets/firms?district=EZ-GD").text
    assert "擎天装备" in listed
    assert "星河科技" not in listed


def test_the_workbooks_carry_the_same_rows(city: Cast, sign_in: SignIn) -> None:
    client = sign_in(city.city)
    board = CalamineWorkbook.from_filelike(BytesIO(client.get("/targets/export.xlsx").data))
    listed = CalamineWorkbook.from_filelike(BytesIO(take(client, "/targets/firms/export.xlsx?district=420704").data))

    assert len(board.get_sheet_by_index(0).to_python()) == 1 + len(Indicator)
    assert [row[0] for row in listed.get_sheet_by_index(0).to_python()[1:]] == ["星河科技"]


def test_the_board_costs_the_same_for_one_firm_and_for_three(city: Cast) -> None:
    actor = actor_as(city.city)

    def queries() -> int:
        db.session.rollback()
        with counted() as seen:
            targets.board(db.session(), actor, now=utcnow())
            targets.counted(db.session(), actor, Indicator.FIRMS, district=None, number=1)
        return len(seen)

    few = queries()
    incubated(city.yuanshan, city.gedian, since=date(2024, 1, 1))
    incubated(city.auditor, city.gedian, since=date(2024, 1, 1))
    assert queries() == few
