"""Two doors of one event at the same moment, over HTTP, against a running server; one of them uploads what it kept offline."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.policy import Actor, SYSTEM
from matchhub.core.web import App
from matchhub.events import queries, services
from matchhub.events.enums import EventType, RegistrationState, SeatRole
from matchhub.events.models import CheckIn, Event, Registration, SeatPool
from matchhub.events.services import Applicant, EventFacts
from matchhub.events.services.registrations import take_place
from tests import racing

ROLE = SeatRole.ENTERPRISE
PER_ROUND = 2  # guests: one of whom both doors scan, one whom only the upload and a door have
OFFLINE_SINCE = timedelta(minutes=20)
SCANNED, KEPT = 0, 1


@dataclass
class Doors:
    """An event that begins soon, its guests' registrations and the hashes of their tickets, in order."""

    event_id: int
    places: list[int]
    hashes: list[str]


@dataclass
class Round:
    """What the doors were told, and what is wrong with it."""

    statuses: tuple[int, ...]
    faults: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def open_doors(host: Actor, rounds: int) -> Doors:
    """So many guests hold tickets that each round has its own; a seat for each round's walk-in is left."""
    now, number = utcnow(), PER_ROUND * rounds
    with unit_of_work() as session:
        facts = EventFacts("创业沙龙", now + timedelta(hours=2), place="大厅")
        event = services.create(EventType.SALON, facts, actor=host, now=now - timedelta(days=9))
        pool = queries.pool_of(session, event.id, ROLE)
        assert pool is not None
        services.set_capacity(pool, number + rounds, actor=host, now=now - timedelta(days=9))
        services.publish(event, actor=host, now=now - timedelta(days=9))
        places, hashes = [], []
        for index in range(number):
            guest = Applicant(f"mail:guest{index}@example.com", f"来客{index:04d}", email=f"guest{index}@example.com")
            place = take_place(event, ROLE, guest, actor=SYSTEM, now=now - timedelta(days=8))
            session.flush()
            ticket = queries.ticket_of(session, place.id)
            assert ticket is not None
            places.append(place.id)
            hashes.append(ticket.code_hash)
        return Doors(event.id, places, hashes)


class DoorPhone:
    """A phone at a door: sends what the page of the door sends."""

    def __init__(self, app: App, port: int, membership: Membership, event_id: int, name: str) -> None:
        self.browser, self.event_id, self.name = racing.person(app, port, membership), event_id, name
        self.browser.open(f"/events/{event_id}/cockpit/door")

    def entry(self, **more: Any) -> dict[str, Any]:
        """One line of an upload, a moment ago."""
        return {"ref": str(uuid4()), "at": int(utcnow().timestamp()), "way": "scan", "door": self.name, **more}

    def upload(self, entries: Sequence[dict[str, Any]]) -> tuple[int, list[dict[str, Any]]]:
        """Status, and the answers line by line."""
        connection = HTTPConnection("127.0.0.1", self.browser.port, timeout=60)
        headers = {
            "Cookie": f"matchhub={self.browser.cookie}",
            "Content-Type": "application/json",
            "X-CSRFToken": self.browser.token,
        }
        where = f"/events/{self.event_id}/check-ins/uploads"
        connection.request("POST", where, json.dumps({"entries": list(entries)}), headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, json.loads(body)["answers"] if answer.status == 200 else []

    def type_code(self, code: str) -> tuple[int, str]:
        """The form without scripts: status, and what the next page says."""
        form = {"csrf_token": self.browser.token, "code": code, "door": self.name}
        status, _ = self.browser.send("POST", f"/events/{self.event_id}/check-ins", form)
        return status, self.browser.send("GET", f"/events/{self.event_id}/cockpit/door")[1]


def code_of(registration_id: int) -> str:
    """What stands on the ticket."""
    ticket = queries.ticket_of(db.session(), registration_id)
    code = services.ticket_code(ticket) if ticket is not None else None
    db.session.rollback()
    assert code is not None
    return code


def race(east: DoorPhone, west: DoorPhone, west_kept: DoorPhone, doors: Doors, number: int) -> Round:
    """Both doors let the same guest in at the same moment, while the west one uploads what it kept without network: that
    guest, another whom the east door scans too, and a walk-in whom the east door writes down too."""
    scanned, kept = doors.hashes[PER_ROUND * number : PER_ROUND * number + PER_ROUND]
    code = code_of(doors.places[PER_ROUND * number + SCANNED])
    earlier = int((utcnow() - OFFLINE_SINCE).timestamp())
    here = {"way": "walk_in", "role": ROLE.value, "name": f"现场{number}", "mobile": f"1380000{number:04d}"}
    from_east = [east.entry(hash=scanned), east.entry(**here), east.entry(hash=kept)]
    from_west = [
        west_kept.entry(hash=kept, at=earlier),
        west_kept.entry(hash=scanned, at=earlier),
        west_kept.entry(**here, at=earlier),
    ]
    said, seconds = _at_once(
        lambda: east.upload(from_east), lambda: west.type_code(code), lambda: west_kept.upload(from_west)
    )
    statuses = tuple(one[0] for one in said)
    found = Round(statuses, seconds=seconds)
    if statuses != (200, 302, 200):
        found.faults.append(f"answers {statuses}")
        return found
    east_said, page, west_said = said[0][1], said[1][1], said[2][1]
    typed = "in" if f"已签到 · 来客{PER_ROUND * number:04d}" in page else "again" if "重复 · " in page else "nothing"
    told = {
        "scanned": [east_said[0]["entry"], west_said[1]["entry"], typed],
        "kept": [east_said[2]["entry"], west_said[0]["entry"]],
        "walk-in": [east_said[1]["entry"], west_said[2]["entry"]],
    }
    for who, words in told.items():
        if sorted(words) != sorted(["in"] + ["again"] * (len(words) - 1)):
            found.faults.append(f"{who}: doors were told {words}")
    unnamed = [one for one in (*east_said, *west_said) if one["entry"] == "again" and not one["note"]]
    found.faults += [f"again, but not when: {one}" for one in unnamed]
    repeated = west_kept.upload(from_west)[1]  # the network went before the answer came: the phone sends it all again
    if len(repeated) != len(from_west):
        found.faults.append("the upload could not be repeated")
    found.faults += stored_faults(doors, number, earlier, west_kept.name)
    return found


def _at_once(*acts: Callable[[], tuple[int, Any]]) -> tuple[list[tuple[int, Any]], list[float]]:
    start, answers = threading.Barrier(len(acts)), {}
    seconds: dict[int, float] = {}

    def act(index: int) -> None:
        start.wait(30)
        began = time.perf_counter()
        answers[index] = acts[index]()
        seconds[index] = time.perf_counter() - began

    threads = [threading.Thread(target=act, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    return [answers.get(index, (0, [])) for index in range(len(acts))], list(seconds.values())


def stored_faults(doors: Doors, number: int, earlier: int, door: str) -> list[str]:
    """One entry that stands for each of the round's three, at the earliest moment; as many seats taken as people hold."""
    session = db.session()
    session.rollback()
    walked_in = session.scalars(
        select(Registration.id).where(
            Registration.event_id == doors.event_id, Registration.mobile == f"1380000{number:04d}"
        )
    ).all()
    faults = [] if len(walked_in) == 1 else [f"{len(walked_in)} registrations of one walk-in"]
    for place in (*doors.places[PER_ROUND * number : PER_ROUND * number + PER_ROUND], *walked_in):
        rows = session.scalars(
            select(CheckIn).where(CheckIn.registration_id == place, CheckIn.undone_at.is_(None))
        ).all()
        if len(rows) != 1:
            faults.append(f"{len(rows)} entries of registration {place}")
        elif (int(rows[0].at.timestamp()), rows[0].door) != (earlier, door):
            faults.append(f"registration {place} stands at {rows[0].at} {rows[0].door}")
        if session.get_one(Registration, place).state is not RegistrationState.ATTENDED:
            faults.append(f"registration {place} is not there")
    event = session.get_one(Event, doors.event_id)
    pool = session.scalars(select(SeatPool).where(SeatPool.event_id == event.id, SeatPool.role == ROLE)).one()
    held = session.scalar(select(func.count()).where(Registration.pool_id == pool.id))
    if pool.taken != held:
        faults.append(f"{pool.taken} seats counted, {held} held")
    session.rollback()
    return faults
