"""A file as its owner sees it: to whom it is open, who looked, what must be promised first, a newer version."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.uploads import KINDS
from matchhub.core.web import current_actor, file_response, is_refused, page_number, refusals_on, requires
from matchhub.disclosure import exports
from matchhub.disclosure import queries as disclosed
from matchhub.disclosure import services as disclosure
from matchhub.profiles import queries, services
from matchhub.profiles.forms.small import NewVersionForm, RequirementForm
from matchhub.profiles.models import Attachment
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.queries import profile_of
from matchhub.profiles.views.blueprint import bp, checked_document

EXPORTED = 5000


@bp.get("/attachments/<int:attachment_id>/record")
@requires(POLICY, Permission.READ_FILE, load=queries.recorded_attachment)
def material_record(row: Attachment) -> ResponseReturnValue:
    return _page(row)


@bp.get("/attachments/<int:attachment_id>/record/export.xlsx")
@requires(POLICY, Permission.READ_FILE, load=queries.recorded_attachment)
def export_record(row: Attachment) -> ResponseReturnValue:
    views = disclosed.views_of(db.session(), row.organization_id, attachment_id=row.id, per_page=EXPORTED).items
    now, actor = utcnow(), current_actor()
    names = disclosed.shown_names(
        db.session(), actor, [view.organization for view in views], locale=ui.locale_code(), now=now
    )
    people = disclosed.viewer_names(db.session(), actor, views, now=now)
    content = exports.views_workbook(views, names, people, _)
    return file_response(content, name=f"{_('查看记录')}.xlsx", media_type=KINDS["xlsx"])


@bp.post("/attachments/<int:attachment_id>/requirement")
@requires(POLICY, Permission.EDIT_OWN, load=queries.own_attachment)
def require_promise(row: Attachment) -> ResponseReturnValue:
    form = RequirementForm()
    if form.validate():
        with refusals_on(form):
            disclosure.require_promise(queries.material_of(row), body=form.chosen, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _page(row, requirement=form), 422
    flash(_("已要求先接受保密约定，已经看过的人也要接受"), "success")
    return redirect(url_for(".material_record", attachment_id=row.id))


@bp.post("/attachments/<int:attachment_id>/requirement-removal")
@requires(POLICY, Permission.EDIT_OWN, load=queries.own_attachment)
def waive_promise(row: Attachment) -> ResponseReturnValue:
    disclosure.waive_promise(queries.material_of(row), actor=current_actor(), now=utcnow())
    flash(_("不再要求保密约定，已有的回执保留"), "success")
    return redirect(url_for(".material_record", attachment_id=row.id))


@bp.post("/attachments/<int:attachment_id>/version")
@requires(POLICY, Permission.EDIT_OWN, load=queries.own_attachment)
def replace_file(row: Attachment) -> ResponseReturnValue:
    form = NewVersionForm()
    if form.validate():
        with refusals_on(form):
            found = checked_document(form.file.data)
            services.replace_file(row, found, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _page(row, version=form), 422
    flash(_("新版本已换上，已开放的对方看到的是新版本"), "success")
    return redirect(url_for(".material_record", attachment_id=row.id))


def _page(row: Attachment, *, requirement: RequirementForm | None = None, version: NewVersionForm | None = None) -> str:
    actor, now, session = current_actor(), utcnow(), db.session()
    views = disclosed.views_of(session, row.organization_id, attachment_id=row.id, number=page_number())
    opened_to = disclosed.opened_to(session, row.organization_id, row.id, now=now)
    promise = disclosed.promise_for(session, row.id, now=now)
    organizations = [view.organization for view in views.items] + [consent.recipient for consent in opened_to]
    own_words = promise.non_disclosure.body if promise else ""
    return render_template(
        "profiles/material_record.html",
        row=row,
        views=views,
        opened_to=opened_to,
        promise=promise,
        acceptances=disclosed.acceptances_of(session, row.id),
        names=disclosed.shown_names(session, actor, organizations, locale=ui.locale_code(), now=now),
        people=disclosed.viewer_names(session, actor, views.items, now=now),
        pages_in_words=exports.pages_in_words,
        may_edit=row.removed_at is None
        and POLICY.allows(Permission.EDIT_OWN, actor, profile_of(session, row.organization_id)),
        requirement=requirement
        or RequirementForm(formdata=None, words="own" if own_words else "sample", body=own_words),
        version=version or NewVersionForm(formdata=None),
    )
