"""The line-up: proposed with reasons, decided, swapped, published, mended, and named in public by the firm's word alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.models import Membership, Organization
from matchhub.accounts.news import OrganizationMerged
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.core.policy import Actor
from matchhub.events import queries, services
from matchhub.events.enums import AnnouncementKind, ApplicationState, PitchState
from matchhub.events.models import Announcement, Event, Pitch, PitchApplication, PitchCall, Registration
from matchhub.events.services import Wanted
from matchhub.listings.models import EquityNeed
from tests.cast import Cast
from tests.integration.events.conftest import register, salon
from tests.integration.events.test_calls import applied, calling
from tests.integration.pairs import actor

INDUSTRIES = ("new_materials", "new_materials", "biomedicine", "software")


@dataclass
class Room:
    """A call of two places and one reserve that has closed, and four firms that applied; ids only."""

    event_id: int
    host: Actor
    firms: list[Actor]
    applications: list[int]

    def call(self) -> PitchCall:
        db.session.expire_all()
        found = queries.call_of(db.session(), self.event_id)
        assert found is not None
        return found

    def propose(self, **wanted: frozenset[int]) -> services.Proposal:
        return services.propose(self.call(), Wanted(**wanted), {}, now=utcnow())

    def adopt(self, **wanted: frozenset[int]) -> None:
        made = self.propose(**wanted)
        with unit_of_work():
            services.adopt_lineup(self.call(), made, actor=self.host, now=utcnow())

    def publish(self) -> int:
        with unit_of_work():
            return services.publish_lineup(self.call(), actor=self.host, now=utcnow())

    def line_up(self) -> list[tuple[int, str, int | None]]:
        """(which of the four, state, offset) in order."""
        db.session.expire_all()
        rows = queries.lineup_of(db.session(), self.event_id)
        return [(self.applications.index(row.application_id or 0), row.state.value, row.offset_minutes) for row in rows]

    def pitch(self, number: int) -> Pitch:
        db.session.expire_all()
        found = queries.pitch_for(db.session(), self.applications[number])
        assert found is not None
        return found

    def states(self) -> list[ApplicationState]:
        db.session.expire_all()
        return [db.session.get_one(PitchApplication, one).state for one in self.applications]


@pytest.fixture
def room(people: Cast, firms: Callable[[int], list[Actor]]) -> Room:
    host, event_id = actor(people.binjiang), calling(actor(people.binjiang))
    guests = firms(4)
    ids = [applied(event_id, guest, f"新材料-{number:04d}") for number, guest in enumerate(guests)]
    with unit_of_work() as session:
        for identity, industry in zip(ids, INDUSTRIES, strict=True):
            need = session.get_one(EquityNeed, session.get_one(PitchApplication, identity).need_id)
            need.lead_industry, need.round_code = industry, None
        call = queries.call_of(session, event_id)
        assert call is not None
        call.opens_at, call.closes_at = utcnow() - timedelta(days=5), utcnow() - timedelta(days=1)
    return Room(event_id, host, guests, ids)


def test_the_proposal_varies_and_says_why_each_is_in(room: Room) -> None:
    made = room.propose()

    rows = [room.applications.index(row.id) for row, _ in made.entries]
    assert len({INDUSTRIES[row] for row in rows}) == 2
    codes = [[reason["code"] for reason in reasons] for _, reasons in made.entries]
    assert all({"only", "first"} <= set(found) for found in codes)
    assert len(made.reserves) == 1
    assert made.values["industry"] == 2


def test_whoever_was_passed_over_before_goes_before_whoever_has_pitched(room: Room, people: Cast) -> None:
    last, first = room.firms[1], room.firms[0]  # the same field
    earlier = calling(room.host)
    with unit_of_work() as session:
        session.get_one(Event, earlier).starts_at = utcnow() + timedelta(days=3)
    lost = applied(earlier, last, "新材料-9001")
    won = applied(earlier, first, "新材料-9002")
    with unit_of_work() as session:
        session.get_one(PitchApplication, lost).state = ApplicationState.REJECTED
        row = session.get_one(PitchApplication, won)
        session.add(
            Pitch(
                event_id=earlier,
                organization_id=row.organization_id,
                need_id=row.need_id,
                state=PitchState.PRESENTED,
                minutes=12,
            )
        )

    made = room.propose(barred=frozenset(room.applications[2:]))

    reasons = {room.applications.index(row.id): why for row, why in made.entries}
    assert {"code": "passed", "count": 1} in reasons[1]
    assert {"code": "first"} not in reasons[0]


def test_what_the_organizer_fixes_or_bars_is_kept_and_a_low_score_is_left_out(room: Room) -> None:
    ids = room.applications
    made = room.propose(fixed=frozenset({ids[0], ids[1]}))
    assert {row.id for row, _ in made.entries} == {ids[0], ids[1]}
    assert ids[3] not in {row.id for row, _ in room.propose(barred=frozenset({ids[3]})).entries}
    low = services.propose(room.call(), Wanted(least=60), {ids[2]: 40.0, ids[3]: 80.0}, now=utcnow())
    assert ids[2] not in {row.id for row, _ in low.entries} | {row.id for row in low.reserves}
    with pytest.raises(errors.Invalid):
        room.propose(fixed=frozenset(ids))


def test_nothing_is_adopted_before_the_deadline_or_by_others_and_nobody_is_told_before_it_is_out(
    room: Room, people: Cast
) -> None:
    made = room.propose()
    with pytest.raises(errors.Forbidden), unit_of_work():
        services.adopt_lineup(room.call(), made, actor=actor(people.gedian), now=utcnow())
    with unit_of_work():
        room.call().closes_at = utcnow() + timedelta(days=1)
    with pytest.raises(errors.Conflict), unit_of_work():
        services.adopt_lineup(room.call(), room.propose(), actor=room.host, now=utcnow())
    with unit_of_work():
        room.call().closes_at = utcnow() - timedelta(minutes=1)

    room.adopt()

    assert told() == {}
    assert [offset for _, state, offset in room.line_up() if state == "proposed"] == [10, 22]
    assert room.publish() == 2
    assert sorted(told().items()) == [("pitch_rejected", 1), ("pitch_reserved", 1), ("pitch_selected", 2)]
    spoken = db.session.scalars(select(Notice.values).where(Notice.kind == "pitch_selected")).all()
    begins = room.call().event.starts_at.astimezone(room.call().event.tz)
    for minutes in (10, 22):
        turn = f"{begins + timedelta(minutes=minutes):%H:%M}"
        assert any(f"，你 {turn} 上台" in said["when"]["zh"] for said in spoken)
        assert any(f"; you are on at {turn}" in said["when"]["en"] for said in spoken)
    assert sorted(state.value for state in room.states()) == ["rejected", "reserve", "selected", "selected"]
    with pytest.raises(errors.Conflict):
        room.adopt()


def told() -> dict[str, int]:
    db.session.expire_all()
    found: dict[str, int] = {}
    for kind in db.session.scalars(select(Notice.kind).where(Notice.kind.like("pitch_%"))):
        if kind not in ("pitch_applied", "pitch_reviewer"):
            found[kind] = found.get(kind, 0) + 1
    return found


def test_a_swap_says_what_it_costs_and_is_done_only_when_asked(room: Room) -> None:
    ids = room.applications
    room.adopt(fixed=frozenset({ids[0], ids[2]}))
    before = room.line_up()
    into = db.session.get_one(PitchApplication, ids[1])

    weighed = services.weigh_swap(room.call(), room.pitch(2), into, now=utcnow())

    assert weighed.values["industry"] == -1  # two of one field
    assert weighed.points < 0
    assert room.line_up() == before
    reasons = services.explain_swap(room.call(), room.pitch(2), into, now=utcnow())
    with unit_of_work():
        services.swap(room.call(), room.pitch(2), into, reasons, actor=room.host, now=utcnow())
    on_stage = [which for which, state, _ in room.line_up() if state == "proposed"]
    assert sorted(on_stage) == [0, 1]


def test_the_order_is_the_organizers_and_times_follow(room: Room) -> None:
    room.adopt()
    first, second = [which for which, state, _ in room.line_up() if state == "proposed"]

    with unit_of_work():
        services.place_pitch(room.pitch(second), 0, actor=room.host, now=utcnow())

    assert room.line_up()[:2] == [(second, "proposed", 10), (first, "proposed", 22)]


def test_when_a_firm_drops_out_the_reserve_steps_up_times_follow_and_people_are_told(room: Room) -> None:
    room.adopt()
    first, second, waiting = [which for which, _, _ in room.line_up()]
    room.publish()
    with unit_of_work():
        row = db.session.get_one(PitchApplication, room.applications[first])
        services.withdraw_application(row, actor=room.firms[first], now=utcnow())

    assert room.line_up() == [(waiting, "confirmed", 10), (second, "confirmed", 22)]
    assert room.states()[waiting] is ApplicationState.SELECTED
    assert told()["pitch_selected"] == 3
    assert announced() == [AnnouncementKind.LINEUP]


def swapped(room: Room, out: int, into: int, why: str = "") -> None:
    row = db.session.get_one(PitchApplication, room.applications[into])
    reasons = services.explain_swap(room.call(), room.pitch(out), row, now=utcnow())
    with unit_of_work():
        services.swap(room.call(), room.pitch(out), row, reasons, why=why, actor=room.host, now=utcnow())


def test_a_swap_after_publication_needs_a_reason_and_tells_both_firms_and_the_room(room: Room) -> None:
    room.adopt()
    first, second, waiting = [which for which, _, _ in room.line_up()]
    left_out = ({0, 1, 2, 3} - {first, second, waiting}).pop()
    room.publish()
    before, sequence = told(), db.session.get_one(Event, room.event_id).sequence
    with unit_of_work():
        services.name_firm(room.pitch(first), "样件已量产", actor=room.firms[first], now=utcnow())

    with pytest.raises(errors.Invalid):
        swapped(room, first, left_out)
    assert told() == before
    swapped(room, first, left_out, "材料还没有备齐")

    assert room.line_up() == [
        (left_out, "confirmed", 10),
        (second, "confirmed", 22),
        (waiting, "reserve", None),
        (first, "reserve", None),
    ]
    assert (room.states()[first], room.states()[left_out]) == (ApplicationState.RESERVE, ApplicationState.SELECTED)
    assert room.pitch(first).named_since is None
    after = told()
    assert (after["pitch_stepped_back"], after["pitch_selected"] - before["pitch_selected"]) == (1, 1)
    assert "pitch_timed" not in after  # nobody else's time has changed
    assert "材料还没有备齐" in str(notice("pitch_stepped_back").values)
    assert announced() == [AnnouncementKind.LINEUP]
    assert db.session.get_one(Event, room.event_id).sequence == sequence + 1


def announced() -> list[AnnouncementKind]:
    """What the whole room is told, but for the call itself."""
    kinds = select(Announcement.kind).where(Announcement.kind != AnnouncementKind.CALL)
    return list(db.session.scalars(kinds.order_by(Announcement.id)))


def notice(kind: str) -> Notice:
    return db.session.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.id.desc())).first()


def test_another_order_after_publication_tells_only_the_firms_whose_time_changes_and_only_the_last_word(
    room: Room,
) -> None:
    room.adopt()
    first, second, _ = [which for which, _, _ in room.line_up()]
    room.publish()
    sequence = db.session.get_one(Event, room.event_id).sequence

    for which, position in ((second, 0), (first, 0), (second, 0)):
        with unit_of_work():
            services.place_pitch(room.pitch(which), position, actor=room.host, now=utcnow())

    assert room.line_up()[:2] == [(second, "confirmed", 10), (first, "confirmed", 22)]
    rows = db.session.scalars(select(Notice).where(Notice.kind == "pitch_timed").order_by(Notice.id)).all()
    assert [row.mail_state.value for row in rows].count("pending") == 2
    assert len({row.object_id for row in rows if row.mail_state.value == "pending"}) == 2
    assert db.session.get_one(Event, room.event_id).sequence == sequence + 3
    assert announced() == []
    with unit_of_work() as session:
        services.move(
            session.get_one(Event, room.event_id),
            utcnow() + timedelta(minutes=1),
            reason="",
            actor=room.host,
            now=utcnow(),
        )
    with pytest.raises(errors.Conflict), unit_of_work():
        services.place_pitch(room.pitch(first), 0, actor=room.host, now=utcnow() + timedelta(minutes=5))


def test_the_public_page_names_a_firm_only_while_the_firm_lets_it(
    room: Room, app: object, people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    room.adopt()
    number = room.line_up()[0][0]
    with pytest.raises(errors.Conflict), unit_of_work():  # not told of it yet
        services.name_firm(room.pitch(number), "样件已量产", actor=room.firms[number], now=utcnow())
    room.publish()
    with unit_of_work() as session:
        session.get_one(Event, room.event_id).lineup_public_at = None
    visitor = app.test_client()  # type: ignore[attr-defined]
    name = db.session.get_one(PitchApplication, room.applications[number]).organization.label
    page = f"/events/{room.event_id}"

    assert name not in visitor.get(page).text
    with pytest.raises(errors.Forbidden), unit_of_work():
        services.name_firm(room.pitch(number), "", actor=room.host, now=utcnow())
    with unit_of_work():
        services.name_firm(room.pitch(number), "样件已量产", actor=room.firms[number], now=utcnow())
    assert name in visitor.get(page).text
    assert "样件已量产" in visitor.get(page).text
    with unit_of_work():
        services.unname_firm(room.pitch(number), actor=room.firms[number])
    assert name not in visitor.get(page).text


def test_the_pages_of_organizer_and_firm(
    room: Room, people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    organizer, stranger = sign_in(people.binjiang), sign_in(people.gedian)
    base, ids = f"/events/{room.event_id}", room.applications

    assert "提议上台" in organizer.get(f"{base}/cockpit/line-up?fixed={ids[0]}&again=y").text
    assert organizer.get(f"{base}/cockpit/line-up?" + "&".join(f"fixed={one}" for one in ids)).status_code == 200
    assert organizer.post(f"{base}/line-up", data={"fixed": [ids[0], ids[2]]}).status_code == 302
    assert "待公布" in organizer.get(f"{base}/cockpit/line-up").text
    out = room.pitch(2).id
    weighed = organizer.get(f"{base}/cockpit/line-up/swap?out={out}&into={ids[1]}")
    assert "少 1 个" in weighed.text
    assert organizer.post(f"{base}/swaps", data={"out": out, "into": ids[1]}).status_code == 302
    pitch_id = room.pitch(1).id
    assert organizer.post(f"/pitches/{pitch_id}/place", data={"position": "0"}).status_code == 302
    assert organizer.post(f"{base}/line-up/publication").status_code == 302
    assert "移到这里" in organizer.get(f"{base}/cockpit/line-up").text
    assert organizer.post(f"/pitches/{pitch_id}/place", data={"position": "1"}).status_code == 302
    again = {"out": room.pitch(0).id, "into": ids[2]}
    assert "给换下的企业的原因" in organizer.get(f"{base}/cockpit/line-up/swap", query_string=again).text
    refused = organizer.post(f"{base}/swaps", data=again)
    assert (refused.status_code, "请写明原因" in refused.text) == (422, True)
    assert organizer.post(f"{base}/swaps", data={**again, "reason": "材料没有备齐"}).status_code == 302
    assert room.states()[0] is ApplicationState.RESERVE
    for path in (f"{base}/line-up", f"{base}/swaps", f"/pitches/{pitch_id}/departure", f"/pitches/{pitch_id}/naming"):
        assert stranger.post(path, data={"out": out, "into": ids[1]}).status_code == 404
    firm = sign_in(db.session.get_one(Membership, room.firms[1].membership_id))
    address = f"/pitch-applications/{ids[1]}"
    assert "同意公开" in firm.get(address).text
    assert firm.post(f"/pitches/{pitch_id}/naming", data={"line": "一句话"}).status_code == 422  # the box is empty
    assert firm.post(f"/pitches/{pitch_id}/naming", data={"agree": "y", "line": "一句话"}).status_code == 302
    assert "不再公开名称" in firm.get(address).text
    assert firm.post(f"/pitches/{pitch_id}/naming-withdrawal").status_code == 302
    assert organizer.post(f"/pitches/{pitch_id}/departure").status_code == 302
    assert [which for which, state, _ in room.line_up() if state == "reserve"] == [0]


def test_a_merge_of_two_firms_moves_all_and_leaves_one_of_two_applications(room: Room, people: Cast) -> None:
    ids = room.applications
    room.adopt(fixed=frozenset({ids[0], ids[2]}))
    room.publish()
    kept, dropped = room.firms[1].organization_id, room.firms[0].organization_id  # the dropped one is on stage
    elsewhere = calling(room.host)
    other = applied(elsewhere, room.firms[0], "新材料-9100")
    seat = register(salon(room.host), room.firms[0])

    with unit_of_work() as session:
        pair = OrganizationMerged(session.get_one(Organization, kept), session.get_one(Organization, dropped))
        services.follow_merge(pair, now=utcnow())

    db.session.expire_all()
    rows = [db.session.get_one(PitchApplication, one) for one in (ids[0], ids[1], other)]
    assert [row.organization_id for row in rows] == [kept] * 3
    assert [row.state for row in rows] == [
        ApplicationState.SELECTED, ApplicationState.WITHDRAWN, ApplicationState.SUBMITTED,
    ]  # fmt: skip
    stands = db.session.scalars(
        select(Pitch).where(
            Pitch.event_id == room.event_id, Pitch.organization_id == kept, Pitch.state != PitchState.DROPPED
        )
    ).all()
    assert [(row.application_id, row.state) for row in stands] == [(ids[0], PitchState.CONFIRMED)]
    assert db.session.get_one(Registration, seat).organization_id == kept
    for table in (PitchApplication, Pitch, Registration):
        assert db.session.scalars(select(table).where(table.organization_id == dropped)).all() == []


def test_a_merged_host_keeps_its_events(room: Room, people: Cast) -> None:
    kept = people.gedian.organization_id
    with unit_of_work() as session:
        pair = OrganizationMerged(
            session.get_one(Organization, kept), session.get_one(Organization, people.binjiang.organization_id)
        )
        services.follow_merge(pair, now=utcnow())

    assert db.session.get_one(Event, room.event_id).host_id == kept
