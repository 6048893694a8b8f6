"""概况, 记录, 拒绝, 授权: what the auditor reads. Taking a list away as Excel leaves a row in the trail itself."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.console.auditing import queries
from matchhub.console.auditing.exports import consents_sheet, events_sheet, refusals_sheet
from matchhub.console.auditing.forms import RefusalsForm, TrailForm
from matchhub.console.auditing.policy import Permission, POLICY
from matchhub.console.auditing.showing import cause, CONSENT_STATES, detail_words, shown_consent, shown_event
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.paging import Page
from matchhub.core.uploads import KINDS
from matchhub.core.web import file_response, page_number, requires, takes_away
from matchhub.disclosure.enums import FieldGroup

bp = Blueprint("auditing", __name__)
EXPORTED = 20_000  # rows of an Excel at most
SHOWN_DECKS = 20


@bp.get("/audit")
@requires(POLICY, Permission.VIEW)
def overview() -> ResponseReturnValue:
    session, now, text = db.session(), utcnow(), request.args.get("q", "").strip()
    hits = queries.hits_of(session, text)
    page = queries.readings(session, hits, number=page_number())
    since, held = queries.month_before(now), queries.kept_trail(session)
    return render_template(
        "auditing/overview.html", search_words=text, hits=hits, page=page, rows=_shown(page), decks=hits.decks[:SHOWN_DECKS],
        causes=[(kind, cause(kind), count) for kind, count in queries.refusals_by_cause(session, since=since)],
        figures=held.trail if held else queries.trail_figures(session, now), as_of=held.as_of if held else None,
        since=city_date(since),
    )  # fmt: skip


@bp.get("/audit/readings/export.xlsx")
@requires(POLICY, Permission.VIEW)
@takes_away(N_("谁看过"))
def export_readings() -> ResponseReturnValue:
    hits = queries.hits_of(db.session(), request.args.get("q", ""))
    page = queries.readings(db.session(), hits, per_page=EXPORTED)
    return _file(events_sheet(_shown(page), _("谁看过")), _("谁看过"))


@bp.get("/audit-events")
@requires(POLICY, Permission.VIEW)
def events() -> ResponseReturnValue:
    form = TrailForm(request.args)
    valid = form.validate()
    page = queries.events(db.session(), form.filters() if valid else queries.Filters(), number=page_number())
    rows = _shown(page) if valid else []
    return render_template("auditing/events.html", form=form, page=page, rows=rows), 200 if valid else 422


@bp.get("/audit-events/export.xlsx")
@requires(POLICY, Permission.VIEW)
@takes_away(N_("操作记录"))
def export_events() -> ResponseReturnValue:
    form = TrailForm(request.args)
    filters = form.filters() if form.validate() else queries.Filters()
    page = queries.events(db.session(), filters, per_page=EXPORTED)
    return _file(events_sheet(_shown(page), _("操作记录")), _("操作记录"))


@bp.get("/audit/refusals")
@requires(POLICY, Permission.VIEW)
def refusals() -> ResponseReturnValue:
    form, session = RefusalsForm(request.args), db.session()
    valid = form.validate()
    page = queries.refusals(session, form.filters() if valid else queries.Filters(), number=page_number())
    body = render_template(
        "auditing/refusals.html", form=form, page=page, rows=page.items if valid else [], cause=cause,
        detail_words=detail_words, names=queries.names_of(session, page.items),
    )  # fmt: skip
    return body, 200 if valid else 422


@bp.get("/audit/refusals/export.xlsx")
@requires(POLICY, Permission.VIEW)
@takes_away(N_("拒绝"))
def export_refusals() -> ResponseReturnValue:
    form, session = RefusalsForm(request.args), db.session()
    filters = form.filters() if form.validate() else queries.Filters()
    page = queries.refusals(session, filters, per_page=EXPORTED)
    sheet = refusals_sheet(page.items, queries.names_of(session, page.items), cause)
    return _file(sheet, _("拒绝"))


@bp.get("/audit/consents")
@requires(POLICY, Permission.VIEW)
def consents() -> ResponseReturnValue:
    now, asked, held = utcnow(), _asked(), queries.kept_trail(db.session())
    page = queries.consents(db.session(), **asked, now=now, number=page_number())
    return render_template(
        "auditing/consents.html", page=page, rows=[shown_consent(row, now) for row in page.items], asked=asked,
        states=CONSENT_STATES, groups=FieldGroup, as_of=held.as_of if held else None,
        counts=held.trail if held else queries.consent_counts(db.session(), now=now),
    )  # fmt: skip


@bp.get("/audit/consents/export.xlsx")
@requires(POLICY, Permission.VIEW)
@takes_away(N_("授权"))
def export_consents() -> ResponseReturnValue:
    now = utcnow()
    page = queries.consents(db.session(), **_asked(), now=now, per_page=EXPORTED)
    return _file(consents_sheet(page.items, now=now), _("授权"))


def _asked() -> dict[str, Any]:
    return {
        "state": request.args.get("state", ""), "group": request.args.get("group", ""),
        "organization": request.args.get("q", ""),
    }  # fmt: skip


def _shown(page: Page[AuditEvent]) -> list[Any]:
    names = queries.names_of(db.session(), page.items)
    return [shown_event(row, names) for row in page.items]


def _file(content: bytes, name: str) -> ResponseReturnValue:
    return file_response(content, name=f"{name}.xlsx", media_type=KINDS["xlsx"])
