"""A firm and its carriers: asking, admission, moving, leaving; the old carrier loses sight of the firm at once."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from matchhub.accounts import services as accounts
from matchhub.accounts.enums import MembershipState, Role
from matchhub.accounts.models import Invitation, Membership, Organization, User
from matchhub.accounts.news import OrganizationClaimed
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.news import NEWSROOM
from matchhub.core.policy import Actor
from matchhub.core.sheets import read_rows
from matchhub.core.web import App
from matchhub.disclosure.enums import Relation
from matchhub.profiles import services
from matchhub.profiles.enums import ResidencyStatus
from matchhub.profiles.models import EnterpriseProfile, Residency
from matchhub.profiles.news import ResidencyChanged
from matchhub.profiles.queries import open_residency_of, profile_of, visible_to
from tests.cast import Cast, stored
from tests.integration.profiles.conftest import actor_of

SignIn = Callable[[Membership], FlaskClient]


def application(people: Cast, firm: str = "qingtian", carrier: str = "gedian") -> int:
    with unit_of_work() as session:
        member = getattr(people, firm)
        row = services.apply(
            session.get_one(Organization, member.organization_id), getattr(people, carrier).organization_id,
            actor=actor_of(member), now=utcnow(),
        )  # fmt: skip
        session.flush()
        return row.id


def residency_of(people: Cast, firm: str = "xinghe") -> int:
    row = open_residency_of(db.session(), getattr(people, firm).organization_id)
    assert row is not None
    return row.id


def relation(people: Cast, viewer: str, firm: str = "xinghe") -> Relation:
    db.session.rollback()
    profile = profile_of(db.session(), getattr(people, firm).organization_id)
    assert profile is not None
    return visible_to(actor_of(getattr(people, viewer)), profile, now=utcnow()).relation


def test_a_firm_applies_once(profiles: Cast, sign_in: SignIn) -> None:
    client = sign_in(profiles.qingtian)
    target = {"carrier_id": str(profiles.gedian.organization_id)}

    assert client.post("/residencies", data=target).status_code == 302
    assert client.post("/residencies", data=target).status_code == 409
    assert len(db.session.scalars(select(Residency).where(Residency.status == ResidencyStatus.APPLIED)).all()) == 1


@pytest.mark.parametrize("chosen", ["", "0", "999999", "x"])
def test_an_application_to_no_carrier_is_refused(chosen: str, profiles: Cast, sign_in: SignIn) -> None:
    assert sign_in(profiles.qingtian).post("/residencies", data={"carrier_id": chosen}).status_code == 422


def test_an_investor_cannot_apply(profiles: Cast, sign_in: SignIn) -> None:
    assert sign_in(profiles.yuanshan).post("/residencies", data={"carrier_id": "1"}).status_code == 403


def test_the_carrier_admits_and_looks_after_the_firm_from_now_on(profiles: Cast, sign_in: SignIn) -> None:
    row = application(profiles)
    assert relation(profiles, "gedian", "qingtian") is Relation.MEMBER

    assert sign_in(profiles.gedian).post(f"/residencies/{row}/admission").status_code == 302
    assert stored(Residency, row, lambda r: (r.status, r.entered_on is not None)) == (ResidencyStatus.ADMITTED, True)
    assert relation(profiles, "gedian", "qingtian") is Relation.STEWARD
    assert sign_in(profiles.gedian).post(f"/residencies/{row}/admission").status_code == 409


@pytest.mark.parametrize(("who", "status"), [("binjiang", 404), ("qingtian", 403), ("city", 403), ("yuanshan", 404)])
def test_only_that_carrier_answers(who: str, status: int, profiles: Cast, sign_in: SignIn) -> None:
    row = application(profiles)

    assert sign_in(getattr(profiles, who)).post(f"/residencies/{row}/admission").status_code == status
    assert stored(Residency, row, lambda r: r.status) is ResidencyStatus.APPLIED


def test_a_refusal_and_an_exit_need_a_reason(profiles: Cast, sign_in: SignIn) -> None:
    row = application(profiles)
    client = sign_in(profiles.gedian)

    assert client.post(f"/residencies/{row}/refusal", data={"reason": ""}).status_code == 422
    assert client.post(f"/residencies/{row}/refusal", data={"reason": "满员"}).status_code == 302
    assert stored(Residency, row, lambda r: (r.status, r.reason)) == (ResidencyStatus.REFUSED, "满员")
    assert sign_in(profiles.binjiang).post(f"/residencies/{residency_of(profiles)}/exit").status_code == 422


def test_moving_ends_the_old_and_the_old_carrier_sees_nothing_more(profiles: Cast, sign_in: SignIn) -> None:
    old, row = residency_of(profiles), application(profiles, "xinghe", "gedian")
    assert relation(profiles, "binjiang") is Relation.STEWARD  # the control: before the move it does see the firm
    assert relation(profiles, "echeng") is Relation.STEWARD

    assert sign_in(profiles.gedian).post(f"/residencies/{row}/admission").status_code == 302

    assert relation(profiles, "binjiang") is Relation.MEMBER
    assert relation(profiles, "echeng") is Relation.MEMBER
    assert relation(profiles, "gedian") is relation(profiles, "gedian_officer") is Relation.STEWARD
    assert stored(Residency, old, lambda r: (r.status, r.moved_to)) == (ResidencyStatus.EXITED, "双创谷")
    firm = profiles.xinghe.organization_id
    assert stored(Organization, firm, lambda o: o.district_code) == "EZ-GD"


def test_the_move_is_told_once_with_carrier_and_district(profiles: Cast) -> None:
    heard: list[Any] = []

    def listener(item: Any, *, now: Any) -> None:
        heard.append((item.enterprise_id, item.carrier_id, item.district_code))

    NEWSROOM.subscribe(ResidencyChanged, listener)
    row = application(profiles, "xinghe", "gedian")
    with unit_of_work() as session:
        services.admit(session.get_one(Residency, row), actor=actor_of(profiles.gedian), now=utcnow())
    NEWSROOM._listeners[ResidencyChanged].remove(listener)

    assert heard == [(profiles.xinghe.organization_id, profiles.gedian.organization_id, "EZ-GD")]


def test_leaving_takes_the_carrier_away(profiles: Cast, sign_in: SignIn) -> None:
    row = residency_of(profiles)
    client = sign_in(profiles.binjiang)

    assert client.post(f"/residencies/{row}/exit", data={"reason": "搬走", "on": "2000-01-01"}).status_code == 422
    assert client.post(f"/residencies/{row}/exit", data={"reason": "搬走", "on": "2999-01-01"}).status_code == 422
    assert client.post(f"/residencies/{row}/exit", data={"reason": "搬走"}).status_code == 302
    profile = profile_of(db.session(), profiles.xinghe.organization_id)
    assert isinstance(profile, EnterpriseProfile) and profile.carrier_id is None
    assert relation(profiles, "binjiang") is Relation.MEMBER


def test_graduation_follows_incubation(profiles: Cast, sign_in: SignIn) -> None:
    row = application(profiles)
    client = sign_in(profiles.gedian)
    client.post(f"/residencies/{row}/admission", data={"on": "2025-01-06"})

    assert client.post(f"/residencies/{row}/incubation", data={"on": "2025-02-06"}).status_code == 302
    assert client.post(f"/residencies/{row}/graduation").status_code == 302
    assert stored(Residency, row, lambda r: (r.status, str(r.incubation_from))) == (
        ResidencyStatus.GRADUATED,
        "2025-02-06",
    )


def test_the_firm_takes_its_question_back(profiles: Cast, sign_in: SignIn) -> None:
    row = application(profiles)

    assert sign_in(profiles.gedian).post(f"/residencies/{row}/withdrawal").status_code == 403
    assert sign_in(profiles.qingtian).post(f"/residencies/{row}/withdrawal").status_code == 302
    assert stored(Residency, row, lambda r: r.status) is ResidencyStatus.EXITED


@pytest.mark.parametrize(
    ("who", "count"), [("binjiang", 1), ("gedian", 0), ("echeng", 1), ("gedian_officer", 0), ("city", 1), ("xinghe", 1)]
)
def test_everybody_sees_the_residencies_in_their_care(who: str, count: int, profiles: Cast, sign_in: SignIn) -> None:
    page = sign_in(getattr(profiles, who)).get("/residencies").text

    assert page.count('<th scope="row"><a href="/residencies/') == count


def test_the_list_costs_the_same_for_one_row_and_for_three(profiles: Cast, sign_in: SignIn) -> None:
    client = sign_in(profiles.city)
    one = _queries(client, "/residencies")
    application(profiles, "qingtian", "gedian")
    application(profiles, "xinghe", "gedian")

    assert _queries(client, "/residencies") == one


def _queries(client: FlaskClient, path: str) -> int:
    counted: list[str] = []

    def count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        counted.append(statement)

    client.get(path)
    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len([statement for statement in counted if statement.lstrip().upper().startswith("SELECT")])


def imported(people: Cast) -> int:
    """星河科技 as a roster leaves a firm: in 滨江孵化器, with nobody of its own. The residency's id."""
    with unit_of_work() as session:
        session.get_one(Organization, people.xinghe.organization_id).is_claimed = False
        session.get_one(Membership, people.xinghe.id).state = MembershipState.ENDED
    return residency_of(people)


ASKED = {"name": "秦岚", "address": "qin@xinghe-tech.example"}


def test_a_carrier_invites_somebody_to_answer_for_an_imported_firm(profiles: Cast, sign_in: SignIn) -> None:
    row, client = imported(profiles), sign_in(profiles.binjiang)
    assert "邀请企业的人" in client.get(f"/residencies/{row}").text

    answer = client.post(f"/residencies/{row}/invitations", data=ASKED)

    found = db.session.scalars(select(Invitation)).one()
    assert "/invitations/" in answer.text  # no mail server here: the link is shown, once
    assert (found.organization_id, found.role, found.address) == (
        profiles.xinghe.organization_id, Role.OWNER, "qin@xinghe-tech.example",
    )  # fmt: skip


def test_who_accepts_such_an_invitation_claims_the_firm(profiles: Cast, app: App) -> None:
    row, now = imported(profiles), utcnow()
    heard: list[int] = []
    NEWSROOM.subscribe(OrganizationClaimed, lambda item, *, now: heard.append(item.organization.id))
    with unit_of_work() as session:
        person = User(name="秦岚", email=ASKED["address"])
        session.add(person)
        residency = session.get_one(Residency, row)
        invitation, _ = services.invite_firm(residency, **ASKED, actor=actor_of(profiles.binjiang), now=now)
        session.flush()
        accounts.accept_invitation(invitation, actor=Actor(user_id=person.id), now=now)

    assert stored(Organization, profiles.xinghe.organization_id, lambda o: o.is_claimed) is True
    assert heard == [profiles.xinghe.organization_id]


@pytest.mark.parametrize(("who", "status"), [("gedian", 404), ("xinghe", 403), ("city", 403), ("yuanshan", 404)])
def test_nobody_else_invites_into_an_imported_firm(who: str, status: int, profiles: Cast, sign_in: SignIn) -> None:
    row = residency_of(profiles)
    with unit_of_work() as session:
        session.get_one(Organization, profiles.xinghe.organization_id).is_claimed = False

    assert sign_in(getattr(profiles, who)).post(f"/residencies/{row}/invitations", data=ASKED).status_code == status
    assert db.session.scalars(select(Invitation)).all() == []


def test_a_firm_with_people_of_its_own_is_not_invited_into(profiles: Cast, sign_in: SignIn) -> None:
    row, client = residency_of(profiles), sign_in(profiles.binjiang)

    assert "邀请企业的人" not in client.get(f"/residencies/{row}").text
    assert client.post(f"/residencies/{row}/invitations", data=ASKED).status_code == 409


@pytest.mark.parametrize("address", ["", "nobody", "1234"])
def test_an_invitation_needs_an_address(address: str, profiles: Cast, sign_in: SignIn) -> None:
    row = imported(profiles)

    answer = sign_in(profiles.binjiang).post(f"/residencies/{row}/invitations", data={"name": "", "address": address})

    assert answer.status_code == 422
    assert db.session.scalars(select(Invitation)).all() == []


def test_the_residencies_leave_as_a_table(profiles: Cast, sign_in: SignIn) -> None:
    answer = sign_in(profiles.binjiang).get("/residencies/export.xlsx")

    rows = read_rows(answer.data, max_rows=100, max_columns=20)
    assert rows[0][:2] == ["企业", "载体"]
    assert "星河科技" in str(rows[1][0])
    assert len(sign_in(profiles.gedian).get("/residencies/export.xlsx").data) > 0
    assert sign_in(profiles.yuanshan).get("/residencies/export.xlsx").status_code == 403
