"""The worker keeps what large scopes have come to; their pages say as of when, and their lists show the same rows."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.web import App
from matchhub.listings.enums import NeedState, PairingKind
from matchhub.listings.models import EquityNeed
from matchhub.oversight import jobs
from matchhub.oversight.queries import funnel, kept
from matchhub.oversight.queries.funnel import Cut, Grouping, Stage
from matchhub.oversight.services import figures
from tests.cast import Cast
from tests.integration.console.test_funnel import actor_as, counted, run_to_outcome

CUTS = [
    *((Cut(), grouping) for grouping in Grouping),
    (Cut(month="2026-04"), Grouping.DISTRICT),
    (Cut(kind=PairingKind.EQUITY.value), Grouping.INDUSTRY),
    (Cut(district="420704", month="2026-04"), Grouping.DISTRICT),
]


@pytest.fixture
def large(app: App, people: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Two needs that went all the way and two that did not, which is many here."""
    binjiang = people.binjiang.organization_id
    run_to_outcome(people, people.xinghe, district="420704", carrier_id=binjiang, industry="equipment")
    run_to_outcome(people, people.qingtian, district="EZ-GD", carrier_id=None, industry="health")
    monkeypatch.setattr(figures, "LARGE", 1)
    return people


def one_more(people: Cast) -> None:
    with unit_of_work() as session:
        session.add(
            EquityNeed(
                kind=PairingKind.EQUITY, organization_id=people.xinghe.organization_id, state=NeedState.OPEN,
                code_name="late", published_at=utcnow() + timedelta(seconds=1), district_code="420704",
                lead_industry="equipment",
            )
        )  # fmt: skip


def needs(actor: object) -> int:
    db.session.rollback()
    found = funnel.figures(db.session(), actor, Cut(), Grouping.DISTRICT)  # type: ignore[arg-type]
    return funnel.totals(found)[Stage.NEED]


def test_what_is_kept_is_what_was_counted(large: Cast) -> None:
    city = actor_as(large.city)
    before = [funnel.figures(db.session(), city, cut, grouping) for cut, grouping in CUTS]
    sums = [funnel.confirmed_by_kind(db.session(), city, Cut(month=month)) for month in (None, "2026-04")]

    assert jobs.keep_figures(utcnow()) == 4  # the city, two districts, a carrier
    db.session.rollback()

    assert kept.as_of(db.session(), city) is not None
    assert [funnel.figures(db.session(), city, cut, grouping) for cut, grouping in CUTS] == before
    assert [funnel.confirmed_by_kind(db.session(), city, Cut(month=month)) for month in (None, "2026-04")] == sums


def test_a_number_stays_with_its_list_until_it_is_counted_again(
    large: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    city = actor_as(large.city)
    jobs.keep_figures(utcnow())
    one_more(large)

    assert needs(city) == 4
    listed = funnel.stage_list(db.session(), city, Stage.NEED, Cut(), number=1)
    assert (listed.total, len(listed.items)) == (4, 4)
    for path in ("/funnel", "/funnel/needs", "/"):
        assert "截至 " in sign_in(large.city).get(path).text

    jobs.keep_figures(utcnow() + timedelta(seconds=2))

    assert needs(city) == 5


def test_a_cut_that_is_not_kept_counts_until_the_same_moment(large: Cast) -> None:
    city, cut = actor_as(large.city), Cut(kind=PairingKind.EQUITY.value)
    jobs.keep_figures(utcnow())
    one_more(large)
    db.session.rollback()

    found = funnel.totals(funnel.figures(db.session(), city, cut, Grouping.DISTRICT))

    assert found[Stage.NEED] == funnel.stage_list(db.session(), city, Stage.NEED, cut, number=1).total == 4


def test_a_small_city_is_counted_while_its_page_waits(
    large: Cast, monkeypatch: pytest.MonkeyPatch, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    jobs.keep_figures(utcnow())
    monkeypatch.setattr(figures, "LARGE", 100)

    assert jobs.keep_figures(utcnow()) == 0
    one_more(large)

    assert needs(actor_as(large.city)) == 5
    assert "截至 " not in sign_in(large.city).get("/funnel").text


def test_a_kept_figure_is_one_query(large: Cast) -> None:
    city = actor_as(large.city)
    jobs.keep_figures(utcnow())
    db.session.rollback()

    with counted() as seen:
        funnel.figures(db.session(), city, Cut(), Grouping.MONTH)
        funnel.figures(db.session(), city, Cut(month="2026-04"), Grouping.DISTRICT)
        funnel.confirmed_sum(db.session(), city, Cut())

    assert len(seen) == 1
    assert "kept_figures" in seen[0]
