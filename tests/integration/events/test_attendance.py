"""Who came, on paper and in Excel."""

from collections.abc import Callable
from datetime import timedelta

import pypdfium2
from flask.testing import FlaskClient

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import unit_of_work
from matchhub.core.policy import Actor
from matchhub.core.sheets import read_rows
from matchhub.events import services
from matchhub.events.enums import CheckInWay
from matchhub.events.models import Event, Registration
from matchhub.events.queries.attendance import quarter_of
from matchhub.events.services import Arrival
from matchhub.profiles.enums import ResidencyStatus
from matchhub.profiles.models import Residency
from tests.cast import Cast
from tests.integration.events.conftest import register, salon
from tests.integration.pairs import actor


def text_of(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


def test_badges_the_list_to_sign_and_counts_by_quarter(
    people: Cast, firms: Callable[[int], list[Actor]], sign_in: Callable[[Membership], FlaskClient]
) -> None:
    host, guests, now = actor(people.binjiang), firms(12), utcnow()
    begins = now - timedelta(hours=5)
    event_id = salon(host, seats=12, starts_at=begins, now=begins - timedelta(days=9))
    places = [register(event_id, guest, now=begins - timedelta(days=8)) for guest in guests]
    with unit_of_work() as session:
        session.get_one(Registration, places[0]).name = "李䶮"
        session.get_one(Registration, places[1]).name = "Bartholomew Featherstonehaugh"
        home = Residency(
            enterprise_id=guests[0].organization_id, carrier_id=host.organization_id, status=ResidencyStatus.ADMITTED,
            entered_on=(begins - timedelta(days=90)).date(),
        )  # fmt: skip
        session.add(home)
        event = session.get_one(Event, event_id)
        arrivals = [Arrival(begins, CheckInWay.NAME, "东门", registration_id=place) for place in places[:3]]
        services.admit(event, arrivals, actor=host, now=begins)
    client = sign_in(people.binjiang)

    badges = client.get(f"/events/{event_id}/badges.pdf")
    listed = client.get(f"/events/{event_id}/attendance.pdf")
    rows = read_rows(client.get(f"/events/{event_id}/attendance.xlsx").data, max_rows=50, max_columns=9)
    counts = read_rows(client.get("/events/attendance.xlsx").data, max_rows=50, max_columns=9)

    assert badges.mimetype == listed.mimetype == "application/pdf"
    assert len(pypdfium2.PdfDocument(badges.data)) == 2
    assert "李䶮" in text_of(badges.data)
    assert "Bartholomew Featherstonehaugh" in text_of(badges.data)
    assert "已签到 3 人，共 12 人" in text_of(listed.data)
    assert len(rows) == 13
    assert sorted(str(row[4]) for row in rows[1:]).count("东门") == 3
    assert counts[1] == [quarter_of(begins), "滨江孵化器", 1, 12, 3, 3, 1]
    assert sign_in(people.xinghe).get(f"/events/{event_id}/badges.pdf").status_code == 404
    assert sign_in(people.city).get("/events/attendance.xlsx").status_code == 200
