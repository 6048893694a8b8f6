"""Real calendar programs (vdirsyncer fetches, khal shows) follow an event from its making over its move to its end."""

import re
import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from sqlalchemy import select

from matchhub.core.clock import CITY_ZONE, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.events import services
from matchhub.events.enums import EventType
from matchhub.events.models import Event, Feed
from matchhub.events.services import EventFacts
from tests import racing
from tests.integration.events.conftest import salon
from tests.integration.pairs import actor

MISSING = [name for name in ("khal", "vdirsyncer") if shutil.which(name) is None]
needs_clients = pytest.mark.skipif(bool(MISSING), reason=f"{' and '.join(MISSING)} not installed (Debian has both)")
FORMAT = "{start-long-full}|{end-long-full}|{title}|{location}|{status}"


class Client:
    """One person's calendar programs, in a zone."""

    def __init__(self, folder: Path, url: str, zone: str) -> None:
        self.folder, items = folder, folder / "items"
        items.mkdir(parents=True)
        (folder / "vdirsyncer").write_text(
            f'[general]\nstatus_path = "{folder}/status/"\n'
            '[pair feed]\na = "remote"\nb = "local"\ncollections = null\nconflict_resolution = "a wins"\n'
            f'[storage remote]\ntype = "http"\nurl = "{url}"\n'
            f'[storage local]\ntype = "filesystem"\npath = "{items}"\nfileext = ".ics"\n'
        )
        (folder / "khal").write_text(
            f"[calendars]\n[[feed]]\npath = {items}\nreadonly = True\n"
            f"[sqlite]\npath = {folder}/khal.db\n"
            "[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
            f"local_timezone = {zone}\ndefault_timezone = {zone}\n"
        )

    def _run(self, *command: str) -> str:
        environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def shown(self, on: datetime) -> list[list[str]]:
        """Start, end, title, place and state of all that khal shows of the days around `on` after fetching.

        (vdirsyncer gives what it fetches over HTTP ids of its own: that ours stay is tested below.)
        """
        config = str(self.folder / "vdirsyncer")
        if not (self.folder / "status").exists():
            self._run("vdirsyncer", "-c", config, "discover", "feed")
        self._run("vdirsyncer", "-c", config, "sync")
        begin, end = (on - timedelta(days=1)).date(), (on + timedelta(days=12)).date()
        listed = self._run(
            "khal",
            "-c",
            str(self.folder / "khal"),
            "list",
            "--format",
            FORMAT,
            "--day-format",
            "",
            str(begin),
            str(end),
        )
        return [[cell.strip() for cell in line.split("|")] for line in listed.splitlines() if "|" in line]


def at(day: datetime, zone: str) -> str:
    return f"{day.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


@needs_clients
@pytest.mark.parametrize("app", ["sqlite"], indirect=True)  # they read over HTTP: the database is no matter of theirs
def test_khal_shows_an_event_made_moved_and_called_off_at_its_local_time(app, people, sign_in, tmp_path):
    host, now = actor(people.binjiang), utcnow()
    local = (now + timedelta(days=20)).astimezone(CITY_ZONE).replace(hour=14, minute=0, second=0, microsecond=0)
    start = local.astimezone(now.tzinfo)
    event_id = salon(host, starts_at=start)
    member = sign_in(people.xinghe)
    member.post(f"/events/{event_id}/registrations", data={"role": "enterprise"})
    member.post("/calendar-feeds/renewal")
    db.session.expire_all()
    length = db.session.get_one(Event, event_id).minutes
    token = services.feed_token(db.session.scalars(select(Feed)).one())
    db.session.rollback()
    with racing.served(app) as port:
        clients = {
            "Asia/Shanghai": Client(tmp_path / "city", f"http://127.0.0.1:{port}/city-calendar.ics", "Asia/Shanghai"),
            "America/New_York": Client(
                tmp_path / "own", f"http://127.0.0.1:{port}/feeds/{token}.ics", "America/New_York"
            ),
        }
        for zone, client in clients.items():
            (row,) = client.shown(start)
            assert row[:4] == [at(start, zone), at(start + timedelta(minutes=length), zone), "创业沙龙", "滨江路 1 号"]

        moved = start + timedelta(days=3, hours=2)
        with unit_of_work() as session:
            services.move(session.get_one(Event, event_id), moved, reason="场地", actor=host, now=now)
        for zone, client in clients.items():
            assert [row[0] for row in client.shown(start)] == [at(moved, zone)]  # where it is now, and only there

        with unit_of_work() as session:
            services.cancel(session.get_one(Event, event_id), reason="台风", actor=host, now=now)
        for client in clients.values():
            assert [row[4] for row in client.shown(start)] == ["CANCELLED"]


def feed(app):
    return icalendar.Calendar.from_ical(app.test_client().get("/city-calendar.ics").data)


def test_what_is_published_keeps_to_rfc_5545(app, people):
    host, now = actor(people.binjiang), utcnow()
    first, second = salon(host), salon(host)
    uids = {str(entry["UID"]) for entry in feed(app).walk("VEVENT")}
    with unit_of_work() as session:
        there = EventFacts("柏林专场", now + timedelta(days=30), place="Berlin", zone="Europe/Berlin")
        third = services.create(EventType.SALON, there, actor=host, now=now)
        services.publish(third, actor=host, now=now)
        services.move(session.get_one(Event, first), now + timedelta(days=25), reason="x", actor=host, now=now)
        services.cancel(session.get_one(Event, second), reason="x", actor=host, now=now)
    sent = app.test_client().get("/city-calendar.ics")
    raw = sent.data
    calendar = icalendar.Calendar.from_ical(raw)

    assert sent.content_type.startswith("text/calendar") and calendar["VERSION"] == "2.0" and calendar["PRODID"]
    assert b"\r\n" in raw and not re.search(rb"(?<!\r)\n", raw)  # 3.1: lines end with CRLF,
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75  # and have at most 75 octets
    zones = {str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")}
    assert zones == {"Asia/Shanghai", "Europe/Berlin"}
    assert all(zone.subcomponents for zone in calendar.walk("VTIMEZONE"))  # 3.6.5: at least one observance
    states = {}
    for entry in calendar.walk("VEVENT"):
        assert entry["DTSTART"].params["TZID"] in zones and entry["DTEND"].params["TZID"] in zones
        assert entry["DTSTART"].dt < entry["DTEND"].dt
        assert entry["DTSTAMP"].dt.utcoffset() == timedelta(0)  # 3.8.7.2: in UTC
        assert "ATTENDEE" not in entry and "ORGANIZER" not in entry  # 3.8.4.1: never in what is published
        assert not entry.errors
        states[str(entry["SUMMARY"]), str(entry["STATUS"])] = entry["SEQUENCE"]
    now_uids = {str(entry["UID"]) for entry in calendar.walk("VEVENT")}
    assert len(now_uids) == 3 and uids < now_uids  # the same after a move and a cancellation
    assert sorted(states.items()) == [
        (("创业沙龙", "CANCELLED"), 1), (("创业沙龙", "CONFIRMED"), 1), (("柏林专场", "CONFIRMED"), 0),
    ]  # fmt: skip
