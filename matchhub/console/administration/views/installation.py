"""城市: names, footer, limits, and the logo."""

from typing import BinaryIO, cast

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.console.administration.forms import InstallationForm, LogoForm
from matchhub.console.administration.views.blueprint import bp, settings
from matchhub.core import errors, setup, uploads
from matchhub.core import installation as installations
from matchhub.core.administration import Permission, POLICY
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.uploads import CheckedUpload, IMAGES, StoredFile
from matchhub.core.web import current_actor, is_refused, public, refusals_on, requires

LOGO_BYTES = 2**20
DAY = 24 * 3600


@bp.get("/administration/installation")
@requires(POLICY, Permission.VIEW)
def installation() -> ResponseReturnValue:
    form = InstallationForm(obj=installations.required(db.session()))
    return _page(form, LogoForm())


@bp.post("/administration/installation/change")
@requires(POLICY, Permission.CONFIGURE)
def change_installation() -> ResponseReturnValue:
    form = InstallationForm()
    if form.validate_on_submit():
        seen = _number(form.version.data)
        with refusals_on(form):
            setup.change_installation(values=form.values(), seen_version=seen, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _page(form, LogoForm()), 422
    flash(_("已保存"), "success")
    return redirect(url_for(".installation"))


@bp.post("/administration/installation/logo")
@requires(POLICY, Permission.CONFIGURE)
def change_logo() -> ResponseReturnValue:
    form, upload = LogoForm(), None
    if form.validate_on_submit():
        with refusals_on(form):
            upload = _checked()
            setup.change_logo(upload, actor=current_actor(), now=utcnow())
    if is_refused(form) or upload is None:
        return _page(InstallationForm(obj=installations.required(db.session())), form), 422
    flash(_("已保存"), "success")
    return redirect(url_for(".installation"))


def _checked() -> CheckedUpload:
    file = request.files["file"]
    stream, folder = cast(BinaryIO, file.stream), settings().files_dir
    return uploads.check(stream, file.filename or "", folder=folder, allowed=IMAGES, max_bytes=LOGO_BYTES)


@bp.post("/administration/installation/logo-removal")
@requires(POLICY, Permission.CONFIGURE)
def remove_logo() -> ResponseReturnValue:
    setup.change_logo(None, actor=current_actor(), now=utcnow())
    flash(_("已恢复默认标志"), "success")
    return redirect(url_for(".installation"))


@bp.get("/logo")
@public("the logo stands on the public pages")
def logo() -> ResponseReturnValue:
    site = installations.current(db.session())
    row = db.session.get(StoredFile, site.logo_file_id) if site and site.logo_file_id else None
    path = uploads.path_of(row, settings().files_dir) if row else None
    if row is None or path is None or not path.is_file():
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return send_file(
        path.resolve(),
        mimetype=row.media_type,
        max_age=DAY,
        etag=row.sha256,
        as_attachment=True,
        download_name=row.name,
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _page(form: InstallationForm, logo_form: LogoForm) -> str:
    return render_template("administration/installation.html", form=form, logo_form=logo_form)
