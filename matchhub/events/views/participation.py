"""Who came to events, as carriers, mentors and officers count it: by quarter, and as Excel."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchhub.accounts.enums import OrganizationKind
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.uploads import KINDS
from matchhub.core.web import current_actor, file_response, requires, takes_away
from matchhub.events.exports.participation import carriers_book, participation_book
from matchhub.events.models import Registration
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import participation as queries
from matchhub.events.queries.participation import OfCarrier, Quarter
from matchhub.events.views.blueprint import bp


def asked_quarter() -> Quarter:
    """The quarter in the address; the present one otherwise."""
    return queries.read_quarter(request.args.get("quarter", ""), now=utcnow())


def rows_for(quarter: Quarter) -> list[Registration]:
    """Who came of a carrier's firms; of a mentor oneself."""
    actor, session = current_actor(), db.session()
    if actor.organization_kind == OrganizationKind.CARRIER.value:
        return queries.came_of_ours(session, actor.organization_id or 0, quarter)
    return queries.came_oneself(session, actor.organization_id or 0, quarter)


def is_officer() -> bool:
    """Whether the reader looks after carriers."""
    return current_actor().organization_kind == OrganizationKind.BUREAU.value


@bp.get("/event-attendance")
@requires(POLICY, Permission.COUNT_ATTENDANCE)
def participation() -> ResponseReturnValue:
    quarter, now = asked_quarter(), utcnow()
    carriers: list[OfCarrier] = queries.by_carrier(db.session(), current_actor(), quarter) if is_officer() else []
    rows = [] if is_officer() else rows_for(quarter)
    return render_template(
        "events/after/participation.html",
        quarter=quarter,
        quarters=queries.last_quarters(now),
        carriers=carriers,
        rows=rows,
        officer=is_officer(),
        hours=round(sum(row.event.minutes for row in rows) / 60, 1),
        events=len({row.event_id for row in rows}),
        organizations=len({row.organization_id for row in rows}),
    )


@bp.get("/event-attendance/export.xlsx")
@requires(POLICY, Permission.COUNT_ATTENDANCE)
@takes_away(N_("活动到场"), unless=lambda actor: is_officer())
def participation_export() -> ResponseReturnValue:
    quarter = asked_quarter()
    if is_officer():
        content = carriers_book(queries.by_carrier(db.session(), current_actor(), quarter), quarter, say=gettext)
    else:
        content = participation_book(rows_for(quarter), quarter, say=gettext)
    return file_response(content, name=f"{gettext('活动到场')} {quarter.name}.xlsx", media_type=KINDS["xlsx"])
