"""A person's own data: all of it shown and given, of nobody else; forgotten on request, and what stays is a number."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, LargeBinary, or_, select, String
from sqlalchemy.orm import Session

from matchhub.accounts.enums import MembershipState, Role
from matchhub.accounts.models import Membership, User
from matchhub.console.personal.parts import COLUMNS, NOT_GIVEN, PARTS
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import Base, db, unit_of_work
from matchhub.core.sheets import read_rows
from matchhub.events.enums import RegistrationSource, RegistrationState
from matchhub.events.models import Registration, SeatPool
from matchhub.profiles.models import Profile
from tests.cast import Cast, take
from tests.integration import pairs
from tests.integration.accounts.conftest import PASSWORD, with_password
from tests.integration.events.conftest import register, salon

LATER = timedelta(minutes=16)
Enter = Callable[[Membership], FlaskClient]
NAME, EMAIL, MOBILE = "金丝雀姓名", "canary-person@xinghe.example", "13900001234"


@pytest.fixture
def scene(people: Cast) -> pairs.Scene:
    """星河科技's owner, found by name and addresses nowhere else: the contact of the firm, with consents, a seat, letters."""
    with unit_of_work() as session:
        user = session.get_one(User, people.xinghe.user_id)
        user.name, user.email, user.mobile = NAME, EMAIL, MOBILE
    scene = pairs.stage(people)
    with unit_of_work() as session:
        profile = session.scalars(select(Profile).where(Profile.organization_id == people.xinghe.organization_id)).one()
        profile.contact_name, profile.contact_email, profile.contact_mobile = NAME, EMAIL, MOBILE
        profile.last_submission = {"contact_name": NAME, "summary": "主业"}
    pairs.agreed(scene)
    firm = replace(pairs.actor(people.xinghe), name=NAME)
    register(salon(pairs.actor(people.binjiang)), firm)
    with_password(people.xinghe)
    return scene


def second_owner(people: Cast) -> None:
    """Somebody else answers for the firm, too."""
    with unit_of_work() as session:
        user = User(name="接任者", email="next@xinghe.example")
        session.add(user)
        session.flush()
        session.add(Membership(
            user_id=user.id, organization_id=people.xinghe.organization_id, role=Role.OWNER,
            state=MembershipState.ACTIVE,
        ))  # fmt: skip


def where_it_says(*words: str) -> set[str]:
    """The columns of the whole database in which one of these words stands."""
    found = set()
    with Session(db.engine) as session:
        for table in Base.metadata.tables.values():
            for column in table.columns:
                text = func.coalesce(column.cast(String), "")
                hits = [text.contains(word) | text.contains(json.dumps(word)[1:-1], autoescape=True) for word in words]
                if isinstance(column.type, LargeBinary):
                    continue
                if session.scalar(select(func.count()).select_from(table).where(or_(*hits))):
                    found.add(f"{table.name}.{column.name}")
    return found


def test_no_column_that_names_a_person_is_left_out() -> None:
    """The control of completeness: a new table stands among the parts, or with a reason among what is not given."""
    names = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.target_fullname == "user.id" for key in column.foreign_keys)
        or column.name in ("actor_user_id", "recipient_user_id", "user_id", "uploaded_by_id")
    }
    given = {f"{part.table}.{part.by}" for part in PARTS if part.by and not part.via}
    assert names - given - set(NOT_GIVEN) == set()
    assert set(NOT_GIVEN) <= names and not given & set(NOT_GIVEN)
    assert {name for part in PARTS for name in part.columns} == set(COLUMNS)


def test_all_that_is_kept_of_a_person_is_shown_and_given(scene: pairs.Scene, people: Cast, sign_in: Enter) -> None:
    client = sign_in(people.xinghe)
    page = client.get("/account/personal-data").text
    assert all(word in page for word in (NAME, EMAIL, MOBILE, "活动报名", "给出的授权", "资料里的联系人", "操作记录"))
    told = json.loads(client.get("/account/personal-data.json").data)
    assert told["user"][0]["email"] == EMAIL and told["registration"][0]["mobile"] in (MOBILE, "")
    contact = told["profile"][0]
    assert (contact["contact_name"], contact["contact_email"], contact["contact_mobile"]) == (NAME, EMAIL, MOBILE)
    index = read_rows(client.get("/account/personal-data.xlsx").data, max_rows=80, max_columns=5)
    assert {row[0]: row[1] for row in index[1:]}["账户"] == 1
    assert len(told) == len(index) - 1

    held = where_it_says(NAME, EMAIL, MOBILE)
    given = {f"{part.table}.{name}" for part in PARTS for name in part.columns}
    assert held - given <= {"profile.last_submission"}, "a copy of the profile as it was sent in"


def test_nothing_of_anybody_else_is_given(scene: pairs.Scene, people: Cast, sign_in: Enter) -> None:
    content = sign_in(people.qingtian).get("/account/personal-data.json").data.decode()
    assert NAME not in content and EMAIL not in content and MOBILE not in content
    assert {row["organization_id"] for row in json.loads(content)["membership"]} == {people.qingtian.organization_id}


def test_a_copy_asks_for_the_password_and_for_no_reason(scene: pairs.Scene, people: Cast, sign_in: Enter) -> None:
    officer, firm = sign_in(with_password(people.city)), sign_in(people.xinghe)
    assert officer.get("/account/personal-data.json").status_code == 200  # no reason: it is about oneself
    with time_machine.travel(utcnow() + LATER, tick=False):
        for client in (officer, firm):
            assert client.get("/account/personal-data.json").location.startswith("/session/confirmation")
            assert client.get("/account/erasure").location.startswith("/session/confirmation")
            assert client.post("/account/erasures", data={"understood": "y"}).location == "/account/erasure"
        firm.post("/session/confirmations", data={"next": "/account/personal-data.json", "current": PASSWORD})
        assert firm.get("/account/personal-data.json").status_code == 200
        assert firm.get("/account/erasure").status_code == 200


def test_who_is_forgotten_stands_nowhere_and_the_trail_keeps_the_number(
    scene: pairs.Scene, people: Cast, sign_in: Enter
) -> None:
    second_owner(people)
    client = sign_in(people.xinghe)
    before = where_it_says(NAME, EMAIL, MOBILE)
    assert {"user.name", "user.email", "registration.name", "profile.contact_name"} <= before
    assert client.post("/account/erasures", data={}).status_code == 422
    assert client.post("/account/erasures", data={"understood": "y"}).status_code == 200

    assert where_it_says(NAME, EMAIL, MOBILE) == set()
    assert client.get("/account").status_code == 302
    with Session(db.engine) as session:
        user = session.get_one(User, people.xinghe.user_id)
        seat = session.scalars(select(Registration).where(Registration.user_id == user.id)).one()
        row = session.scalars(select(AuditEvent).where(AuditEvent.action == "user:erase")).one()
        assert (user.name, user.password_hash, user.disabled_at is not None) == (f"#{user.id}", None, True)
        assert (seat.name, seat.state) == (f"#{user.id}", RegistrationState.CANCELLED)
        assert (row.actor_user_id, row.object_id) == (user.id, user.id)
        membership = session.get_one(Membership, people.xinghe.id)
        assert membership.state is MembershipState.ENDED
    assert sign_in(people.auditor).get(f"/audit-events?person=%23{people.xinghe.user_id}").status_code == 200


def test_the_only_owner_and_the_only_administrator_hand_over_first(
    scene: pairs.Scene, people: Cast, sign_in: Enter
) -> None:
    for who, name in ((people.xinghe, "星河科技"), (people.administrator, "运行组")):
        client = sign_in(who)
        page = client.get("/account/erasure").text
        assert name in page and "先请同事接任" in page and "注销并删除" not in page
        assert client.post("/account/erasures", data={"understood": "y"}).status_code == 409
    assert "user.name" in where_it_says(NAME)


def test_the_administrator_answers_for_who_cannot_sign_in(scene: pairs.Scene, people: Cast, sign_in: Enter) -> None:
    admin, where = sign_in(people.administrator), "/administration/personal-requests"
    assert "没有别人负责" in admin.get(f"{where}?q={MOBILE}").text
    second_owner(people)
    page = admin.get(f"{where}?q={MOBILE}").text
    assert NAME in page and "活动报名" in page and EMAIL not in page
    assert admin.post(f"{where}/erasures", data={"address": MOBILE, "reason": " "}).status_code == 422
    assert admin.post(f"{where}/erasures", data={"address": MOBILE, "reason": "书面申请"}).status_code == 302
    assert where_it_says(NAME, EMAIL, MOBILE) == set()
    page = admin.get(f"/administration/people/{people.xinghe.user_id}").text
    assert "已注销" in page and "发重置码" not in page and "erased.invalid" not in page
    listed = admin.get(f"/administration/people?q=%23{people.xinghe.user_id}").text
    assert "已注销" in listed and "erased.invalid" not in listed
    book = take(admin, "/administration/people/export.xlsx").data
    assert "erased.invalid" not in str(read_rows(book, max_rows=99, max_columns=9))
    assert "没有保存这个地址" in admin.get(f"{where}?q={MOBILE}").text
    assert "这不是邮箱" in admin.get(f"{where}?q=%25").text
    with Session(db.engine) as session:
        row = session.scalars(select(AuditEvent).where(AuditEvent.action == "user:erase")).one()
        assert (row.actor_user_id, row.details["reason"]) == (people.administrator.user_id, "书面申请")
        looked = session.scalars(select(AuditEvent).where(AuditEvent.action == "personal:look-up")).all()
        assert looked and all(MOBILE not in str(one.details) for one in looked)


def test_a_guest_without_an_account_gets_a_copy_and_is_forgotten(
    scene: pairs.Scene, people: Cast, sign_in: Enter
) -> None:
    guest, now = "guest-canary@mail.example", utcnow()
    event_id = salon(pairs.actor(people.binjiang))
    with unit_of_work() as session:
        pool_id = session.scalars(select(SeatPool.id).where(SeatPool.event_id == event_id)).first()
        session.add(Registration(
            event_id=event_id, pool_id=pool_id, person_key=f"mail:{guest}", name="金丝雀访客", email=guest,
            state=RegistrationState.WAITLISTED, source=RegistrationSource.SELF, joined_at=now, waiting_since=now, answers={},
        ))  # fmt: skip
    admin, where = sign_in(people.administrator), "/administration/personal-requests"
    book = take(admin, f"{where}/copy.xlsx?q={guest}").data
    assert read_rows(book, max_rows=9, max_columns=3)[1] == ["活动报名", 1]
    assert admin.post(f"{where}/erasures", data={"address": guest, "reason": "来信"}).status_code == 302
    assert where_it_says(guest, "金丝雀访客") == set()


def test_requests_are_for_the_administrator_only(people: Cast, sign_in: Enter) -> None:
    for who in (people.city, people.auditor, people.xinghe):
        client = sign_in(who)
        assert client.get("/administration/personal-requests").status_code == 403
        assert client.get("/administration/personal-requests/copy.xlsx?q=a@b.example").status_code == 403
        answer = client.post("/administration/personal-requests/erasures", data={"address": EMAIL, "reason": "x"})
        assert answer.status_code == 403
