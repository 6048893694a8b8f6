"""The list: of a party's own introductions, or of a steward's scope."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchhub.accounts.enums import OrganizationKind
from matchhub.core import dictionaries, ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.paging import Page
from matchhub.core.web import current_actor, file_response, page_number, requires, takes_away
from matchhub.introductions import exports, queries
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.introductions.policy import Permission, POLICY
from matchhub.introductions.queries import Filters
from matchhub.introductions.views.blueprint import bp
from matchhub.listings.enums import PairingKind

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORTED = 5_000


@bp.get("/introductions")
@requires(POLICY, Permission.LIST)
def index() -> ResponseReturnValue:
    if not POLICY.allows(Permission.LIST_OWN, current_actor()):
        return _managed()
    actor, now = current_actor(), utcnow()
    own_id = actor.organization_id or 0
    counts = queries.tab_counts(db.session(), own_id)
    tab = request.args.get("tab", "")
    if tab not in queries.TABS:
        tab = next((name for name in queries.TABS if counts[name]), "mine")
    kind = filters().kind
    page = queries.own_introductions(db.session(), own_id, tab=tab, kind=kind, number=page_number())
    seen = queries.visible_others(db.session(), actor, page.items, now=now)
    return render_template(
        "introductions/index.html", page=page, tab=tab, counts=counts, seen=seen, own_id=own_id,
        party_name=queries.party_name, kind=kind,
        kinds=list(PairingKind) if actor.organization_kind == OrganizationKind.ENTERPRISE else [],
    )  # fmt: skip


@bp.get("/introductions/export.xlsx")
@requires(POLICY, Permission.LIST)
@takes_away(N_("对接"), unless=lambda actor: not POLICY.allows(Permission.LIST_OWN, actor))
def export() -> ResponseReturnValue:
    if not POLICY.allows(Permission.LIST_OWN, current_actor()):
        rows = queries.managed(db.session(), current_actor(), filters(), number=1, per_page=EXPORTED)
        content = exports.managed_workbook(rows.items, gettext, ui.word)
        return file_response(content, name=f"{gettext('对接')}.xlsx", media_type=XLSX)
    own_id = current_actor().organization_id or 0
    tab = request.args.get("tab", "mine")
    page = queries.own_introductions(db.session(), own_id, tab=tab, kind=filters().kind, number=1, per_page=EXPORTED)
    seen = queries.visible_others(db.session(), current_actor(), page.items, now=utcnow())
    content = exports.own_workbook(page.items, own_id, seen, gettext)
    return file_response(content, name=f"{gettext('对接')}.xlsx", media_type=XLSX)


def _managed() -> ResponseReturnValue:
    page: Page[Introduction] = queries.managed(db.session(), current_actor(), filters(), number=page_number())
    return render_template(
        "introductions/managed.html", page=page, filters=filters(), states=list(IntroductionState),
        districts=districts(), industries=industries(), kinds=list(PairingKind),
    )  # fmt: skip


def filters() -> Filters:
    """The filters in the address; nonsense finds nothing or is ignored, and never widens the scope."""
    args = request.args
    return Filters(
        district=args.get("district", "")[:12],
        industry=args.get("industry", "")[:80],
        month=args.get("month", "")[:7],
        state=args.get("state", ""),
        met=args.get("met") == "1",
        kind=args.get("kind", "") if args.get("kind") in set(PairingKind) else "",
    )


def districts() -> list[dictionaries.Entry]:
    """The districts of the city, for a filter."""
    site = ui.site()
    held = dictionaries.snapshot()
    return [entry for entry in held.entries("regions") if site and entry.parent == site.city_region]


def industries() -> list[dictionaries.Entry]:
    """The top level of industries, for a filter."""
    return [entry for entry in dictionaries.snapshot().entries("industries") if entry.parent is None]
