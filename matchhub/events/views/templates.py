"""The administrator's templates of events."""

from datetime import time

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.events import queries, services
from matchhub.events.enums import EventType
from matchhub.events.forms import template_form, TemplateForm
from matchhub.events.policy import Permission, POLICY
from matchhub.events.views.blueprint import bp


@bp.get("/event-templates")
@requires(POLICY, Permission.EDIT_TEMPLATES)
def templates() -> ResponseReturnValue:
    rows = queries.current_templates(db.session(), city_date(utcnow()))
    return render_template("events/templates.html", rows=rows)


@bp.get("/event-templates/<string:event_type>")
@requires(POLICY, Permission.EDIT_TEMPLATES)
def template(event_type: str) -> ResponseReturnValue:
    kind = _kind(event_type)
    row = queries.newest_template(db.session(), kind)
    content, lead = row.content, row.content["lead_days"]
    hour, minute = content["starts"].split(":")
    seats = {f"{item['role']}_seats": item["capacity"] for item in content["seats"]}
    approvals = {f"{item['role']}_approval": item["approval"] for item in content["seats"]}
    form = template_form(
        formdata=None, summary=content["texts"]["summary"], summary_en=content["texts"]["summary_en"],
        mode=content["mode"], starts=time(int(hour), int(minute)), agenda=_lines(content["agenda"]),
        feedback=[" | ".join(row[name] for name in ("kind", "label", "label_en")) for row in content["feedback"]],
        closes=lead["registration_closes"], public=lead.get("lineup_public"),
        reminders="、".join(str(hours) for hours in content["reminder_hours"]), priority=content["priority"],
        offer_hours=content["offer_hours"], source=row.source, effective_from=city_date(utcnow()), **seats, **approvals,
    )  # fmt: skip
    return _page(kind, form)


def _lines(agenda: list[dict[str, object]]) -> list[str]:
    return [" | ".join(str(item[name]) for name in ("minutes", "kind", "title", "title_en")) for item in agenda]


@bp.post("/event-templates/<string:event_type>")
@requires(POLICY, Permission.EDIT_TEMPLATES)
def add_template_version(event_type: str) -> ResponseReturnValue:
    kind, form = _kind(event_type), template_form()
    with refusals_on(form):
        if form.validate():
            services.add_template_version(kind, form.facts, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _page(kind, form), 422
    flash(_("新版本已保存，之后新建的活动用它"), "success")
    return redirect(url_for(".templates"))


def _kind(event_type: str) -> EventType:
    if event_type not in set(EventType):
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return EventType(event_type)


def _page(kind: EventType, form: TemplateForm) -> str:
    versions = queries.template_versions(db.session(), kind)
    return render_template("events/template.html", kind=kind, form=form, versions=versions)
