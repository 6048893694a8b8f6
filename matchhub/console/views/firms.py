"""企业: the firms of a carrier, filtered, sorted and exported."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchhub.console import exports
from matchhub.console.policy import Permission, POLICY
from matchhub.console.queries import firms as queries
from matchhub.console.queries.firms import FirmFilter
from matchhub.console.views.blueprint import bp
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.ui import query_url
from matchhub.core.uploads import KINDS
from matchhub.core.web import current_actor, file_response, page_number, requires, takes_away

EXPORTED = 5_000


def asked_filter() -> FirmFilter:
    """The filters in the address; nonsense is ignored."""
    args = request.args
    return FirmFilter(
        need=args.get("need", ""), clock=args.get("clock", ""), thin=args.get("thin") == "1",
        quiet=args.get("quiet") == "1", sort=args.get("sort", "name"),
    )  # fmt: skip


def sort_url(name: str) -> str:
    """The address that sorts by a column, the other way round where it is sorted by it already."""
    return query_url(sort=f"-{name}" if asked_filter().sort == name else name, page=None)


@bp.get("/firms")
@requires(POLICY, Permission.SEE_FIRMS)
def firms() -> ResponseReturnValue:
    now, filters = utcnow(), asked_filter()
    page = queries.firms(db.session(), current_actor(), filters, now=now, number=page_number())
    return render_template(
        "console/firms.html", page=page, filters=filters, today=city_date(now), sort_url=sort_url,
        limit=queries.LIMIT_MONTHS, warned_from=queries.WARNED_FROM, thin_below=queries.THIN_BELOW,
        quiet_days=queries.QUIET.days, need_filters=queries.NEEDS,
    )  # fmt: skip


@bp.get("/firms/export.xlsx")
@requires(POLICY, Permission.SEE_FIRMS)
@takes_away(N_("企业"))
def firms_export() -> ResponseReturnValue:
    now = utcnow()
    page = queries.firms(db.session(), current_actor(), asked_filter(), now=now, per_page=EXPORTED)
    content = exports.firms_sheet(page.items, today=city_date(now))
    return file_response(content, name=f"{gettext('企业')}.xlsx", media_type=KINDS["xlsx"])
