"""Two doors at once, over HTTP, while one of them uploads what it kept without network: everybody is in once, both are told."""

from matchhub.core.db import db
from matchhub.core.web import App
from matchhub.events.services import doors as services
from tests import doors, racing
from tests.cast import Cast
from tests.integration.pairs import actor

ROUNDS = 6


def _rounds(app: App, people: Cast, number: int) -> list[doors.Round]:
    scene = doors.open_doors(actor(people.binjiang), number)
    second = racing.colleague(people.binjiang)
    with racing.served(app) as port:
        east = doors.DoorPhone(app, port, people.binjiang, scene.event_id, "东门")
        west = doors.DoorPhone(app, port, second, scene.event_id, "西门")
        kept = doors.DoorPhone(app, port, second, scene.event_id, "西门")
        return [doors.race(east, west, kept, scene, index) for index in range(number)]


def test_a_guest_at_two_doors_and_in_an_upload_is_in_once_and_each_door_is_told(app: App, people: Cast) -> None:
    found = _rounds(app, people, ROUNDS)

    assert [one.faults for one in found] == [[]] * ROUNDS


def test_without_holding_the_list_a_door_is_refused_instead_of_told(app: App, people: Cast, monkeypatch) -> None:
    """The control: the unique index still keeps the second entry out, but as a lost race; SQLite has one writer anyway."""
    monkeypatch.setattr(services, "hold", lambda row: None)

    found = _rounds(app, people, ROUNDS)

    if db.engine.dialect.name == "sqlite":
        assert [one.faults for one in found] == [[]] * ROUNDS
    else:
        assert any(one.faults for one in found)
