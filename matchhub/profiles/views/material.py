"""A file as those see it to whom it is open: page by page under a watermark, a copy where its owner allows one.

What is slow (drawing, stamping) happens with no transaction open; afterwards everything is asked again, and the viewing
is written down before the first byte leaves.
"""

from dataclasses import dataclass
from pathlib import Path

from flask import current_app, flash, redirect, render_template, request, Response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts.models import Organization
from matchhub.core import errors, pages, watermark
from matchhub.core.clock import CITY_ZONE, utcnow
from matchhub.core.db import db, finish
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.uploads import KINDS, path_of
from matchhub.core.web import current_actor, file_response, is_refused, refusals_on, requires
from matchhub.disclosure import queries as disclosed
from matchhub.disclosure import services as disclosure
from matchhub.disclosure.queries import Material, Promise
from matchhub.profiles import queries
from matchhub.profiles.forms.small import PromiseForm
from matchhub.profiles.models import Attachment
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.views.blueprint import bp, document, folder


@dataclass(frozen=True, slots=True)
class Opened:
    """A readable file in plain values, which outlive the transaction that they were read in."""

    material: Material
    path: Path
    media_type: str
    is_own: bool
    may_download: bool
    viewer: str  # organization and person, as the watermark names them
    promise: Promise | None

    @property
    def pages(self) -> pages.Document:
        return document(self.path, self.material.sha256)

    def words(self, code: str) -> str:
        """What the watermark says now."""
        return f"{self.viewer} · {utcnow().astimezone(CITY_ZONE):%Y-%m-%d %H:%M} · {code}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a file, asked for in a sitting."""

    opened: Opened
    number: int
    code: str


def opened_file(row: Attachment) -> Opened:
    """What a view must know of a file that its reader may read."""
    actor, now, material = current_actor(), utcnow(), queries.material_of(row)
    organization = db.session.get(Organization, actor.organization_id)
    return Opened(
        material=material,
        path=path_of(row.file, folder()),
        media_type=row.file.media_type,
        is_own=row.organization_id == actor.organization_id,
        may_download=queries.is_downloadable(actor, row),
        viewer=f"{organization.label if organization else ''} · {actor.name}",
        promise=disclosed.missing_promise(db.session(), material, actor=actor, now=now),
    )


def sheet(actor: Actor, attachment_id: int, number: int) -> Sheet | None:
    """A page of a readable file: for others than its owner only after the promise, and in a sitting of their own."""
    row = queries.readable_attachment(actor, attachment_id)
    if row is None:
        return None
    opened, code = opened_file(row), request.args.get("view", "")
    if opened.is_own:
        return Sheet(opened, number, _("预览"))
    going_on = disclosed.sitting(db.session(), code, opened.material, actor=actor, now=utcnow())
    return Sheet(opened, number, going_on.code) if going_on and opened.promise is None else None


@bp.get("/attachments/<int:attachment_id>")
@requires(POLICY, Permission.READ_FILE, load=queries.readable_attachment)
def material(row: Attachment) -> ResponseReturnValue:
    opened = opened_file(row)
    if opened.promise is not None:
        return _promise_page(opened, opened.promise, PromiseForm(formdata=None))
    finish(commit=False)
    outline, problem = _outline(opened)
    _ask_again(opened)
    code = "" if opened.is_own else disclosure.note_opening(opened.material, actor=current_actor(), now=utcnow())
    return render_template(
        "profiles/material.html", opened=opened, owner=db.session.get(Organization, opened.material.owner_id),
        outline=outline, problem=problem, code=code,
        receipt=disclosed.latest_acceptance(db.session(), current_actor(), opened.material.attachment_id),
    )  # fmt: skip


@bp.get("/attachments/<int:attachment_id>/pages/<int:number>")
@requires(POLICY, Permission.READ_FILE, load=sheet)
def material_page(asked: Sheet) -> ResponseReturnValue:
    opened = asked.opened
    finish(commit=False)
    if not pages.is_shown(opened.media_type):
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    jpeg = watermark.stamped(pages.picture(opened.pages, asked.number), opened.words(asked.code))
    _ask_again(opened)
    if not opened.is_own:
        disclosure.note_page(asked.code, asked.number, now=utcnow())
    return _shown(jpeg)


@bp.get("/attachments/<int:attachment_id>/file")
@requires(POLICY, Permission.READ_FILE, load=queries.readable_attachment)
def file(row: Attachment) -> ResponseReturnValue:
    opened = opened_file(row)
    if opened.promise is not None:
        raise errors.Forbidden(N_("先接受保密约定，再打开文件"))
    if not opened.may_download:
        raise errors.Forbidden(N_("对方只开放在线查看，不能下载"))
    finish(commit=False)
    if opened.is_own:
        return file_response(_bytes(opened), name=opened.material.name, media_type=opened.media_type)
    code = disclosure.note_opening(opened.material, actor=current_actor(), now=utcnow(), downloading=True)
    content = _copy(opened, code)
    _ask_again(opened)
    return file_response(content, name=_copy_name(opened), media_type=opened.media_type)


@bp.post("/attachments/<int:attachment_id>/acceptance")
@requires(POLICY, Permission.READ_FILE, load=queries.readable_attachment)
def accept_promise(row: Attachment) -> ResponseReturnValue:
    form, known, attachment_id = PromiseForm(), queries.material_of(row), row.id
    if form.validate():
        with refusals_on(form):
            signature = disclosure.Signature(
                form.name.data or "",
                bool(form.agreed.data),
                form.text_sha256.data or "",
                form.document_sha256.data or "",
            )
            disclosure.accept_promise(known, signature, actor=current_actor(), now=utcnow())
    if is_refused(form):
        opened = opened_file(row)
        if opened.promise is not None:
            return _promise_page(opened, opened.promise, form), 422
    else:
        flash(_("已接受保密约定，回执随时可看"), "success")
    return redirect(url_for(".material", attachment_id=attachment_id))


def _promise_page(opened: Opened, promise: Promise, form: PromiseForm) -> str:
    """What has to be promised, and the name to sign with; what stands there goes into the form."""
    form.text_sha256.data, form.document_sha256.data = promise.sha256, opened.material.sha256
    form.name.data = form.name.data or current_actor().name
    owner = db.session.get(Organization, opened.material.owner_id)
    return render_template("profiles/promise.html", opened=opened, promise=promise, owner=owner, form=form)


def _ask_again(opened: Opened) -> None:
    """After what was slow, in a new transaction: raise NotFound where the file was taken back or replaced meanwhile."""
    finish(commit=False)
    row = queries.readable_attachment(current_actor(), opened.material.attachment_id)
    if row is None or row.file.sha256 != opened.material.sha256:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))


def _outline(opened: Opened) -> tuple[pages.Outline | None, str]:
    """The pages, or in words why there are none."""
    if not pages.is_shown(opened.media_type):
        return None, _("这种文件不能在线看，只能下载。")
    try:
        return pages.outline(opened.pages), ""
    except pages.Unreadable as error:
        return None, _(error.message)


def _bytes(opened: Opened) -> bytes:
    if not opened.path.is_file():
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return opened.path.read_bytes()


def _copy(opened: Opened, code: str) -> bytes:
    """The copy that others get: pictures of the pages under the watermark; Office files as they are."""
    if not pages.is_shown(opened.media_type):
        return _bytes(opened)
    words, shown = opened.words(code), range(1, len(pages.outline(opened.pages).sizes) + 1)
    stamped = (watermark.stamped(pages.picture(opened.pages, number), words) for number in shown)
    return watermark.pdf_of(stamped) if opened.media_type == KINDS["pdf"] else next(stamped)


def _copy_name(opened: Opened) -> str:
    """A stamped picture is a JPEG, whatever it was."""
    name = opened.material.name
    return f"{name.rsplit('.', 1)[0]}.jpg" if opened.media_type == KINDS["png"] else name


def _shown(jpeg: bytes) -> Response:
    response = current_app.response_class(jpeg, mimetype="image/jpeg")
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = "private, no-store"
    return response
