"""An organizer changes what the template began: agenda, questions, rules, seats; and takes a part on to the series."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.events import queries, services
from matchhub.events.enums import AgendaKind, EventPart, FieldKind, HolidayRule, PriorityRule, Rhythm, SeatRole
from matchhub.events.models import AgendaItem, Event, FormField, SeatPool
from matchhub.events.services import AgendaRow, QuestionFacts
from tests.cast import stored
from tests.integration.events.conftest import pool, register, salon
from tests.integration.pairs import actor


def form_on(page):
    """name → value of the fields of the page's form, as a browser would send them."""
    main = page[page.index("<main") :]
    found = {}
    for tag in re.findall(r"<input[^>]*>", main):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checked" in tag or not re.search(r'type="(checkbox|radio)"', tag)):
            found[name[1]] = value[1] if value else "y"
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', main, re.S):
        chosen = re.search(r'selected[^>]*value="([^"]*)"|value="([^"]*)"[^>]*selected', body)
        found[name] = (chosen[1] or chosen[2]) if chosen else ""
    return found


def agenda_of(event_id):
    db.session.expire_all()
    rows = db.session.scalars(
        select(AgendaItem).where(AgendaItem.event_id == event_id).order_by(AgendaItem.offset_minutes)
    )
    return [(row.offset_minutes, row.minutes, row.kind.value, row.title, row.speaker) for row in rows]


def test_items_are_reordered_renamed_added_and_left_out_without_scripts(people, sign_in):
    event_id, host = salon(actor(people.binjiang)), sign_in(people.binjiang)
    before = agenda_of(event_id)
    sent = form_on(host.get(f"/events/{event_id}/agenda").text)
    last = len(before) - 1
    sent |= {f"item{last}_order": "5", f"item{last}_speaker": "林教授", "item0_title": "", "item0_minutes": ""}
    new = len(before)
    sent |= {f"item{new}_title": "圆桌", f"item{new}_minutes": "25", f"item{new}_kind": "panel"}

    assert host.post(f"/events/{event_id}/agenda", data=sent).status_code == 302
    after = agenda_of(event_id)

    assert after[0][3:] == (before[last][3], "林教授") and after[-1][1:4] == (25, "panel", "圆桌")
    assert before[0][3] not in [row[3] for row in after]
    assert [row[0] for row in after] == [sum(one[1] for one in after[:n]) for n in range(len(after))]
    minutes, sequence = stored(Event, event_id, lambda e: (e.minutes, e.sequence))
    assert minutes == sum(row[1] for row in after) and sequence == 1  # calendars learn of the new end
    assert "林教授" in host.get(f"/events/{event_id}").text


def test_who_looked_at_an_older_page_is_told_and_changes_nothing(people, sign_in):
    event_id, host = salon(actor(people.binjiang)), sign_in(people.binjiang)
    sent = form_on(host.get(f"/events/{event_id}/agenda").text)
    rules = form_on(host.get(f"/events/{event_id}/rules").text)
    assert host.post(f"/events/{event_id}/agenda", data=sent | {"item0_title": "先到"}).status_code == 302
    before = agenda_of(event_id)

    assert host.post(f"/events/{event_id}/agenda", data=sent | {"item0_title": "后到"}).status_code == 409
    assert host.post(f"/events/{event_id}/rules", data=rules | {"offer_hours": "9"}).status_code == 409
    assert agenda_of(event_id) == before and before[0][3] == "先到"


@pytest.mark.parametrize("change", [{"item0_minutes": "0"}, {"item0_minutes": ""}, {"item0_kind": "dance"}])
def test_an_agenda_must_make_sense(people, sign_in, change):
    event_id, host = salon(actor(people.binjiang)), sign_in(people.binjiang)
    sent, before = form_on(host.get(f"/events/{event_id}/agenda").text), agenda_of(event_id)

    assert host.post(f"/events/{event_id}/agenda", data=sent | change).status_code == 422
    assert agenda_of(event_id) == before


def test_the_item_of_opened_meetings_stays(people):
    host, now = actor(people.binjiang), utcnow()
    event_id = salon(host)
    with unit_of_work() as session:
        event = session.get_one(Event, event_id)
        rows = [AgendaRow(None, AgendaKind.TALK, 30, "分享"), AgendaRow(None, AgendaKind.MEETINGS, 60, "会谈")]
        services.set_agenda(event, rows, seen=event.version, actor=host, now=now)
        services.open_meetings(event, services.RoundFacts(2, now + timedelta(days=9)), actor=host, now=now)
    with pytest.raises(errors.Invalid), unit_of_work() as session:
        event = session.get_one(Event, event_id)
        services.set_agenda(event, rows[:1], seen=event.version, actor=host, now=now)

    with unit_of_work() as session:
        event = session.get_one(Event, event_id)
        meetings = event.agenda[1]
        moved = [AgendaRow(meetings.id, AgendaKind.MEETINGS, 60, "会谈"), AgendaRow(None, AgendaKind.TALK, 30, "分享")]
        services.set_agenda(event, moved, seen=event.version, actor=host, now=now)
    assert [row[2] for row in agenda_of(event_id)] == ["meetings", "talk"]


def test_a_question_is_built_with_a_condition_and_put_to_whom_it_is_for(people, sign_in):
    event_id, host, firm = salon(actor(people.binjiang)), sign_in(people.binjiang), sign_in(people.xinghe)
    for row in db.session.scalars(select(FormField).where(FormField.event_id == event_id)).all():
        host.post(f"/questions/{row.id}/removal")

    def add(**more):
        sent = form_on(host.get(f"/events/{event_id}/questions/new").text)
        return host.post(f"/events/{event_id}/questions", data=sent | more)

    assert add(label="午餐", kind="choice", options="一份").status_code == 422
    assert add(label="午餐", kind="choice", options="素餐\n普通", required="y").status_code == 302
    assert add(label="忌口", kind="text", when="q1=鱼").status_code == 422
    assert add(label="忌口", kind="text", when="q1=素餐", required="y", roles="enterprise").status_code == 302
    assert "「午餐」答 素餐 时" in host.get(f"/events/{event_id}/questions").text

    path = f"/events/{event_id}/registrations"
    assert firm.post(path, data={"role": "enterprise", "answer-q1": "素餐"}).status_code == 422
    assert firm.post(path, data={"role": "enterprise", "answer-q1": "普通"}).status_code == 302

    first, second = db.session.scalars(select(FormField).where(FormField.event_id == event_id).order_by(FormField.id))
    assert host.post(f"/questions/{second.id}/rise").status_code == 409
    assert host.post(f"/questions/{first.id}/removal").status_code == 409
    sent = form_on(host.get(f"/questions/{first.id}").text) | {"label": "吃什么", "kind": "text", "options": ""}
    assert host.post(f"/questions/{first.id}", data=sent).status_code == 422  # answered, and another hangs on it
    sent |= {"kind": "choice", "options": "素餐\n普通\n清真"}
    assert host.post(f"/questions/{first.id}", data=sent).status_code == 302
    assert stored(FormField, first.id, lambda f: (f.label, f.options)) == ("吃什么", ["素餐", "普通", "清真"])


def test_rules_change_but_not_the_order_of_a_line_in_which_people_stand(people, firms, sign_in):
    event_id, host = salon(actor(people.binjiang), seats=1), sign_in(people.binjiang)
    sent = form_on(host.get(f"/events/{event_id}/rules").text) | {"offer_hours": "8", "reminders": "48、1"}
    sent |= {"priority": PriorityRule.VERIFIED.value}
    assert host.post(f"/events/{event_id}/rules", data=sent).status_code == 302
    found = stored(Event, event_id, lambda e: (e.priority, e.offer_hours, e.reminder_hours))
    assert found == (PriorityRule.VERIFIED, 8, [48, 1])
    for guest in firms(2):
        register(event_id, guest)

    sent = form_on(host.get(f"/events/{event_id}/rules").text) | {"priority": PriorityRule.ARRIVAL.value}
    answer = host.post(f"/events/{event_id}/rules", data=sent)

    assert answer.status_code == 422 and "已有 1 人候补" in answer.text
    late = form_on(host.get(f"/events/{event_id}/rules").text) | {"closes_on": "2099-01-01"}
    assert host.post(f"/events/{event_id}/rules", data=late).status_code == 422


def test_a_reminder_that_was_due_before_it_was_set_is_not_made_up_for(people):
    host, now = actor(people.binjiang), utcnow()
    event_id = salon(host, starts_at=now + timedelta(hours=50), now=now)
    with unit_of_work() as session:
        event = session.get_one(Event, event_id)
        facts = services.RuleFacts(event.starts_at - timedelta(hours=1), None, event.priority, 4, [72, 2])
        services.set_rules(event, facts, seen=event.version, actor=host, now=now)

    event = db.session.get_one(Event, event_id)
    assert services.due_reminder(event, now=now + timedelta(minutes=1)) is None
    assert services.due_reminder(event, now=event.starts_at - timedelta(hours=1)) is not None


def test_seats_of_a_role_are_added_asked_for_and_taken_away_while_nobody_has_come(people, firms, sign_in):
    event_id, host = salon(actor(people.binjiang)), sign_in(people.binjiang)
    host.post(f"/events/{event_id}/seat-pools", data={"role": "guest", "seats": "5", "approval": "y"})
    made = pool(event_id, SeatRole.GUEST)
    assert (made.capacity, made.ceiling, made.needs_approval) == (5, 5, True)
    assert host.post(f"/events/{event_id}/seat-pools", data={"role": "guest", "seats": "5"}).status_code == 422
    assert host.post(f"/events/{event_id}/seat-pools", data={"role": "king", "seats": "5"}).status_code == 422

    host.post(f"/seat-pools/{made.id}/admission", data={})
    assert stored(SeatPool, made.id, lambda p: p.needs_approval) is False
    host.post(f"/seat-pools/{made.id}/removal")
    assert db.session.get(SeatPool, made.id, populate_existing=True) is None
    register(event_id, firms(1)[0])
    assert host.post(f"/seat-pools/{pool(event_id).id}/removal").status_code == 409


def test_what_is_right_for_one_goes_on_to_the_others_ahead_in_the_series(people, firms, sign_in):
    host, now = actor(people.binjiang), utcnow()
    event_id = salon(host)
    with unit_of_work() as session:
        event = session.get_one(Event, event_id)
        series = services.make_series(
            event, services.RhythmFacts(Rhythm.WEEKLY, 1, HolidayRule.KEEP, 3), actor=host, now=now
        )
        services.set_agenda(
            event, [AgendaRow(None, AgendaKind.TALK, 90, "新议程")], seen=event.version, actor=host, now=now
        )
        for row in list(event.fields):
            services.remove_question(row, actor=host, now=now)
        asked = QuestionFacts(FieldKind.CHOICE, "午餐", options=("素餐", "普通"))
        services.add_question(event, asked, seen=event.version, actor=host, now=now)
        session.flush()
        series_id = series.id
    client = sign_in(people.binjiang)
    for part in EventPart:
        assert client.post(f"/events/{event_id}/spreading", data={"part": part.value}).status_code == 302

    db.session.expire_all()
    rows = queries.events_of_series(db.session(), series_id)
    assert len(rows) == 3
    assert {tuple(item.title for item in row.agenda) for row in rows} == {("新议程",)}
    assert {tuple((f.label, tuple(f.options)) for f in row.fields) for row in rows} == {(("午餐", ("素餐", "普通")),)}
    assert len({row.starts_at - row.registration_closes_at for row in rows}) == 1
    assert client.post(f"/events/{event_id}/spreading", data={"part": "nonsense"}).status_code == 400


def test_only_the_host_edits(people, sign_in):
    event_id = salon(actor(people.binjiang))
    question = db.session.scalars(select(FormField.id).where(FormField.event_id == event_id)).first()
    other = sign_in(people.gedian)

    for path in ("agenda", "rules", "questions", "questions/new", "cockpit/settings"):
        assert other.get(f"/events/{event_id}/{path}").status_code == 404
    assert other.post(f"/questions/{question}/removal").status_code == 404
    assert other.post(f"/seat-pools/{pool(event_id).id}/removal").status_code == 404


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9999-12-31"])
def test_a_day_whose_hours_are_no_moments_elsewhere_is_asked_for_again(people, sign_in, day):
    event_id, host = salon(actor(people.binjiang), seats=1), sign_in(people.binjiang)
    with unit_of_work() as session:
        event = session.get_one(Event, event_id)
        event.starts_at = event.starts_at.replace(hour=23)  # 07:00 of the next day in the city
        event.ends_at = event.starts_at + timedelta(hours=2)
    sent = form_on(host.get(f"/events/{event_id}/rules").text) | {"public_on": day}

    answer = host.post(f"/events/{event_id}/rules", data=sent)

    assert answer.status_code == 422 and "按这样填写日期" in answer.text and f'value="{day}"' in answer.text
