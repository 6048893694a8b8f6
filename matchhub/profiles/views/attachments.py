"""Files of one's own."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.profiles import queries, services
from matchhub.profiles.enums import AttachmentKind
from matchhub.profiles.forms.small import UploadForm
from matchhub.profiles.models import Attachment, Profile
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.views.blueprint import bp, checked_document


@bp.get("/attachments")
@requires(POLICY, Permission.OPEN_OWN, load=queries.own_profile)
def attachments(profile: Profile) -> ResponseReturnValue:
    return _page(profile, UploadForm(formdata=None))


def _page(profile: Profile, form: UploadForm) -> str:
    may_edit = POLICY.allows(Permission.EDIT_OWN, current_actor(), profile)
    files = queries.attachments_of(db.session(), profile.organization_id)
    return render_template("profiles/attachments.html", files=files, upload_form=form, may_edit=may_edit)


@bp.post("/attachments")
@requires(POLICY, Permission.EDIT_OWN, load=queries.own_profile)
def upload(profile: Profile) -> ResponseReturnValue:
    form = UploadForm()
    if form.validate():
        with refusals_on(form):
            found = checked_document(form.file.data)
            services.attach(profile, found, AttachmentKind(form.kind.data), actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _page(profile, form), 422
    flash(_("文件已上传"), "success")
    return redirect(url_for(".attachments"))


@bp.post("/attachments/<int:attachment_id>/removal")
@requires(POLICY, Permission.EDIT_OWN, load=queries.own_attachment)
def remove_attachment(row: Attachment) -> ResponseReturnValue:
    services.remove_attachment(row, actor=current_actor(), now=utcnow())
    flash(_("文件已移除，对方也不能再看"), "success")
    return redirect(url_for(".attachments"))
