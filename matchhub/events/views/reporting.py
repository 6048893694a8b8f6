"""The report of an event: live for its organizer and the officers, published for everybody; and the ledger's lists."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors, money, ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, file_response, is_refused, public, refusals_on, requires
from matchhub.events import queries, services
from matchhub.events.enums import EventState
from matchhub.events.exports.report import PDF, report_pdf, ReportHead
from matchhub.events.forms.after import ReportForm
from matchhub.events.models import Event, EventReport
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_event, reported_event
from matchhub.events.queries.ledger import LedgerStage
from matchhub.events.queries.reporting import HOW
from matchhub.events.queries.wording import place_of, span_words, title_of
from matchhub.events.views.blueprint import bp
from matchhub.events.views.lists import found_event, OPEN_PAGE


@bp.get("/events/<int:event_id>/cockpit/report")
@requires(POLICY, Permission.READ_REPORT, load=reported_event)
def report(event: Event) -> ResponseReturnValue:
    published = queries.report_of(db.session(), event.id)
    return _live(event, ReportForm(formdata=None, words=published.words if published else ""))


def _live(event: Event, form: ReportForm) -> str:
    published = queries.report_of(db.session(), event.id)
    return render_template(
        "events/after/live_report.html", event=event, figures=_figures(event), how=HOW, published=published, form=form,
        printed_at=utcnow(), is_over=event.ends_at <= utcnow(),
        may_publish=POLICY.allows(Permission.ORGANIZE, current_actor(), event),
    )  # fmt: skip


def _figures(event: Event) -> dict[str, Any]:
    now = utcnow()
    return queries.figures_of(db.session(), current_actor(), event, for_all=False, now=now)


@bp.get("/events/<int:event_id>/cockpit/report.pdf")
@requires(POLICY, Permission.READ_REPORT, load=reported_event)
def live_report_file(event: Event) -> ResponseReturnValue:
    published = queries.report_of(db.session(), event.id)
    return _file(event, _figures(event), published.words if published else "")


@bp.post("/events/<int:event_id>/report")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def publish_report(event: Event) -> ResponseReturnValue:
    form, now = ReportForm(), utcnow()
    figures = queries.figures_of(db.session(), current_actor(), event, for_all=True, now=now)
    with refusals_on(form):
        if form.validate():
            services.publish_report(event, figures, form.words.data or "", actor=current_actor(), now=now)
    if is_refused(form):
        return _live(event, form), 422
    flash(_("报告已发布，数字停在今天"), "success")
    return redirect(url_for(".published_report", event_id=event.id))


@bp.get("/events/<int:event_id>/report")
@public(OPEN_PAGE)
def published_report(event_id: int) -> ResponseReturnValue:
    event = found_event(event_id)
    found = _published(event)
    return render_template(
        "events/after/report.html", event=event, report=found, figures=found.figures, how=HOW, printed_at=utcnow()
    )


@bp.get("/events/<int:event_id>/report.pdf")
@public(OPEN_PAGE)
def report_file(event_id: int) -> ResponseReturnValue:
    event = found_event(event_id)
    found = _published(event)
    return _file(event, found.figures, found.words)


def _published(event: Event) -> EventReport:
    found = queries.report_of(db.session(), event.id)
    if found is None or event.state is EventState.DRAFT:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return found


def _file(event: Event, figures: dict[str, Any], words: str) -> ResponseReturnValue:
    locale, site = ui.locale_code(), ui.site()
    head = ReportHead(
        product=_(site.product_name) if site else _("汇配"),
        city=str(ui.in_locale(site, "city_name")) if site else "",
        title=title_of(event, locale),
        lines=(span_words(event, locale), place_of(event, locale), str(ui.in_locale(event.host, "label"))),
        locale=locale,
        speak=_,
    )
    content = report_pdf(head, figures, words, HOW, lambda code: ui.word("industries", code) or _("其他"))
    return file_response(content, name=f"{_('成效报告')} {title_of(event, locale)}.pdf", media_type=PDF)


@bp.get("/events/<int:event_id>/cockpit/ledger")
@requires(POLICY, Permission.READ_REPORT, load=reported_event)
def ledger(event: Event) -> ResponseReturnValue:
    asked = request.args.get("stage", "")
    stage = LedgerStage(asked) if asked in set(LedgerStage) else LedgerStage.AGREED
    found = queries.ledger_of(db.session(), current_actor(), event)
    return render_template(
        "events/after/ledger.html", event=event, stage=stage, stages=list(LedgerStage), rows=found.seen(stage),
        counts={one: found.count(one) for one in LedgerStage}, band=money.band,
    )  # fmt: skip
