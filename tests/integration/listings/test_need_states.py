"""The life of a need: who may move it, from where, and who is told."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationStatus
from matchhub.accounts.models import Membership, Organization
from matchhub.accounts.news import OrganizationClosed
from matchhub.core import news
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.installation import Installation
from matchhub.core.outbox import Notice
from matchhub.core.policy import SYSTEM
from matchhub.listings import jobs, services
from matchhub.listings.enums import NeedState
from matchhub.listings.models import EquityNeed
from matchhub.listings.news import NeedChanged, NeedPublished, NeedUnavailable
from matchhub.profiles.models import EnterpriseProfile
from matchhub.profiles.news import ResidencyChanged
from tests.cast import Cast, stored
from tests.integration.listings.conftest import NeedMaker

SignIn = Callable[[Membership], FlaskClient]
Heard = list[type[Any]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """The kinds of news about needs, in order."""
    room, kinds = news.NEWSROOM._listeners, (NeedPublished, NeedChanged, NeedUnavailable)
    before = {kind: list(room[kind]) for kind in kinds}
    found: Heard = []
    for kind in kinds:
        room[kind] = [lambda item, *, now: found.append(type(item))]
    yield found
    room.update(before)


def state(need_id: int) -> NeedState:
    return stored(EquityNeed, need_id, lambda n: n.state)


def notices(kind: str) -> list[int | None]:
    with Session(db.engine) as session:
        return list(session.scalars(select(Notice.recipient_user_id).where(Notice.kind == kind)))


def check_by_carrier() -> None:
    with unit_of_work() as session:
        session.get_one(Installation, 1).need_check_by_carrier = True


def test_publishing_sets_the_scope_the_code_name_and_the_end(
    people: Cast, profile: int, need_of: NeedMaker, sign_in: SignIn, heard: Heard
) -> None:
    need_id = need_of(people.xinghe)

    response = sign_in(people.xinghe).post(f"/needs/{need_id}/publication")

    assert response.status_code == 302
    assert stored(EquityNeed, need_id, lambda n: (n.state, n.code_name, n.district_code, n.carrier_id, n.region_code)) == (
        NeedState.OPEN, f"新材料-{need_id:04d}", "420704", people.binjiang.organization_id, "420704",
    )  # fmt: skip
    days = stored(EquityNeed, need_id, lambda n: (n.expires_at - n.published_at).days)
    assert days == 180
    assert heard == [NeedPublished]


def test_publishing_twice_is_told_politely(people: Cast, profile: int, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe)
    client = sign_in(people.xinghe)
    client.post(f"/needs/{need_id}/publication")

    assert client.post(f"/needs/{need_id}/publication").status_code == 409


def test_an_incomplete_need_is_not_published_and_the_page_says_what_is_missing(
    people: Cast, profile: int, need_of: NeedMaker, sign_in: SignIn
) -> None:
    need_id = need_of(people.xinghe, purposes=[], amount_max_yuan=None, amount_min_yuan=None)

    response = sign_in(people.xinghe).post(f"/needs/{need_id}/publication")

    assert response.status_code == 422
    assert "填写最多要多少" in response.text and "选择用途" in response.text
    assert f"/needs/{need_id}/steps/1" in response.text
    assert state(need_id) is NeedState.DRAFT


def test_an_unverified_organization_cannot_publish(
    people: Cast, profile: int, need_of: NeedMaker, sign_in: SignIn
) -> None:
    need_id = need_of(people.xinghe)
    with unit_of_work() as session:
        session.get_one(Organization, people.xinghe.organization_id).status = OrganizationStatus.PENDING

    response = sign_in(people.xinghe).post(f"/needs/{need_id}/publication")

    assert response.status_code == 422
    assert "机构核验通过后才能发布" in response.text
    assert state(need_id) is NeedState.DRAFT


def test_without_a_profile_nothing_is_published(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe)

    response = sign_in(people.xinghe).post(f"/needs/{need_id}/publication")

    assert response.status_code == 422
    assert "先在资料里填写经营地区" in response.text


def test_where_carriers_check_the_need_waits_for_its_carrier(
    people: Cast, profile: int, need_of: NeedMaker, sign_in: SignIn, heard: Heard
) -> None:
    need_id = need_of(people.xinghe)
    check_by_carrier()
    sign_in(people.xinghe).post(f"/needs/{need_id}/publication")
    waiting = state(need_id)

    response = sign_in(people.binjiang).post(f"/needs/{need_id}/approval")

    assert (waiting, response.status_code, state(need_id)) == (NeedState.SUBMITTED, 302, NeedState.OPEN)
    assert heard == [NeedPublished]
    assert notices("listings.need_approved") == [people.xinghe.user_id]


def test_a_firm_in_no_carrier_is_not_checked(people: Cast, profile: int, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe)
    check_by_carrier()
    with unit_of_work() as session:
        session.get_one(EnterpriseProfile, profile).carrier_id = None

    sign_in(people.xinghe).post(f"/needs/{need_id}/publication")

    assert state(need_id) is NeedState.OPEN


def test_a_returned_need_says_why_and_can_be_submitted_again(
    people: Cast, profile: int, need_of: NeedMaker, sign_in: SignIn
) -> None:
    need_id = need_of(people.xinghe, NeedState.SUBMITTED, carrier_id=people.binjiang.organization_id)

    response = sign_in(people.binjiang).post(f"/needs/{need_id}/return", data={"reason": "用途写细一点"})

    assert response.status_code == 302
    assert "用途写细一点" in sign_in(people.xinghe).get(f"/needs/{need_id}").text
    assert notices("listings.need_returned") == [people.xinghe.user_id]
    assert sign_in(people.xinghe).post(f"/needs/{need_id}/publication").status_code == 302


def test_returning_without_a_reason_changes_nothing(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe, NeedState.SUBMITTED, carrier_id=people.binjiang.organization_id)

    response = sign_in(people.binjiang).post(f"/needs/{need_id}/return", data={"reason": " "})

    assert response.status_code == 422
    assert state(need_id) is NeedState.SUBMITTED


@pytest.mark.parametrize("who", ["gedian", "gedian_officer", "qingtian", "yuanshan", "administrator", "auditor"])
def test_outside_the_scope_a_need_is_not_there(people: Cast, need_of: NeedMaker, sign_in: SignIn, who: str) -> None:
    need_id = need_of(
        people.xinghe, NeedState.SUBMITTED, carrier_id=people.binjiang.organization_id, district_code="420704"
    )
    client = sign_in(getattr(people, who))

    assert client.get(f"/needs/{need_id}").status_code == 404
    assert client.post(f"/needs/{need_id}/approval").status_code == 404


def test_the_owner_cannot_approve_its_own_need(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe, NeedState.SUBMITTED, carrier_id=people.binjiang.organization_id)

    assert sign_in(people.xinghe).post(f"/needs/{need_id}/approval").status_code == 403


def test_a_steward_sees_the_management_fields_and_no_terms(
    people: Cast, profile: int, need_of: NeedMaker, sign_in: SignIn
) -> None:
    need_id = need_of(people.xinghe, NeedState.OPEN, district_code="420704", equity_max_pct=12)

    page = sign_in(people.echeng).get(f"/needs/{need_id}").text

    assert "500–1,000 万元" in page
    assert "500–800 万元" not in page and "12%" not in page


def test_a_draft_is_seen_by_its_owner_only(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe, district_code="420704")

    assert sign_in(people.city).get(f"/needs/{need_id}").status_code == 404
    assert sign_in(people.xinghe).get(f"/needs/{need_id}").status_code == 200


@pytest.mark.parametrize(
    ("action", "source", "target", "told"),
    [
        ("pause", NeedState.OPEN, NeedState.PAUSED, [NeedUnavailable]),
        ("resumption", NeedState.PAUSED, NeedState.OPEN, [NeedPublished]),
        ("renewal", NeedState.OPEN, NeedState.OPEN, []),
        ("renewal", NeedState.EXPIRED, NeedState.OPEN, [NeedPublished]),
        ("recall", NeedState.SUBMITTED, NeedState.DRAFT, []),
    ],
)
def test_the_owner_moves_a_need(
    people: Cast, profile: int, need_of: NeedMaker, sign_in: SignIn, heard: Heard,
    action: str, source: NeedState, target: NeedState, told: Heard,
) -> None:  # fmt: skip
    need_id = need_of(people.xinghe, source)

    response = sign_in(people.xinghe).post(f"/needs/{need_id}/{action}")

    assert (response.status_code, state(need_id), heard) == (302, target, told)


@pytest.mark.parametrize("action", ["pause", "resumption", "renewal", "recall", "publication", "closure"])
def test_a_closed_need_does_not_move(people: Cast, need_of: NeedMaker, sign_in: SignIn, action: str) -> None:
    need_id = need_of(people.xinghe, NeedState.CLOSED)

    response = sign_in(people.xinghe).post(f"/needs/{need_id}/{action}", data={"reason": "plan_changed"})

    assert response.status_code == 409
    assert state(need_id) is NeedState.CLOSED


@pytest.mark.parametrize("action", ["pause", "resumption", "renewal", "recall", "publication", "closure"])
def test_nobody_else_moves_a_need(people: Cast, need_of: NeedMaker, sign_in: SignIn, action: str) -> None:
    need_id = need_of(people.xinghe, NeedState.OPEN, district_code="420704")

    for other in (people.qingtian, people.city):
        assert sign_in(other).post(f"/needs/{need_id}/{action}", data={"reason": "plan_changed"}).status_code == 404
    assert state(need_id) is NeedState.OPEN


@pytest.mark.parametrize(("reason", "target"), [("plan_changed", NeedState.CLOSED), ("met_elsewhere", NeedState.MET)])
def test_ending_a_need_says_why(
    people: Cast, need_of: NeedMaker, sign_in: SignIn, heard: Heard, reason: str, target: NeedState
) -> None:
    need_id = need_of(people.xinghe, NeedState.OPEN)

    sign_in(people.xinghe).post(f"/needs/{need_id}/closure", data={"reason": reason})

    assert stored(EquityNeed, need_id, lambda n: (n.state, n.closing_reason)) == (target, reason)
    assert heard == [NeedUnavailable]


@pytest.mark.parametrize("reason", ["", "bored"])
def test_ending_a_need_without_a_known_reason_is_refused(
    people: Cast, need_of: NeedMaker, sign_in: SignIn, reason: str
) -> None:
    need_id = need_of(people.xinghe, NeedState.OPEN)

    response = sign_in(people.xinghe).post(f"/needs/{need_id}/closure", data={"reason": reason})

    assert (response.status_code, state(need_id)) == (422, NeedState.OPEN)


def test_a_changed_open_need_is_told_and_audited_by_field_names(
    people: Cast, need_of: NeedMaker, sign_in: SignIn, heard: Heard
) -> None:
    need_id = need_of(people.xinghe, NeedState.OPEN)
    version = stored(EquityNeed, need_id, lambda n: n.version)
    data = {"amount_min_yuan": "500", "amount_max_yuan": "900", "needed_by": "2027-06-30", "version": version}

    response = sign_in(people.xinghe).post(f"/needs/{need_id}/steps/1", data=data)

    assert (response.status_code, heard) == (302, [NeedChanged])
    with Session(db.engine) as session:
        details = session.scalars(select(AuditEvent.details).where(AuditEvent.action == "need:change")).all()
    assert details == [{"fields": ["amount_max_yuan"]}]


def test_what_is_due_expires_and_its_owner_is_told(people: Cast, need_of: NeedMaker, heard: Heard) -> None:
    now = utcnow()
    due = need_of(people.xinghe, NeedState.OPEN, expires_at=now - timedelta(seconds=1))
    young = need_of(people.xinghe, NeedState.OPEN, expires_at=now + timedelta(seconds=60))

    ended = [jobs.expire(now), jobs.expire(now)]

    assert ended == [1, 0]
    assert (state(due), state(young)) == (NeedState.EXPIRED, NeedState.OPEN)
    assert heard == [NeedUnavailable]
    assert notices("listings.need_expired") == [people.xinghe.user_id]


def test_two_weeks_before_its_end_the_owner_is_told_once(people: Cast, need_of: NeedMaker) -> None:
    now = utcnow()
    need_of(people.xinghe, NeedState.OPEN, expires_at=now + timedelta(days=13))
    need_of(people.xinghe, NeedState.OPEN, expires_at=now + timedelta(days=15))

    told = [jobs.remind(now), jobs.remind(now + timedelta(hours=1))]

    assert told == [1, 0]
    assert notices("listings.need_expiring") == [people.xinghe.user_id]


def test_a_confirmed_outcome_meets_the_need(people: Cast, need_of: NeedMaker, heard: Heard) -> None:
    need_id = need_of(people.xinghe, NeedState.OPEN)
    with unit_of_work() as session:
        services.meet_need(session.get_one(EquityNeed, need_id), actor=SYSTEM, now=utcnow())

    assert (state(need_id), heard) == (NeedState.MET, [NeedUnavailable])


def test_a_firm_that_moves_takes_its_needs_along(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe, NeedState.OPEN, carrier_id=people.binjiang.organization_id, district_code="420704")
    assert sign_in(people.binjiang).get(f"/needs/{need_id}").status_code == 200
    with unit_of_work():
        moved = ResidencyChanged(people.xinghe.organization_id, people.gedian.organization_id, "EZ-GD")
        news.publish(moved, now=utcnow())

    assert sign_in(people.binjiang).get(f"/needs/{need_id}").status_code == 404
    assert sign_in(people.gedian).get(f"/needs/{need_id}").status_code == 200
    assert sign_in(people.echeng).get(f"/needs/{need_id}").status_code == 404


def test_a_closed_organization_leaves_nothing_open(people: Cast, need_of: NeedMaker, heard: Heard) -> None:
    need_id = need_of(people.xinghe, NeedState.OPEN)
    with unit_of_work() as session:
        services.follow_closure(
            OrganizationClosed(session.get_one(Organization, people.xinghe.organization_id)), now=utcnow()
        )

    assert (state(need_id), heard) == (NeedState.CLOSED, [NeedUnavailable])
