"""The bulletin prints what the pages count, leaves out what could be traced, and opens in one click in both languages."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.oversight.queries import bulletin, funnel
from matchhub.oversight.queries.funnel import Cut, Grouping, Stage
from tests.cast import Cast
from tests.integration import pairs
from tests.integration.console.test_funnel import actor_as, AT, run_to_outcome

SignIn = Callable[[Membership], FlaskClient]
MONTH = "2026-04"  # AT in the city


@pytest.fixture
def month(people: Cast) -> Cast:
    """Six needs of 鄂城 and two of 葛店, published on the same day."""
    for _ in range(3):
        run_to_outcome(people, people.xinghe, district="420704", carrier_id=None, industry="health")
    run_to_outcome(people, people.qingtian, district="EZ-GD", carrier_id=None, industry="health")
    return people


def compiled(membership: Membership, of: str = MONTH) -> bulletin.Bulletin:
    return bulletin.compiled(db.session(), actor_as(membership), of, now=utcnow())


def test_the_lines_are_those_of_the_funnel(month: Cast) -> None:
    actor = actor_as(month.city)
    expected = funnel.totals(funnel.figures(db.session(), actor, Cut(month=MONTH), Grouping.DISTRICT))
    lines = {line.stage: line for line in compiled(month.city).lines}

    assert {stage: line.month for stage, line in lines.items()} == expected
    assert {line.before for line in lines.values()} == {0}
    assert lines[Stage.NEED].year == 8


def test_the_month_after_shows_this_one_as_the_month_before(month: Cast) -> None:
    need = compiled(month.city, "2026-05").lines[0]

    assert (need.month, need.before, need.year) == (0, 8, 8)


def test_a_new_year_starts_from_nothing(month: Cast) -> None:
    assert {line.year for line in compiled(month.city, "2027-01").lines} == {0}


def test_small_counts_are_not_printed(month: Cast, sign_in: SignIn) -> None:
    ranks = {rank.district_code: rank for rank in compiled(month.city).ranks}

    assert ranks["420704"].counts[Stage.NEED] == 6
    assert ranks["EZ-GD"].counts[Stage.NEED] is None
    assert ranks["420704"].counts[Stage.OUTCOME] is None
    assert "不足 5" in sign_in(month.city).get(f"/bulletin?month={MONTH}").text


def test_what_is_not_printed_does_not_order_either(month: Cast) -> None:
    """Three introductions against one: both are too few to print, so the printed needs decide; equal ones share a place."""
    ranks = compiled(month.city).ranks
    assert [(rank.place, rank.district_code) for rank in ranks] == [(1, "420704"), (2, "EZ-GD")]

    with unit_of_work() as session:
        for number in range(4):
            need = pairs.need_of(month.qingtian.organization_id, f"n{number}")
            need.district_code, need.published_at = "EZ-GD", AT
            session.add(need)
    assert [rank.place for rank in compiled(month.city).ranks] == [1, 1]


def test_few_outcomes_are_counted_without_their_sum(month: Cast) -> None:
    results = {row.kind.value: (row.count, row.amount_yuan) for row in compiled(month.city).results}
    assert results == {"equity": (4, None), "credit": (0, None), "mentoring": (0, None)}

    run_to_outcome(month, month.qingtian, district="EZ-GD", carrier_id=None, industry="health")
    assert {row.kind.value: row.amount_yuan for row in compiled(month.city).results}["equity"] == 25_000_000


def test_a_district_gets_its_own_and_no_ranking(month: Cast, sign_in: SignIn) -> None:
    found = compiled(month.gedian_officer)
    page = sign_in(month.gedian_officer).get(f"/bulletin?month={MONTH}").text

    assert found.ranks == []
    assert found.lines[0].month == 2
    assert "四、各区" not in page
    assert "鄂城区" not in page


def test_the_page_opens_at_once_in_both_languages(month: Cast, sign_in: SignIn) -> None:
    client = sign_in(month.city)
    chinese = client.get("/bulletin")
    client.set_cookie("locale", "en")
    english = client.get(f"/bulletin?month={MONTH}")

    assert chinese.status_code == english.status_code == 200
    assert "草稿" in chinese.text
    assert "April 2026" in english.text


def test_without_a_month_it_is_the_last_complete_one() -> None:
    assert bulletin.last_complete_month(AT) == "2026-03"
    assert bulletin.last_complete_month(AT - timedelta(days=1)) == "2026-02"
    assert bulletin.month_before("2026-01") == "2025-12"


@pytest.mark.parametrize("asked", ["2026-13", "x", "2099-01", "0001-01", "2026-4-1", "%00"])
def test_a_nonsense_or_future_month_is_the_last_complete_one(people: Cast, sign_in: SignIn, asked: str) -> None:
    answer = sign_in(people.city).get(f"/bulletin?month={asked}")

    assert answer.status_code in (200, 400)
    assert asked not in answer.text or asked == "x"


def test_the_workbook_has_every_table_and_suppresses_alike(month: Cast, sign_in: SignIn) -> None:
    book = CalamineWorkbook.from_filelike(BytesIO(sign_in(month.city).get(f"/bulletin/export.xlsx?month={MONTH}").data))

    assert len(book.sheet_names) == 5
    ranks = book.get_sheet_by_name("各区").to_python()
    assert ranks[1][:3] == [1.0, "鄂城区", 6.0]
    assert ranks[2][2] == "不足 5"


def test_only_officers_have_it(people: Cast, sign_in: SignIn) -> None:
    for membership in (people.binjiang, people.xinghe, people.yuanshan, people.administrator, people.auditor):
        assert sign_in(membership).get("/bulletin").status_code == 403
        assert sign_in(membership).get("/bulletin/export.xlsx").status_code == 403
