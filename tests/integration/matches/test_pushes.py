"""A carrier recommends pairs to its own firms: told to the firm alone, once a pair, within limits."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from matchhub.accounts.enums import Role
from matchhub.accounts.models import Membership, Organization
from matchhub.accounts.services import merge_organizations
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need
from matchhub.matches.models import Exclusion, Push
from matchhub.matches.queries import pushes as queries
from matchhub.matches.services import pushes
from matchhub.matches.views import pushes as push_views
from matchhub.oversight.queries.pushed import became_of_pushes
from tests.cast import Cast
from tests.integration import pairs
from tests.integration.console.test_funnel import actor_as, counted
from tests.integration.oversight.conftest import suggested
from tests.integration.pairs import Scene

SignIn = Callable[[Membership], FlaskClient]


@pytest.fixture
def scene(people: Cast) -> Scene:
    return pairs.stage(people)


@pytest.fixture
def suggestion_id(scene: Scene) -> int:
    return suggested(scene.need_id, scene.offer_id, score=0.8)


def stored_pushes() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Push)) or 0


def told() -> dict[int | None, int]:
    """organization → how many notices about pushes."""
    db.session.rollback()
    rows = db.session.execute(
        select(Notice.organization_id, func.count())
        .where(Notice.kind.like("pair_pushed%"))
        .group_by(Notice.organization_id)
    )
    return {row[0]: row[1] for row in rows}


def another_pair(
    people: Cast, number: int, *, firm: Membership | None = None, carrier: Membership | None = None
) -> int:
    """One more need in the carrier with an offer of its own in its list."""
    carrier = carrier or people.binjiang
    with unit_of_work() as session:
        owner = (firm or people.qingtian).organization_id
        need = pairs.need_of(owner, f"高端装备-{number}", binjiang=carrier.organization_id)
        offer = pairs.offer_of(people.beidou.organization_id)
        session.add_all([need, offer])
        session.flush()
        ids = need.id, offer.id
    return suggested(*ids, score=0.7)


def test_five_pairs_are_one_screen_five_ticks_and_no_typing(suggestion_id: int, people: Cast, sign_in: SignIn) -> None:
    ids = [suggestion_id, *(another_pair(people, number) for number in range(4))]
    client = sign_in(people.binjiang)
    page = client.get("/pushes").text

    assert page.count('name="suggestion_ids"') == 5
    assert "星河科技" in page
    assert "远山资本" in page
    assert client.post("/pushes", data={"suggestion_ids": ids, "note": ""}).status_code == 302
    assert stored_pushes() == 5
    assert told() == {people.xinghe.organization_id: 1, people.qingtian.organization_id: 1}


def test_the_firm_sees_who_recommended_and_why(suggestion_id: int, scene: Scene, people: Cast, sign_in: SignIn) -> None:
    sign_in(people.binjiang).post("/pushes", data={"suggestion_ids": [suggestion_id], "note": "上次路演他们问过你们"})
    page = sign_in(people.xinghe).get(f"/suggestions?need={scene.need_id}").text

    assert "载体推荐" in page
    assert "上次路演他们问过你们" in page


def test_the_other_side_learns_nothing(suggestion_id: int, scene: Scene, people: Cast, sign_in: SignIn) -> None:
    fund = sign_in(people.yuanshan)
    before = fund.get(f"/suggestions?offer={scene.offer_id}").text
    sign_in(people.binjiang).post("/pushes", data={"suggestion_ids": [suggestion_id], "note": "请看"})
    after = fund.get(f"/suggestions?offer={scene.offer_id}").text

    assert "载体推荐" not in after
    assert len(after) == len(before)
    assert people.yuanshan.organization_id not in told()


def test_a_pair_is_pushed_once(suggestion_id: int, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.binjiang)
    client.post("/pushes", data={"suggestion_ids": [suggestion_id]})

    assert f'value="{suggestion_id}"' not in client.get("/pushes").text
    assert client.post("/pushes", data={"suggestion_ids": [suggestion_id]}).status_code == 409
    assert stored_pushes() == 1
    assert "远山资本" in client.get("/pushes/sent").text


def test_another_carrier_neither_sees_nor_pushes(suggestion_id: int, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.gedian)

    assert "星河科技" not in client.get("/pushes").text
    assert client.post("/pushes", data={"suggestion_ids": [suggestion_id]}).status_code == 409
    assert stored_pushes() == 0


def test_nobody_but_a_carriers_editor_pushes(suggestion_id: int, people: Cast, sign_in: SignIn) -> None:
    for membership in (people.xinghe, people.yuanshan, people.echeng, people.city, people.auditor):
        client = sign_in(membership)
        assert client.get("/pushes").status_code == 403
        assert client.post("/pushes", data={"suggestion_ids": [suggestion_id]}).status_code == 403
    with unit_of_work() as session:
        session.get_one(Membership, people.binjiang.id).role = Role.VIEWER
    assert sign_in(people.binjiang).post("/pushes", data={"suggestion_ids": [suggestion_id]}).status_code == 403
    with pytest.raises(errors.Forbidden), unit_of_work():
        pushes.push([suggestion_id], actor=actor_as(people.binjiang), now=utcnow())
    assert stored_pushes() == 0


@pytest.mark.parametrize(
    "data",
    [
        {}, {"suggestion_ids": []}, {"suggestion_ids": ["x"]}, {"suggestion_ids": [str(10**12)]},
        {"suggestion_ids": [str(n) for n in range(1, 30)]},
    ],
)  # fmt: skip
def test_nothing_ticked_or_nonsense_pushes_nothing(
    suggestion_id: int, people: Cast, sign_in: SignIn, data: dict[str, list[str]]
) -> None:
    assert sign_in(people.binjiang).post("/pushes", data=data).status_code == 422
    assert stored_pushes() == 0


def test_too_long_a_note_is_refused_and_the_ticks_stay(suggestion_id: int, people: Cast, sign_in: SignIn) -> None:
    answer = sign_in(people.binjiang).post("/pushes", data={"suggestion_ids": [suggestion_id], "note": "长" * 121})

    assert answer.status_code == 422
    assert f'value="{suggestion_id}" checked' in answer.text
    assert stored_pushes() == 0


def test_a_need_that_is_closed_meanwhile_stops_the_whole_push(
    suggestion_id: int, scene: Scene, people: Cast, sign_in: SignIn
) -> None:
    other = another_pair(people, 1)
    with unit_of_work() as session:
        session.get_one(Need, scene.need_id).state = NeedState.CLOSED
    answer = sign_in(people.binjiang).post("/pushes", data={"suggestion_ids": [suggestion_id, other]})

    assert answer.status_code == 409
    assert stored_pushes() == 0


def test_what_a_carrier_recommended_goes_with_it_when_it_is_merged(suggestion_id: int, people: Cast) -> None:
    kept, dropped = people.gedian.organization_id, people.binjiang.organization_id
    with unit_of_work():
        pushes.push([suggestion_id], actor=actor_as(people.binjiang), now=utcnow())
    administrator = actor_as(people.administrator)
    with unit_of_work() as session:
        merge_organizations(
            session.get_one(Organization, kept),
            session.get_one(Organization, dropped),
            actor=administrator,
            now=utcnow(),
        )
    with unit_of_work() as session:
        assert session.scalars(select(Push.carrier_id)).all() == [kept]


def test_what_is_in_progress_is_not_offered(suggestion_id: int, scene: Scene, people: Cast) -> None:
    with unit_of_work() as session:
        session.add(Exclusion(need_id=scene.need_id, offer_id=scene.offer_id, reason="in_progress"))

    assert queries.pushable(db.session(), actor_as(people.binjiang)) == []


def test_a_firm_gets_five_a_week_and_then_has_time_to_read(people: Cast, scene: Scene) -> None:
    actor, now = actor_as(people.binjiang), utcnow()
    ids = [another_pair(people, number) for number in range(6)]
    with unit_of_work():
        pushes.push(ids[:5], actor=actor, now=now)
    with pytest.raises(errors.LimitReached), unit_of_work():
        pushes.push(ids[5:], actor=actor, now=now + timedelta(days=6))
    with unit_of_work():
        pushes.push(ids[5:], actor=actor, now=now + timedelta(days=8))

    assert stored_pushes() == 6


def test_a_carrier_pushes_fifty_a_day(people: Cast, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushes, "A_DAY", 2)
    actor, now = actor_as(people.binjiang), utcnow()
    ids = [another_pair(people, number) for number in range(3)]
    with pytest.raises(errors.LimitReached), unit_of_work():
        pushes.push(ids, actor=actor, now=now)
    with unit_of_work():
        pushes.push(ids[:2], actor=actor, now=now)

    assert stored_pushes() == 2
    assert queries.pushed_count(db.session(), actor, since=now - timedelta(days=1)) == 2


def test_the_best_of_every_need_comes_before_the_second_of_any(suggestion_id: int, scene: Scene, people: Cast) -> None:
    with unit_of_work() as session:
        offers = [pairs.offer_of(people.beidou.organization_id) for _ in range(4)]
        session.add_all(offers)
        session.flush()
        ids = [offer.id for offer in offers]
    for place, offer_id in enumerate(ids, start=2):
        suggested(scene.need_id, offer_id, position=place, score=0.9)
    other = another_pair(people, 1)
    found = [row.id for row in queries.pushable(db.session(), actor_as(people.binjiang))]

    assert set(found[:2]) == {suggestion_id, other}
    assert len(found) == 4  # at most three of one need


def test_the_screen_costs_the_same_for_one_pair_and_for_three(
    suggestion_id: int, people: Cast, sign_in: SignIn
) -> None:
    client = sign_in(people.binjiang)

    def cost() -> int:
        client.get("/pushes")
        db.session.rollback()
        with counted() as seen:
            assert client.get("/pushes").status_code == 200
        return len(seen)

    few = cost()
    another_pair(people, 1)
    another_pair(people, 2)
    assert cost() == few


def test_what_became_of_pushes_is_counted_over_all_of_them(
    scene: Scene, suggestion_id: int, people: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [another_pair(people, 1), another_pair(people, 2)]
    actor = actor_as(people.binjiang)
    with unit_of_work():
        pushes.push([suggestion_id, *others], actor=actor, now=utcnow() - timedelta(hours=1))

    def counts() -> list[int]:
        db.session.rollback()
        return list(became_of_pushes(db.session(), actor).values())

    assert counts() == [3, 0, 0, 0, 0]

    with unit_of_work() as session:  # 晴天 opens the notice of its two
        own = session.scalars(select(Notice).where(Notice.organization_id == people.qingtian.organization_id))
        for notice in own:
            notice.read_at = utcnow()
    assert counts() == [3, 2, 0, 0, 0]

    pairs.agreed(scene)
    assert counts() == [3, 3, 1, 1, 0]
    client = sign_in(people.binjiang)
    assert "不足 5" in client.get("/pushes/sent").text  # one alone would tell who talks with whom
    monkeypatch.setattr(push_views, "FEW", 1)
    assert "不足 5" not in client.get("/pushes/sent").text  # the control
    assert list(became_of_pushes(db.session(), actor_as(people.gedian)).values()) == [0, 0, 0, 0, 0]
