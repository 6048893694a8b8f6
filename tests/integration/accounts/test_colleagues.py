"""Colleagues: invited, answered, given roles, removed, leaving; and never an organization without an owner."""

import re
import threading
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from matchhub.accounts import services
from matchhub.accounts.enums import MembershipState, OrganizationStatus, Role
from matchhub.accounts.models import Invitation, Membership, Organization, OrganizationName, User, UserSession
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.core.web import App
from tests.cast import Browser, Cast, stored
from tests.integration.accounts.conftest import PASSWORD
from tests.integration.accounts.test_registration import acting

NEW = {"name": "陈新", "password": PASSWORD, "accept": "y"}


def invited(client: FlaskClient, address: str = "chen@xinghe.example", role: str = "editor") -> str:
    page = client.post("/invitations", data={"address": address, "role": role})
    assert page.status_code == 200, page.text
    found = re.search(r"/invitations/([\w-]+)<", page.text)
    assert found
    return found.group(1)


def colleague_of(membership: Membership, email: str = "li@xinghe.example", role: Role = Role.EDITOR) -> int:
    organization_id = membership.organization_id
    with unit_of_work() as session:
        user = User(name="李工", email=email)
        session.add(user)
        session.flush()
        row = Membership(user_id=user.id, organization_id=organization_id, role=role)
        session.add(row)
        session.flush()
        return row.id


def count(model: type, *conditions: object) -> int:
    with Session(db.engine) as session:
        return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def test_an_invited_person_comes_in_with_a_new_account(
    people: Cast, sign_in: Callable, stranger: Browser, text_ids: str
) -> None:
    token = invited(sign_in(people.xinghe))
    assert "星河科技" in stranger.get(f"/invitations/{token}").text
    data = {**NEW, "texts": text_ids}
    assert stranger.post(f"/invitations/{token}/acceptance", data=data).status_code == 302
    assert stranger.get("/colleagues").status_code == 200
    assert stranger.post(f"/invitations/{token}/acceptance", data=data).status_code == 409
    assert count(Membership, Membership.organization_id == people.xinghe.organization_id) == 2


def test_only_the_invited_address_may_accept(people: Cast, sign_in: Callable) -> None:
    token = invited(sign_in(people.xinghe))
    other = sign_in(people.yuanshan)
    assert "发给了另一个地址" in other.get(f"/invitations/{token}").text
    assert other.post(f"/invitations/{token}/acceptance").status_code == 403
    token = invited(sign_in(people.xinghe), "yuanshan@yuanshan.example")
    assert other.post(f"/invitations/{token}/acceptance").status_code == 302
    assert count(Membership, Membership.user_id == people.yuanshan.user_id) == 2


def test_a_stranger_cannot_accept_for_somebody_who_has_an_account(
    people: Cast, sign_in: Callable, stranger: Browser, text_ids: str
) -> None:
    token = invited(sign_in(people.xinghe), "yuanshan@yuanshan.example")
    response = stranger.post(f"/invitations/{token}/acceptance", data={**NEW, "texts": text_ids})
    assert response.status_code == 422
    assert count(Membership, Membership.user_id == people.yuanshan.user_id) == 1


def test_two_acceptances_at_once_make_one_membership(
    app: App, people: Cast, sign_in: Callable, another: Callable
) -> None:
    token = invited(sign_in(people.xinghe), "yuanshan@yuanshan.example")
    clients = [sign_in(people.yuanshan), sign_in(people.yuanshan)]
    prepared = [(client, client._token()) for client in clients]
    answers, gate = [], threading.Barrier(2)

    def accept(client: FlaskClient, csrf: str) -> None:
        gate.wait()
        response = FlaskClient.open(
            client, f"/invitations/{token}/acceptance", method="POST", headers={"X-CSRFToken": csrf}
        )
        answers.append(response.status_code)

    threads = [threading.Thread(target=accept, args=pair) for pair in prepared]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 409]
    assert count(Membership, Membership.user_id == people.yuanshan.user_id) == 2


def test_a_revoked_or_renewed_invitation_is_dead(people: Cast, sign_in: Callable, stranger: Browser) -> None:
    owner = sign_in(people.xinghe)
    first, second = invited(owner), invited(owner)
    assert stranger.get(f"/invitations/{first}").status_code == 409
    with Session(db.engine) as session:
        identity = session.scalar(select(Invitation.id).where(Invitation.revoked_at.is_(None)))
    assert sign_in(people.yuanshan).post(f"/invitations/{identity}/revocation").status_code == 404
    assert owner.post(f"/invitations/{identity}/revocation").status_code == 302
    assert stranger.get(f"/invitations/{second}").status_code == 409
    assert stranger.get("/invitations/not-a-token").status_code == 404


def test_inviting_writes_a_mail_with_the_link(people: Cast, sign_in: Callable) -> None:
    token = invited(sign_in(people.xinghe))
    with Session(db.engine) as session:
        notice = session.scalar(select(Notice).where(Notice.kind == "invited"))
    assert notice and notice.path == f"/invitations/{token}" and notice.address == "chen@xinghe.example"


@pytest.mark.parametrize(
    "data", [{"address": "x", "role": "editor"}, {"address": "a@b.example", "role": "city_officer"}]
)
def test_a_bad_invitation_is_refused(people: Cast, sign_in: Callable, data: dict[str, str]) -> None:
    assert sign_in(people.xinghe).post("/invitations", data=data).status_code == 422
    assert count(Invitation) == 0


def test_only_owners_manage(people: Cast, sign_in: Callable) -> None:
    editor_id = colleague_of(people.xinghe)
    editor = sign_in(db.session.get_one(Membership, editor_id))
    owner_id = people.xinghe.id
    for path in (
        "/invitations", f"/colleagues/{owner_id}/removal", f"/colleagues/{owner_id}/role", "/organization/name",
        "/organization/closure",
    ):  # fmt: skip
        assert editor.post(path, data={"role": "viewer", "address": "a@b.example"}).status_code in (302, 403), path
    assert stored(Membership, owner_id, lambda m: (m.role, m.state)) == (Role.OWNER, MembershipState.ACTIVE)
    assert count(Invitation) == 0


def test_a_colleague_of_another_organization_is_not_there(people: Cast, sign_in: Callable) -> None:
    other = sign_in(people.yuanshan)
    for noun in ("removal", "role", "acceptance", "refusal"):
        assert other.post(f"/colleagues/{people.xinghe.id}/{noun}", data={"role": "viewer"}).status_code == 404


def test_a_new_role_ends_the_sessions_of_that_person(people: Cast, sign_in: Callable) -> None:
    editor_id = colleague_of(people.xinghe)
    editor = sign_in(db.session.get_one(Membership, editor_id))
    owner = sign_in(people.xinghe)
    assert owner.post(f"/colleagues/{editor_id}/role", data={"role": "viewer"}).status_code == 302
    assert stored(Membership, editor_id, lambda m: m.role) is Role.VIEWER
    assert editor.get("/account").status_code == 302
    assert owner.get("/account").status_code == 200


def test_a_removed_colleague_acts_no_more(people: Cast, sign_in: Callable) -> None:
    editor_id = colleague_of(people.xinghe)
    editor, owner = sign_in(db.session.get_one(Membership, editor_id)), sign_in(people.xinghe)
    assert owner.post(f"/colleagues/{editor_id}/removal").status_code == 302
    assert editor.get("/colleagues").status_code == 302
    assert owner.post(f"/colleagues/{editor_id}/removal").status_code == 409


def test_the_only_owner_names_a_successor_before_leaving(people: Cast, sign_in: Callable) -> None:
    owner, owner_id = sign_in(people.xinghe), people.xinghe.id
    assert owner.post("/colleagues/leaving", data={}).status_code == 422
    assert owner.post(f"/colleagues/{owner_id}/role", data={"role": "viewer"}).status_code == 422
    assert owner.post("/colleagues/leaving", data={"successor": f"1{'0' * 30}"}).status_code == 422
    stranger_id = people.yuanshan.id
    assert owner.post("/colleagues/leaving", data={"successor": str(stranger_id)}).status_code == 422
    assert stored(Membership, owner_id, lambda m: m.state) is MembershipState.ACTIVE
    editor_id = colleague_of(people.xinghe)
    assert owner.post("/colleagues/leaving", data={"successor": str(editor_id)}).status_code == 302
    assert stored(Membership, editor_id, lambda m: m.role) is Role.OWNER
    assert stored(Membership, owner_id, lambda m: m.state) is MembershipState.ENDED


def test_renaming_keeps_the_old_name(people: Cast, sign_in: Callable) -> None:
    owner = sign_in(people.xinghe)
    assert owner.post("/organization/name", data={"name": " "}).status_code == 422
    assert owner.post("/organization/name", data={"name": "鄂州星河集团", "short_name": "星河"}).status_code == 302
    assert stored(Organization, people.xinghe.organization_id, lambda o: o.name) == "鄂州星河集团"
    assert count(OrganizationName, OrganizationName.name == "鄂州星河科技有限公司") == 1


def test_closing_ends_all_memberships(people: Cast, sign_in: Callable) -> None:
    owner = sign_in(people.xinghe)
    assert owner.post("/organization/closure").status_code == 302
    assert stored(Organization, people.xinghe.organization_id, lambda o: o.status) is OrganizationStatus.CLOSED
    assert owner.get("/colleagues").status_code == 403


def test_the_page_costs_the_same_for_one_colleague_and_for_three(people: Cast, sign_in: Callable) -> None:
    owner = sign_in(people.xinghe)

    def queries() -> int:
        seen: list[str] = []
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listen)
        assert owner.get("/colleagues").status_code == 200
        event.remove(db.engine, "before_cursor_execute", listen)
        return sum(statement.lstrip().startswith("SELECT") for statement in seen)

    queries()
    db.session.expire_all()
    one = queries()
    for number in range(3):
        colleague_of(people.xinghe, f"li{number}@xinghe.example")
    db.session.expire_all()
    assert queries() == one


def test_acting_for_another_organization_takes_one_post_and_a_new_id(people: Cast, sign_in: Callable) -> None:
    user_id, beidou = people.xinghe.user_id, people.beidou.organization_id
    with unit_of_work() as session:
        second = Membership(user_id=user_id, organization_id=beidou, role=Role.EDITOR)
        session.add(second)
        session.flush()
        second_id = second.id
    client = sign_in(people.xinghe)
    assert client.post(f"/memberships/{people.yuanshan.id}/selection").status_code == 404
    assert client.post(f"/memberships/{second_id}/selection").headers["Location"] == "/"
    assert "北渡创业投资" in client.get("/colleagues").text
    assert count(UserSession, UserSession.user_id == user_id, UserSession.ended_at.is_(None)) == 1


def test_an_administrator_settles_an_owner_where_nobody_can(people: Cast) -> None:
    editor_id, administrator = colleague_of(people.xinghe), acting(people.administrator)
    with unit_of_work() as session:
        services.settle_owner(session.get_one(Membership, editor_id), actor=administrator, now=utcnow())

    assert stored(Membership, editor_id, lambda m: m.role) is Role.OWNER
    user_id = stored(Membership, editor_id, lambda m: m.user_id)
    assert count(Notice, Notice.kind == "owner_settled", Notice.recipient_user_id == user_id) == 1


@pytest.mark.parametrize("who", ["xinghe", "yuanshan", "echeng", "city", "auditor", "binjiang"])
def test_nobody_else_settles_an_owner(people: Cast, who: str) -> None:
    editor_id, actor = colleague_of(people.xinghe), acting(getattr(people, who))
    with pytest.raises(errors.Forbidden), unit_of_work() as session:
        services.settle_owner(session.get_one(Membership, editor_id), actor=actor, now=utcnow())

    assert stored(Membership, editor_id, lambda m: m.role) is Role.EDITOR


def test_only_an_active_member_of_an_organization_is_settled(people: Cast) -> None:
    editor_id, administrator = colleague_of(people.xinghe), acting(people.administrator)
    with unit_of_work() as session:
        session.get_one(Membership, editor_id).state = MembershipState.ENDED
    for membership_id in (editor_id, people.city.id):
        with pytest.raises(errors.Invalid), unit_of_work() as session:
            services.settle_owner(session.get_one(Membership, membership_id), actor=administrator, now=utcnow())


def asking(people: Cast) -> int:
    """北渡's person asks to join 星河科技."""
    user_id, organization_id = people.beidou.user_id, people.xinghe.organization_id
    with unit_of_work() as session:
        row = Membership(
            user_id=user_id, organization_id=organization_id, role=Role.EDITOR, state=MembershipState.REQUESTED
        )
        session.add(row)
        session.flush()
        return row.id


def test_one_takes_back_the_own_request_to_join(people: Cast, sign_in: Callable) -> None:
    membership_id, address = asking(people), "/memberships/%s/withdrawal"
    assert sign_in(people.xinghe).post(address % membership_id).status_code == 404
    assert sign_in(people.qingtian).post(address % membership_id).status_code == 404
    assert stored(Membership, membership_id, lambda m: m.state) is MembershipState.REQUESTED
    own = sign_in(people.beidou)
    assert own.post(address % membership_id).status_code == 302
    assert stored(Membership, membership_id, lambda m: m.state) is MembershipState.ENDED
    assert own.post(address % membership_id).status_code == 409
    assert own.post(address % people.beidou.id).status_code == 409  # an active one is left, not taken back
