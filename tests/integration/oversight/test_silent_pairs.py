"""A carrier sees which of its firms' talks have gone quiet, and reminds whoever has to move, once a week at most."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from matchhub.accounts.enums import Role
from matchhub.accounts.models import Membership
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.introductions import services as introductions
from matchhub.introductions.models import Introduction
from matchhub.listings.models import Need
from matchhub.matches.enums import FeedbackKind, Side, Verdict
from matchhub.matches.models import Feedback
from matchhub.oversight import services
from matchhub.oversight.models import Reminder
from matchhub.oversight.queries import silence
from matchhub.oversight.queries.silence import Awaited
from tests.cast import Cast
from tests.integration import pairs
from tests.integration.console.test_funnel import actor_as, counted
from tests.integration.oversight.conftest import quiet_since, suggested
from tests.integration.pairs import Scene

SignIn = Callable[[Membership], FlaskClient]


@pytest.fixture
def quiet(scene: Scene) -> int:
    """They agreed twenty days ago and nothing has happened since."""
    introduction_id = pairs.agreed(scene)
    quiet_since(introduction_id, 20)
    return introduction_id


def reminder_path(scene: Scene) -> str:
    return f"/silent-pairs/{scene.need_id}/{scene.offer_id}/reminder"


def reminders() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Reminder)) or 0


def told(kind: str) -> dict[int | None, int]:
    """organization → how many notices of this kind."""
    db.session.rollback()
    rows = db.session.execute(
        select(Notice.organization_id, func.count()).where(Notice.kind == kind).group_by(Notice.organization_id)
    )
    return {row[0]: row[1] for row in rows}


def test_the_carrier_sees_its_firm_and_not_with_whom_it_talks(
    quiet: int, scene: Scene, people: Cast, sign_in: SignIn
) -> None:
    page = sign_in(people.binjiang).get("/silent-pairs")

    assert page.status_code == 200
    assert "星河科技" in page.text
    assert "远山资本" not in page.text
    assert "双方都没有动" in page.text


def test_another_carrier_sees_nothing_and_cannot_remind(
    quiet: int, scene: Scene, people: Cast, sign_in: SignIn
) -> None:
    client = sign_in(people.gedian)

    assert "星河科技" not in client.get("/silent-pairs").text
    assert client.post(reminder_path(scene)).status_code == 404
    assert reminders() == 0


def test_parties_and_officers_have_no_such_page(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    for membership in (people.xinghe, people.yuanshan, people.echeng, people.city, people.auditor):
        assert sign_in(membership).get("/silent-pairs").status_code == 403


def test_both_are_reminded_where_nobody_has_moved(quiet: int, scene: Scene, people: Cast, sign_in: SignIn) -> None:
    answer = sign_in(people.binjiang).post(reminder_path(scene))

    assert answer.status_code == 302
    assert reminders() == 1
    assert told("pair_silent") == {people.xinghe.organization_id: 1, people.yuanshan.organization_id: 1}


def test_only_the_side_that_is_waited_for_is_reminded(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    introduction_id = pairs.agreed(scene)
    with unit_of_work() as session:
        row = session.get_one(Introduction, introduction_id)
        introductions.write(row, body="方便约个时间吗", actor=scene.firm, now=utcnow())
    quiet_since(introduction_id, 20)

    sign_in(people.binjiang).post(reminder_path(scene))

    assert told("pair_silent") == {people.yuanshan.organization_id: 1}


def test_a_pair_is_reminded_once_a_week(quiet: int, scene: Scene, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.binjiang)
    client.post(reminder_path(scene))
    again = client.post(reminder_path(scene))

    assert again.status_code == 409
    assert reminders() == 1
    actor, later = actor_as(people.binjiang), utcnow() + services.PAUSE + timedelta(minutes=1)
    pair = silence.silent_pair(actor, scene.need_id, scene.offer_id)
    assert pair is not None
    with unit_of_work():
        services.remind(pair, actor=actor, now=later)
    assert reminders() == 2


def test_what_has_moved_needs_no_reminder(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    pairs.agreed(scene)

    assert sign_in(people.binjiang).post(reminder_path(scene)).status_code == 409
    assert reminders() == 0


def test_a_viewer_of_the_carrier_looks_and_does_not_remind(
    quiet: int, scene: Scene, people: Cast, sign_in: SignIn
) -> None:
    with unit_of_work() as session:
        session.get_one(Membership, people.binjiang.id).role = Role.VIEWER
    client = sign_in(people.binjiang)

    page = client.get("/silent-pairs")
    assert page.status_code == 200
    assert reminder_path(scene) not in page.text
    assert client.post(reminder_path(scene)).status_code == 403
    with pytest.raises(errors.Forbidden), unit_of_work():
        pair = silence.silent_pair(actor_as(people.binjiang), scene.need_id, scene.offer_id)
        assert pair is not None
        services.remind(pair, actor=actor_as(people.binjiang), now=utcnow())


def old_suggestion(scene: Scene, **facts: object) -> None:
    suggested(scene.need_id, scene.offer_id, **facts)  # type: ignore[arg-type]
    with unit_of_work() as session:
        session.get_one(Need, scene.need_id).published_at = utcnow() - timedelta(days=20)


def test_a_strong_suggestion_that_nobody_looks_at_waits_for_the_firm(
    scene: Scene, people: Cast, sign_in: SignIn
) -> None:
    old_suggestion(scene)
    actor, now = actor_as(people.binjiang), utcnow()
    rows = silence.silent_pairs(db.session(), actor, now=now).items

    assert [(row.introduction_id, row.awaited) for row in rows] == [(None, Awaited.FIRM)]
    assert sign_in(people.binjiang).post(reminder_path(scene)).status_code == 302
    assert told("suggestion_untouched") == {people.xinghe.organization_id: 1}


@pytest.mark.parametrize("facts", [{"score": 0.1}, {"verdict": Verdict.MAY_FIT}, {"position": 2}])
def test_a_weak_suggestion_is_nobodys_fault(scene: Scene, people: Cast, facts: dict[str, object]) -> None:
    old_suggestion(scene, **facts)

    assert silence.silent_pairs(db.session(), actor_as(people.binjiang), now=utcnow()).items == []


def test_a_firm_that_said_something_is_left_alone(scene: Scene, people: Cast) -> None:
    old_suggestion(scene)
    with unit_of_work() as session:
        session.add(
            Feedback(
                side=Side.NEED, need_id=scene.need_id, offer_id=scene.offer_id, kind=FeedbackKind.LATER,
                by_user_id=people.xinghe.user_id, at=utcnow(),
            )
        )  # fmt: skip

    assert silence.silent_pairs(db.session(), actor_as(people.binjiang), now=utcnow()).items == []


def test_the_page_costs_the_same_for_one_pair_and_for_three(quiet: int, scene: Scene, people: Cast) -> None:
    actor = actor_as(people.binjiang)

    def queries() -> int:
        db.session.rollback()
        with counted() as seen:
            assert silence.silent_pairs(db.session(), actor, now=utcnow()).items
        return len(seen)

    few = queries()
    for number in range(2):
        with unit_of_work() as session:
            need = pairs.need_of(
                people.qingtian.organization_id, f"x-{number}", binjiang=people.binjiang.organization_id
            )
            need.published_at = utcnow() - timedelta(days=30)
            session.add(need)
            session.flush()
            need_id = need.id
        suggested(need_id, scene.offer_id)
    assert silence.silent_pairs(db.session(), actor, now=utcnow()).total == 3
    assert queries() == few


def test_pages_go_on_from_agreed_pairs_to_suggestions(quiet: int, scene: Scene, people: Cast) -> None:
    with unit_of_work() as session:
        need = pairs.need_of(people.qingtian.organization_id, "x-1", binjiang=people.binjiang.organization_id)
        need.published_at = utcnow() - timedelta(days=30)
        session.add(need)
        session.flush()
        need_id = need.id
    suggested(need_id, scene.offer_id)

    def page(number: int) -> list[tuple[int, bool]]:
        db.session.rollback()
        found = silence.silent_pairs(db.session(), actor_as(people.binjiang), now=utcnow(), number=number, per_page=1)
        assert (found.total, found.pages) == (2, 2)
        return [(pair.need.id, pair.introduction_id is not None) for pair in found.items]

    assert [page(1), page(2), page(9)] == [[(scene.need_id, True)], [(need_id, False)], [(need_id, False)]]
