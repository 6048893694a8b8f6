"""监测: whom nobody answers, in three lists."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchhub.accounts.queries import districts
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.paging import Page
from matchhub.core.uploads import KINDS
from matchhub.core.web import current_actor, file_response, LARGEST_ID, page_number, requires, takes_away
from matchhub.listings.enums import PairingKind
from matchhub.oversight import exports
from matchhub.oversight.policy import Permission, POLICY
from matchhub.oversight.queries import unanswered as queries
from matchhub.oversight.queries.kept import as_of
from matchhub.oversight.queries.unanswered import Narrowed
from matchhub.oversight.views.blueprint import asked_days, bp, scope_words

TABS = ("needs", "answers", "offers")
EXPORTED = 5_000


def asked_tab() -> str:
    """The list in the address, the first where it says nothing we know."""
    tab = request.args.get("tab", "")
    return tab if tab in TABS else TABS[0]


def asked_narrowing() -> Narrowed:
    """The filters in the address; they narrow the scope and cannot widen it."""
    carrier = request.args.get("carrier", "")
    known = carrier.isascii() and carrier.isdigit() and len(carrier) < 11 and int(carrier) <= LARGEST_ID
    return Narrowed(
        request.args.get("district", "")[:12], int(carrier) if known else None, request.args.get("kind", "")
    )


def list_asked(tab: str, days: int, *, number: int, per_page: int = 50) -> Page[Any]:
    """The page of one list."""
    session, actor, narrowed, now = db.session(), current_actor(), asked_narrowing(), utcnow()
    if tab == "answers":
        return queries.waiting_organizations(session, actor, narrowed, now=now, number=number, per_page=per_page)
    if tab == "offers":
        return queries.stuck_offers(session, actor, narrowed, days=days, now=now, number=number, per_page=per_page)
    return queries.lonely_needs(session, actor, narrowed, days=days, now=now, number=number, per_page=per_page)


@bp.get("/unanswered")
@requires(POLICY, Permission.SEE_UNANSWERED)
def unanswered() -> ResponseReturnValue:
    tab, days, actor = asked_tab(), asked_days(queries.DAYS), current_actor()
    is_city = actor.role == "city_officer"
    is_kept = tab == "needs" and days == queries.DAYS and asked_narrowing().is_open
    return render_template(
        "oversight/unanswered.html", tab=tab, days=days, page=list_asked(tab, days, number=page_number()),
        narrowed=asked_narrowing(), kinds=PairingKind, scope=scope_words(),
        districts=districts(db.session()) if is_city else [], carriers=queries.carriers_in_scope(db.session(), actor),
        as_of=as_of(db.session(), actor) if is_kept else None,
    )  # fmt: skip


@bp.get("/unanswered/export.xlsx")
@requires(POLICY, Permission.SEE_UNANSWERED)
@takes_away(N_("无人回应"))
def unanswered_export() -> ResponseReturnValue:
    tab = asked_tab()
    page = list_asked(tab, asked_days(queries.DAYS), number=1, per_page=EXPORTED)
    content = exports.unanswered_book(tab, page.items, now=utcnow(), say=gettext)
    return file_response(content, name=f"{gettext('无人回应')}.xlsx", media_type=KINDS["xlsx"])
