"""通报: the month on paper, a draft that nobody has to type."""

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchhub.core import ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.uploads import KINDS
from matchhub.core.web import current_actor, file_response, requires
from matchhub.oversight import exports
from matchhub.oversight.enums import DEFINITIONS
from matchhub.oversight.policy import Permission, POLICY
from matchhub.oversight.queries import bulletin as queries
from matchhub.oversight.queries.funnel import months_back, Stage
from matchhub.oversight.queries.kept import as_of
from matchhub.oversight.views.blueprint import bp, scope_words
from matchhub.oversight.views.targets import counted_words, goal_words, rows_by_district


def asked_month() -> str:
    """The month in the address; the last complete one where it is missing, in the future or nonsense."""
    text, now = request.args.get("month", ""), utcnow()
    latest = months_back(now, 1)[0]
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return queries.last_complete_month(now)
    return text if first.year >= 2000 and text <= latest else queries.last_complete_month(now)


def month_words(month: str) -> str:
    """2026年10月 or October 2026."""
    first = date.fromisoformat(f"{month}-01")
    if ui.locale_code() == "en":
        return f"{first:%B %Y}"
    return str(gettext("%(year)s年%(month)s月", year=first.year, month=first.month))


@bp.get("/bulletin")
@requires(POLICY, Permission.SEE_BULLETIN)
def bulletin() -> ResponseReturnValue:
    now, month = utcnow(), asked_month()
    found = queries.compiled(db.session(), current_actor(), month, now=now)
    return render_template(
        "oversight/bulletin.html", bulletin=found, title=month_words(month), before=month_words(queries.month_before(month)),
        printed_at=now, scope=scope_words(), months=months_back(now, 13), month_words=month_words, stages=Stage,
        definitions=DEFINITIONS, counted_words=counted_words, goal_words=goal_words,
        districts=rows_by_district(found.targets), as_of=as_of(db.session(), current_actor()) or now,
    )  # fmt: skip


@bp.get("/bulletin/export.xlsx")
@requires(POLICY, Permission.SEE_BULLETIN)
def bulletin_export() -> ResponseReturnValue:
    month = asked_month()
    found = queries.compiled(db.session(), current_actor(), month, now=utcnow())
    content = exports.bulletin_book(found, rows_by_district(found.targets), month=month_words(month), say=gettext)
    return file_response(content, name=f"{gettext('通报')} {month}.xlsx", media_type=KINDS["xlsx"])
