"""Lists of needs: one's own, and those within a scope; filters in the address; Excel; a constant number of queries."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, UTC

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import event

from matchhub.accounts.models import Membership
from matchhub.core.db import db
from matchhub.listings.enums import NeedState
from tests.cast import Cast, take
from tests.integration.listings.conftest import NeedMaker

SignIn = Callable[[Membership], FlaskClient]


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine, "before_cursor_execute", note)


def queries_of(client: FlaskClient, address: str) -> int:
    client.get(address)
    with counted() as found:
        assert client.get(address).status_code == 200
    return len([s for s in found if s.lstrip().upper().startswith("SELECT")])


def test_the_own_list_shows_states_and_next_steps(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_of(people.xinghe, teaser="甲")
    need_of(people.xinghe, NeedState.PAUSED, teaser="乙")
    need_of(people.qingtian, NeedState.OPEN, teaser="别人的")

    page = sign_in(people.xinghe).get("/needs").text

    assert "甲" in page and "乙" in page and "接着写" in page and "已暂停" in page
    assert "别人的" not in page


def test_an_empty_list_says_what_to_do(people: Cast, sign_in: SignIn) -> None:
    assert "还没有需求" in sign_in(people.xinghe).get("/needs").text


@pytest.mark.parametrize("who", ["xinghe", "echeng"])
def test_three_needs_cost_as_many_queries_as_one(people: Cast, need_of: NeedMaker, sign_in: SignIn, who: str) -> None:
    client = sign_in(getattr(people, who))
    need_of(people.xinghe, NeedState.OPEN, district_code="420704")
    one = queries_of(client, "/needs")
    need_of(people.xinghe, NeedState.OPEN, district_code="420704")
    need_of(people.qingtian, NeedState.OPEN, district_code="420704")

    assert queries_of(client, "/needs") == one


@pytest.mark.parametrize(
    ("who", "seen"),
    [("city", {"甲", "乙"}), ("echeng", {"甲"}), ("gedian_officer", {"乙"}), ("binjiang", {"甲"}), ("gedian", set())],
)
def test_a_steward_sees_the_needs_in_scope_only(
    people: Cast, need_of: NeedMaker, sign_in: SignIn, who: str, seen: set[str]
) -> None:
    need_of(
        people.xinghe,
        NeedState.OPEN,
        code_name="甲",
        district_code="420704",
        carrier_id=people.binjiang.organization_id,
    )
    need_of(people.qingtian, NeedState.OPEN, code_name="乙", district_code="EZ-GD")
    need_of(people.xinghe, code_name="草稿", district_code="420704", carrier_id=people.binjiang.organization_id)
    client = sign_in(getattr(people, who))

    content = take(client, "/needs/export.xlsx").data
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    page = client.get("/needs").text

    assert {row[3] for row in rows[1:]} == seen
    assert [name in page for name in ("星河科技</a>", "擎天装备</a>")] == ["甲" in seen, "乙" in seen]


def test_the_management_list_shows_bands_only(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_of(people.xinghe, NeedState.OPEN, district_code="420704")
    client = sign_in(people.echeng)

    page, content = client.get("/needs").text, take(client, "/needs/export.xlsx").data
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()

    assert "500–1,000 万元" in page and "500–800 万元" not in page
    assert rows[1][7] == "500–1,000 万元"


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("?district=420704", ["星河科技"]),
        ("?district=EZ-GD", ["擎天装备"]),
        ("?industry=new_materials", ["星河科技", "擎天装备"]),
        ("?industry=health", []),
        ("?month=2026-10", ["擎天装备"]),
        ("?month=2026-11", ["星河科技"]),
        ("?state=paused", ["擎天装备"]),
        ("?month=nonsense", ["星河科技", "擎天装备"]),
    ],
)
def test_filters_stand_in_the_address(
    people: Cast, need_of: NeedMaker, sign_in: SignIn, address: str, seen: list[str]
) -> None:
    night = datetime(2026, 10, 31, 17, tzinfo=UTC)  # the first of November in the city
    need_of(people.xinghe, NeedState.OPEN, district_code="420704", published_at=night)
    need_of(
        people.qingtian, NeedState.PAUSED, district_code="EZ-GD", published_at=datetime(2026, 10, 31, 15, tzinfo=UTC)
    )

    page = sign_in(people.city).get(f"/needs{address}").text

    assert [name for name in ("星河科技", "擎天装备") if f"{name}</a>" in page] == seen


def test_a_filter_does_not_widen_the_scope(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_of(people.qingtian, NeedState.OPEN, district_code="EZ-GD")

    assert "擎天装备</a>" not in sign_in(people.echeng).get("/needs?district=EZ-GD").text
    assert "擎天装备</a>" in sign_in(people.gedian_officer).get("/needs?district=EZ-GD").text


@pytest.mark.parametrize("who", ["yuanshan", "administrator", "auditor"])
def test_others_have_no_list_of_needs(people: Cast, sign_in: SignIn, who: str) -> None:
    assert sign_in(getattr(people, who)).get("/needs").status_code == 403


def test_a_need_prints_on_one_page(people: Cast, profile: int, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe)

    assert "500–800 万元" in sign_in(people.xinghe).get(f"/needs/{need_id}/print").text
    assert sign_in(people.qingtian).get(f"/needs/{need_id}/print").status_code == 404


def test_a_name_that_looks_like_a_formula_stays_text(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_of(people.xinghe, teaser="=1+1")

    content = sign_in(people.xinghe).get("/needs/export.xlsx").data

    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1][2] == "=1+1"
