"""Invitations: in waves, with the cap and the stop kept, answered without signing in, reminded once, and from a table."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.models import Membership, Organization
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import MailState, Notice
from matchhub.core.policy import Actor
from matchhub.events import queries, services
from matchhub.events.enums import (
    EventState,
    FieldKind,
    InvitationState,
    RegistrationSource,
    RegistrationState,
    SeatRole,
)
from matchhub.events.imports import read_guests
from matchhub.events.models import Event, EventInvitation, InvitationStop, Registration
from matchhub.events.notices.invitations import personal_path
from matchhub.events.queries import Invitee
from matchhub.events.services import Applicant, OutsideGuest, QuestionFacts
from tests.cast import Cast
from tests.integration.events.test_calls import calling
from tests.integration.pairs import actor

GUEST = OutsideGuest("白鹭", "Bai@Example.cn", "白鹭资本", role=SeatRole.GUEST)


@dataclass
class Doors:
    """A published roadshow of 滨江孵化器; ids only."""

    event_id: int
    host: Actor
    fund: Membership

    def event(self) -> Event:
        db.session.expire_all()
        return db.session.get_one(Event, self.event_id)

    def invitee(self) -> Invitee:
        organization = db.session.get_one(Organization, self.fund.organization_id)
        return Invitee(self.fund.user_id, "远山", organization, SeatRole.INVESTOR, 3, 8, ("new_materials",), 2.0)

    def send(self, *people: Invitee | OutsideGuest) -> tuple[int, int]:
        with unit_of_work():
            wave, left_out = services.send_wave(self.event(), people, actor=self.host, now=utcnow())
            return wave.number, left_out

    def row(self, key: str | None = None) -> EventInvitation:
        db.session.expire_all()
        found = queries.invitation_to(db.session(), self.event_id, key or f"user:{self.fund.user_id}")
        assert found is not None
        return found


@pytest.fixture
def doors(people: Cast) -> Doors:
    return Doors(calling(actor(people.binjiang)), actor(people.binjiang), people.yuanshan)


def letters(kind: str = "event_invited") -> list[Notice]:
    db.session.expire_all()
    return list(db.session.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.id)))


def test_the_letter_says_why_in_the_readers_language_and_carries_the_token_in_mail_alone(doors: Doors) -> None:
    assert doors.send(doors.invitee(), GUEST) == (1, 0)

    fund, guest = letters()
    assert fund.values["why"]["zh"].startswith("8 个项目中有 3 个与你的方向相符")
    assert fund.values["why"]["en"].startswith("3 of 8 projects are in your field")
    assert guest.values["why"] == ""
    code = services.invitation_code(doors.row())
    assert personal_path(fund) == f"/event-invitations/{code}"
    assert fund.path == f"/events/{doors.event_id}"
    assert guest.address == "Bai@Example.cn"
    stored = repr(db.session.execute(select(EventInvitation.__table__)).all())
    assert str(code) not in stored  # a copy of the database answers for nobody


def test_nobody_is_invited_twice_or_beyond_the_cap_or_against_the_own_word(doors: Doors, people: Cast) -> None:
    doors.send(doors.invitee())
    with pytest.raises(errors.Conflict):
        doors.send(doors.invitee())
    for _ in range(2):
        other = Doors(calling(doors.host), doors.host, doors.fund)
        other.send(other.invitee())
    fourth = Doors(calling(doors.host), doors.host, doors.fund)
    assert fourth.send(fourth.invitee(), GUEST) == (1, 1)  # three this month already
    with unit_of_work():
        services.stop_invitations(fourth.row("mail:bai@example.cn"), now=utcnow())
    fifth = Doors(calling(doors.host), doors.host, doors.fund)
    with pytest.raises(errors.Conflict):
        fifth.send(GUEST)
    with pytest.raises(errors.Forbidden), unit_of_work():
        services.send_wave(fifth.event(), [GUEST], actor=actor(people.gedian), now=utcnow())
    assert len(letters()) == 4


def test_whoever_holds_the_address_answers_without_signing_in_and_may_think_again(doors: Doors, app: object) -> None:
    doors.send(GUEST)
    code = services.invitation_code(doors.row(GUEST.key))
    visitor, address = app.test_client(), f"/event-invitations/{code}"  # type: ignore[attr-defined]
    page = visitor.get(address).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    data = {"csrf_token": token[1]} if token else {}

    assert "我来" in page
    assert visitor.post(f"{address}/acceptance", data=data).status_code == 302
    held = db.session.scalars(select(Registration)).one()
    assert (held.source, held.person_key) == (RegistrationSource.INVITATION, "mail:bai@example.cn")
    assert held.state is RegistrationState.REGISTERED  # whom the organizer invited needs no approval
    assert doors.row(GUEST.key).state is InvitationState.ACCEPTED
    assert visitor.post(f"{address}/refusal", data=data).status_code == 302
    db.session.expire_all()
    assert db.session.scalars(select(Registration.state)).one() is RegistrationState.CANCELLED
    assert visitor.post(f"{address}/end", data=data).status_code == 302
    assert db.session.scalars(select(InvitationStop.person_key)).all() == ["mail:bai@example.cn"]
    assert visitor.get("/event-invitations/AAAAAAAAAAAAAAAAAAAAAAAAAA").status_code == 404
    assert visitor.get(f"/event-invitations/{code}X").status_code == 404


def test_the_invited_are_asked_what_the_form_asks_in_their_role_and_nothing_is_lost(doors: Doors, app: object) -> None:
    with unit_of_work() as session:
        event = doors.event()
        for row in list(event.fields):
            services.remove_question(row, actor=doors.host, now=utcnow())
        for facts in (
            QuestionFacts(
                FieldKind.CHOICE,
                "午餐",
                options=("素餐", "普通"),
                required=True,
                roles=(SeatRole.GUEST, SeatRole.PUBLIC),
            ),
            QuestionFacts(FieldKind.TEXT, "忌口"),
            QuestionFacts(FieldKind.TEXT, "企业才问", required=True, roles=(SeatRole.ENTERPRISE,)),
        ):
            services.add_question(event, facts, seen=event.version, actor=doors.host, now=utcnow())
            session.flush()
        keys = [row.key for row in event.fields]
    doors.send(GUEST)
    code = services.invitation_code(doors.row(GUEST.key))
    visitor, address = app.test_client(), f"/event-invitations/{code}"  # type: ignore[attr-defined]
    page = visitor.get(address).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    data = {"csrf_token": token[1]} if token else {}

    refused = visitor.post(f"{address}/acceptance", data={**data, f"answer-{keys[1]}": "不吃辣"})

    assert ("午餐" in page, "企业才问" in page) == (True, False)
    assert refused.status_code == 422
    assert 'value="不吃辣"' in refused.text
    assert db.session.scalars(select(Registration)).all() == []
    answers = {f"answer-{keys[0]}": "素餐", f"answer-{keys[1]}": "不吃辣"}
    assert visitor.post(f"{address}/acceptance", data={**data, **answers}).status_code == 302
    db.session.expire_all()
    assert db.session.scalars(select(Registration.answers)).one() == {keys[0]: "素餐", keys[1]: "不吃辣"}


def test_a_full_room_puts_the_invited_in_the_line_and_never_oversells(doors: Doors) -> None:
    with unit_of_work():
        for pool in queries.pools_of(db.session(), doors.event_id):
            services.set_capacity(pool, 0, actor=doors.host, now=utcnow())
    doors.send(GUEST)
    with unit_of_work():
        held = services.accept_invitation(doors.row(GUEST.key), now=utcnow())
        assert held.state is RegistrationState.WAITLISTED


def test_whoever_registers_by_another_way_has_accepted(doors: Doors) -> None:
    doors.send(doors.invitee())
    person = actor(doors.fund)
    with unit_of_work():
        services.register(doors.event(), SeatRole.INVESTOR, Applicant.of(person), actor=person, now=utcnow())

    assert doors.row().state is InvitationState.ACCEPTED
    assert db.session.scalars(select(Registration.invitation_id)).one() == doors.row().id


def test_one_reminder_for_whoever_has_not_answered_and_none_for_the_others(doors: Doors) -> None:
    silent, other = OutsideGuest("青山", "qing@example.cn"), OutsideGuest("绿水", "lv@example.cn")
    doors.send(GUEST, silent, other)
    with unit_of_work():
        services.decline_invitation(doors.row(GUEST.key), now=utcnow())
        services.withdraw_invitation(doors.row(other.key), actor=doors.host)
    assert remind(2) == 0
    assert remind(4) == 1
    assert remind(6) == 0
    assert [notice.address for notice in letters("event_invitation_reminder")] == ["qing@example.cn"]
    assert letters()[2].mail_state is MailState.CANCELLED  # taken back before it left
    with pytest.raises(errors.Conflict), unit_of_work():
        services.accept_invitation(doors.row(other.key), now=utcnow())


def remind(days: int) -> int:
    with unit_of_work():
        return services.remind_invited(now=utcnow() + timedelta(days=days))


def test_unanswered_invitations_end_when_nobody_can_register_any_more(doors: Doors) -> None:
    doors.send(GUEST)
    with unit_of_work():
        assert services.lapse_invitations(now=utcnow()) == 0
        doors.event().state = EventState.CANCELLED
    with unit_of_work():
        assert services.lapse_invitations(now=utcnow()) == 1
    assert doors.row(GUEST.key).state is InvitationState.LAPSED


TABLE = """姓名,机构,邮箱,身份,语言
白鹭,白鹭资本,bai@example.cn,投资机构,
Ann Lee,Lee Ventures,ann@example.com,嘉宾,英文
,无名,x@example.cn,,
青山,,不是邮箱,,
再来,,BAI@example.cn,,
怪客,,odd@example.cn,国王,
"""


def test_a_table_of_guests_is_read_line_by_line_with_what_is_wrong_in_each_cell(doors: Doors) -> None:
    found = read_guests(TABLE.encode(), db.session(), doors.event())

    told = [(guest.name, guest.role.value, guest.locale) for guest in found.guests]
    assert told == [("白鹭", "investor", "zh"), ("Ann Lee", "guest", "en")]
    wrong = [(problem.line, problem.column) for problem in found.preview.problems]
    assert wrong == [(4, "姓名"), (5, "邮箱"), (6, "邮箱"), (7, "身份")]
    doors.send(*found.guests)
    again = read_guests(TABLE.encode(), db.session(), doors.event())
    assert again.guests == []
    assert again.preview.count("same") == 2
    with pytest.raises(errors.Invalid):
        read_guests("随便,什么\n1,2\n".encode(), db.session(), doors.event())


def test_the_pages_of_the_organizer(doors: Doors, people: Cast, sign_in: Callable[[Membership], FlaskClient]) -> None:
    organizer, stranger = sign_in(people.binjiang), sign_in(people.gedian)
    base = f"/events/{doors.event_id}"
    assert organizer.get(f"{base}/cockpit/invitations").status_code == 200
    assert organizer.get(f"{base}/cockpit/guests/template.xlsx").status_code == 200
    assert organizer.post(f"{base}/guest-tables", data={}).status_code == 422

    sent = organizer.post(f"{base}/guest-tables", data={"file": (io.BytesIO(TABLE.encode()), "guests.csv")})

    assert sent.status_code == 302
    assert "填写这一格" in organizer.get(sent.location).text
    assert stranger.get(sent.location).status_code == 404
    assert letters() == []  # nothing leaves before it is confirmed
    assert organizer.post(f"{sent.location}/application").status_code == 302
    assert [notice.locale for notice in letters()] == ["zh", "en"]
    assert "白鹭资本" in organizer.get(f"{base}/cockpit/invitations").text
    row = doors.row("mail:ann@example.com")
    assert stranger.post(f"/event-invitations/{row.id}/withdrawal").status_code == 404
    assert organizer.post(f"/event-invitations/{row.id}/withdrawal").status_code == 302
    assert organizer.post(f"{base}/invitation-waves", data={}).status_code == 409
