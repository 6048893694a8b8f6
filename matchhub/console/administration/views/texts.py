"""文本: the versions of terms, privacy and consents."""

from datetime import datetime, time

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.console.administration import queries
from matchhub.console.administration.forms import TextForm
from matchhub.console.administration.views.blueprint import bp
from matchhub.core import setup
from matchhub.core.administration import Permission, POLICY
from matchhub.core.clock import CITY_ZONE, utcnow
from matchhub.core.db import db
from matchhub.core.texts import current_text, LegalText, TextKind
from matchhub.core.web import current_actor, is_refused, refusals_on, requires


@bp.get("/administration/texts")
@requires(POLICY, Permission.VIEW)
def texts() -> ResponseReturnValue:
    return render_template("administration/texts.html", rows=queries.texts(db.session()))


@bp.get("/administration/texts/<int:text_id>")
@requires(POLICY, Permission.VIEW, load=queries.legal_text)
def text(row: LegalText) -> ResponseReturnValue:
    return render_template("administration/text.html", text=row)


@bp.get("/administration/texts/new")
@requires(POLICY, Permission.CONFIGURE)
def new_text() -> ResponseReturnValue:
    asked = request.args.get("kind", "")
    kind = TextKind(asked) if asked in set(TextKind) else TextKind.TERMS
    latest = current_text(db.session(), kind, utcnow())
    form = TextForm(kind=kind.value, body=latest.body, body_en=latest.body_en)
    return render_template("administration/new_text.html", form=form)


@bp.post("/administration/texts")
@requires(POLICY, Permission.CONFIGURE)
def publish_text() -> ResponseReturnValue:
    form, now = TextForm(), utcnow()
    if form.validate_on_submit():
        day = form.effective_on.data
        effective_at = datetime.combine(day, time(), CITY_ZONE) if day else now
        with refusals_on(form):
            setup.publish_text(
                TextKind(form.kind.data), version=form.version.data or "", body=form.body.data or "",
                body_en=form.body_en.data or "", effective_at=effective_at, actor=current_actor(), now=now,
            )  # fmt: skip
    if is_refused(form):
        return render_template("administration/new_text.html", form=form), 422
    flash(_("已发布"), "success")
    return redirect(url_for(".texts"))
