"""Terms and privacy: read by everyone, accepted by version."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchhub.accounts import services
from matchhub.accounts.forms import TextsForm
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.services.registration import ACCEPTED_KINDS
from matchhub.accounts.views.blueprint import bp
from matchhub.accounts.views.browser import HOME, own_user
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.texts import current_text, LegalText, TextKind
from matchhub.core.ui import locale_code
from matchhub.core.web import current_actor, is_refused, public, refusals_on, requires, safe_next


def shown_texts() -> list[LegalText]:
    """The versions that are accepted today."""
    return [current_text(db.session(), kind, utcnow()) for kind in ACCEPTED_KINDS]


@bp.get("/terms")
@public("everyone may read the terms")
def terms() -> ResponseReturnValue:
    return _text(TextKind.TERMS)


@bp.get("/privacy")
@public("everyone may read what happens to personal data")
def privacy() -> ResponseReturnValue:
    return _text(TextKind.PRIVACY)


@bp.get("/texts/acceptance")
@requires(POLICY, Permission.ACT)
def text_acceptance_form() -> ResponseReturnValue:
    return _acceptance(TextsForm())


@bp.post("/texts/acceptances")
@requires(POLICY, Permission.ACT)
def accept_texts() -> ResponseReturnValue:
    form = TextsForm()
    if form.validate():
        with refusals_on(form):
            services.accept_texts(own_user(), form.text_ids, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _acceptance(form, 422)
    return redirect(safe_next(request.args.get("next"), HOME))


def _text(kind: TextKind) -> ResponseReturnValue:
    text = current_text(db.session(), kind, utcnow())
    return render_template("accounts/text.html", text=text, words=text.words(locale_code()))


def _acceptance(form: TextsForm, status: int = 200) -> ResponseReturnValue:
    texts = shown_texts()
    form.texts.data = "-".join(str(text.id) for text in texts)
    target = safe_next(request.args.get("next"), HOME)
    action = url_for(".accept_texts", next=target)
    return render_template("accounts/text_acceptance_form.html", form=form, texts=texts, action=action), status
