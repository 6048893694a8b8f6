"""Lists: the parties' own, and the stewards' without contents."""

import pytest
from sqlalchemy import event

from matchhub.core.db import db, unit_of_work
from tests.integration.pairs import agreed, asked, NEED_CANARIES, offer_of


def queries_of(client, path: str) -> int:
    client.get(path)
    seen = []

    def count(*args) -> None:
        seen.append(args[2])

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(seen)


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("xinghe", "/introductions?tab=active"), ("yuanshan", "/introductions?tab=active"), ("xinghe", "/tracker"),
        ("yuanshan", "/deals"), ("city", "/introductions"), ("xinghe", "/disclosures"), ("city", "/outcomes"),
    ],
)  # fmt: skip
def test_three_rows_cost_as_much_as_one(people, scene, sign_in, who, path):
    agreed(scene)
    client = sign_in(getattr(people, who))
    one = queries_of(client, path)
    for _ in range(2):
        with unit_of_work() as session:
            offer = offer_of(people.yuanshan.organization_id)
            session.add(offer)
            session.flush()
            scene.offer_id = offer.id
        agreed(scene)

    assert queries_of(client, path) == one


@pytest.mark.parametrize(
    ("who", "rows"), [("city", 1), ("echeng", 1), ("binjiang", 1), ("gedian_officer", 0), ("gedian", 0)]
)
def test_stewards_see_that_it_exists_in_their_scope_and_nothing_of_it(people, scene, sign_in, who, rows):
    introduction_id = agreed(scene)
    client = sign_in(getattr(people, who))

    page = client.get("/introductions").text

    assert f"共 {rows} 条" in page
    assert not any(canary in page for canary in (*NEED_CANARIES, "星河科技", "远山资本", "新材料-0007"))
    assert client.get(f"/introductions/{introduction_id}").status_code == 404
    assert client.get("/introductions/export.xlsx").status_code == 200


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("state=accepted", 1),
        ("state=declined", 0),
        ("district=420703", 0),
        ("month=2020-01", 0),
        ("month=x", 1),
        ("met=1", 0),
    ],
)
def test_filters_narrow_the_stewards_list(people, scene, sign_in, query, rows):
    agreed(scene)

    assert f"共 {rows} 条" in sign_in(people.city).get(f"/introductions?{query}").text


def test_others_have_no_list(people, scene, sign_in):
    assert sign_in(people.auditor).get("/introductions").status_code == 403
    assert sign_in(people.yuanshan).get("/tracker").status_code == 403
    assert sign_in(people.xinghe).get("/deals").status_code == 403
    assert sign_in(people.xinghe).get("/outcomes").status_code == 403


def test_the_tabs_hold_each_side_where_it_belongs(people, scene, sign_in):
    asked(scene)

    assert "去回应" in sign_in(people.yuanshan).get("/introductions").text
    assert "远山资本" in sign_in(people.xinghe).get("/introductions?tab=theirs").text
    assert "还没有" not in sign_in(people.xinghe).get("/introductions?tab=nonsense").text
