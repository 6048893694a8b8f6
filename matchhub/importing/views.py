"""What one may bring in: the list, a template, the upload, the preview, the confirmation, the result."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import uploads
from matchhub.core.clock import utcnow
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.previews import problem_sheet
from matchhub.core.ui import locale_code
from matchhub.core.uploads import path_of, StoredFile
from matchhub.core.web import current_actor, file_response, refusals_on, requires, takes_away, worded
from matchhub.importing import exports, queries, services
from matchhub.importing.exports import HOW
from matchhub.importing.forms import columns_of, ConfirmForm, TableForm, weigh, Weighed, written_rows
from matchhub.importing.kinds import Column, ImportKind, KINDS, kinds_of, MAX_LINES, Subject, Whose, whose
from matchhub.importing.policy import Permission, POLICY
from matchhub.settings import Settings

MEGABYTES = 5
XLSX = uploads.KINDS["xlsx"]
bp = Blueprint("importing", __name__)


@dataclass(slots=True)
class Desk:
    """One kind of table in the actor's hands, and perhaps a file of that kind."""

    kind: ImportKind
    whose: Whose
    file: StoredFile | None = None

    @property
    def columns(self) -> list[Column]:
        """The columns of its tables."""
        return columns_of(self.kind, self.whose)

    @property
    def title(self) -> str:
        """What the page is called."""
        return title_of(self.kind)

    @property
    def may_publish(self) -> bool:
        """Whether its lines can be published by whoever brings them in."""
        return self.kind.subject is Subject.OFFER

    @property
    def may_invite(self) -> bool:
        """Whether people can be asked to join."""
        return self.kind.subject is Subject.MENTOR


def title_of(kind: ImportKind) -> str:
    """A table's name in the reader's language."""
    label = str(_(kind.label))
    return str(_("企业需求：%(kind)s", kind=label)) if kind.subject is Subject.NEED else label


def desk(actor: Actor, sort: str, file_id: int | None = None, **ids: Any) -> Desk | None:
    """A kind of table that the actor may bring in; None for any other, or for a file of somebody else."""
    kind = KINDS.get(sort)
    hands = whose(kind, actor) if kind else None
    if kind is None or hands is None:
        return None
    file = queries.uploaded_table(actor, file_id) if file_id is not None else None
    return None if file_id is not None and file is None else Desk(kind, hands, file)


def folder() -> Path:
    """Where uploaded bytes lie."""
    settings: Settings = current_app.extensions["matchhub"]
    return settings.files_dir


def _weighed(held: Desk) -> Weighed:
    assert held.file is not None
    return weigh(path_of(held.file, folder()).read_bytes(), held.kind, actor=current_actor())


@bp.get("/imports")
@requires(POLICY, Permission.IMPORT)
def index() -> ResponseReturnValue:
    kinds = [(kind, title_of(kind)) for kind in kinds_of(current_actor())]
    return render_template("importing/index.html", kinds=kinds)


@bp.get("/imports/<string:sort>")
@requires(POLICY, Permission.IMPORT, load=desk)
def table(desk: Desk) -> ResponseReturnValue:
    return _page(desk, TableForm(formdata=None))


def _page(held: Desk, form: TableForm) -> str:
    return render_template("importing/table.html", desk=held, form=form, how=HOW, most=MAX_LINES)


@bp.get("/imports/<string:sort>/template.xlsx")
@requires(POLICY, Permission.IMPORT, load=desk)
def template(desk: Desk) -> ResponseReturnValue:
    content = exports.template(desk.title, desk.columns, key=desk.kind.key, locale=locale_code(), say=_)
    return file_response(content, name=f"{desk.title} {_('模板')}.xlsx", media_type=XLSX)


@bp.get("/imports/<string:sort>/current.xlsx")
@requires(POLICY, Permission.IMPORT, load=desk)
@takes_away(N_("现有的表格"))
def current(desk: Desk) -> ResponseReturnValue:
    columns = desk.columns
    rows = written_rows(desk.kind, desk.whose, columns, current_actor())
    content = exports.current(desk.title, columns, rows, locale=locale_code())
    return file_response(content, name=f"{desk.title}.xlsx", media_type=XLSX)


@bp.post("/imports/<string:sort>")
@requires(POLICY, Permission.IMPORT, load=desk)
def upload(desk: Desk) -> ResponseReturnValue:
    form = TableForm()
    if form.validate():
        with refusals_on(form):
            sent = form.file.data
            found = uploads.check(
                cast(BinaryIO, sent.stream), sent.filename or "", folder=folder(), allowed=frozenset({"xlsx", "csv"}),
                max_bytes=MEGABYTES * 2**20,
            )  # fmt: skip
            weigh((folder() / found.key[:2] / found.key).read_bytes(), desk.kind, actor=current_actor())
            stored = services.keep_table(found, desk.kind, actor=current_actor(), now=utcnow())
            return redirect(url_for(".preview", sort=desk.kind.code, file_id=stored.id))
    return _page(desk, form), 422


@bp.get("/imports/<string:sort>/<int:file_id>")
@requires(POLICY, Permission.IMPORT, load=desk)
def preview(desk: Desk) -> ResponseReturnValue:
    form = ConfirmForm(formdata=None)
    return render_template("importing/preview.html", desk=desk, preview=_weighed(desk).preview, form=form)


@bp.post("/imports/<string:sort>/<int:file_id>/application")
@requires(POLICY, Permission.IMPORT, load=desk)
def apply(desk: Desk) -> ResponseReturnValue:
    form = ConfirmForm()
    lines = _weighed(desk).lines
    services.apply(
        lines, desk.kind, file=desk.file, publish=desk.may_publish and form.publish.data,
        invite=desk.may_invite and form.invite.data, actor=current_actor(), now=utcnow(),
    )  # fmt: skip
    flash(str(_("导入完成")), "success")
    return redirect(url_for(".result", sort=desk.kind.code, file_id=desk.file.id if desk.file else 0))


@bp.get("/imports/<string:sort>/<int:file_id>/result")
@requires(POLICY, Permission.IMPORT, load=desk)
def result(desk: Desk) -> ResponseReturnValue:
    event = queries.result_of(desk.file) if desk.file else None
    if event is None:
        return redirect(url_for(".preview", sort=desk.kind.code, file_id=desk.file.id if desk.file else 0))
    return render_template("importing/result.html", desk=desk, done=event.details, preview=_weighed(desk).preview)


@bp.get("/imports/<string:sort>/<int:file_id>/problems.xlsx")
@requires(POLICY, Permission.IMPORT, load=desk)
def problems(desk: Desk) -> ResponseReturnValue:
    title, header = str(_("要改的地方")), (N_("行"), N_("列"), N_("文件里写的"), N_("怎么改"))
    content = problem_sheet(
        _weighed(desk).preview.problems, title=title, header=[str(_(h)) for h in header],
        say=lambda message, values: worded(message, **values),
    )  # fmt: skip
    return file_response(content, name=f"{title}.xlsx", media_type=XLSX)
