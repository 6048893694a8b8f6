"""Lists of who came: badges, the list to sign, Excel."""

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.paper import MEDIA_TYPE as PDF
from matchhub.core.uploads import KINDS
from matchhub.core.web import current_actor, file_response, requires, takes_away
from matchhub.events import queries
from matchhub.events.exports.attendance import (
    attendance_pdf,
    attendance_sheet,
    badges_pdf,
    ListHead,
    Person,
    quarters_sheet,
)
from matchhub.events.models import Event
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_event
from matchhub.events.queries.wording import place_of, span_words, title_of
from matchhub.events.views.blueprint import bp


def _people(event: Event) -> list[Person]:
    return [
        Person(
            row.name,
            ui.in_locale(row.organization, "label") if row.organization else row.organization_name,
            _(row.pool.role.label),
            f"{entry.at.astimezone(event.tz):%H:%M}" if entry else "",
            entry.door if entry else "",
            _(entry.way.label) if entry else "",
        )
        for row, entry in queries.people_at(db.session(), event.id)
    ]


def _head(event: Event) -> ListHead:
    locale = ui.locale_code()
    lines = (span_words(event, locale), place_of(event, locale), ui.in_locale(event.host, "name"))
    return ListHead(title_of(event, locale), lines, locale, utcnow(), _)


@bp.get("/events/<int:event_id>/badges.pdf")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def badges(event: Event) -> ResponseReturnValue:
    return file_response(badges_pdf(_people(event), _head(event)), name=f"{_('胸牌')}.pdf", media_type=PDF)


@bp.get("/events/<int:event_id>/attendance.pdf")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def attendance_list(event: Event) -> ResponseReturnValue:
    return file_response(attendance_pdf(_people(event), _head(event)), name=f"{_('签到表')}.pdf", media_type=PDF)


@bp.get("/events/<int:event_id>/attendance.xlsx")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
@takes_away(N_("签到表"))
def attendance_table(event: Event) -> ResponseReturnValue:
    content = attendance_sheet(_people(event), _head(event))
    return file_response(content, name=f"{_('签到表')}.xlsx", media_type=KINDS["xlsx"])


@bp.get("/events/attendance.xlsx")
@requires(POLICY, Permission.PLAN)
def attendance_by_quarter() -> ResponseReturnValue:
    session, now = db.session(), utcnow()
    events = queries.attended_events(session, current_actor(), now=now)
    counted = queries.attendance_of(session, events)
    head = ListHead("", (), ui.locale_code(), now, _)
    content = quarters_sheet(
        queries.by_carrier_and_quarter(events, counted), events, counted,
        lambda event: str(ui.in_locale(event.host, "label")), head,
    )  # fmt: skip
    return file_response(content, name=f"{_('到场统计')}.xlsx", media_type=KINDS["xlsx"])
