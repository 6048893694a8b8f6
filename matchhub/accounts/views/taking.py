"""Before a list of others leaves: is it still you, and what is it for. Then the download begins by itself."""

import secrets
from dataclasses import dataclass
from datetime import datetime, UTC
from typing import Any

from flask import current_app, Flask, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from matchhub.accounts.forms import ConfirmationForm
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries import identities_of
from matchhub.accounts.services import taking
from matchhub.accounts.services.taking import Wanted
from matchhub.accounts.views.blueprint import bp
from matchhub.accounts.views.browser import (
    check_current_password,
    HOME,
    own_user,
    prove_again,
    refused_status,
    right_code,
    SAID,
    signed_in_row,
)
from matchhub.core import ledger
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import current_actor, is_refused, ProofNeeded, requires, safe_next


@dataclass(frozen=True, slots=True)
class Taking:
    """One list on its way out."""

    mark: str
    reason: str

    def note(self, rows: int) -> None:
        """Make it durable, before the first byte leaves, who took which list, how much of it and what for."""
        ledger.record_access(
            current_actor(), taking.TAKEN, None, list=request.endpoint, rows=rows, mark=self.mark,
            reason=self.reason or None, asked=taking.asked_by(_address()),
        )  # fmt: skip


def init_app(app: Flask) -> None:
    """What views that hand out lists ask before."""
    app.extensions["matchhub_taking"] = begin


def begin(what: str) -> Taking:
    """The way out is open for this list. Raises ProofNeeded, TooMany."""
    if not _wanted(_address()).nothing:
        raise ProofNeeded
    return Taking(f"MH-{secrets.token_hex(4).upper()}", _said()[0])


@bp.get("/session/confirmation")
@requires(POLICY, Permission.ACT)
def confirmation_form() -> ResponseReturnValue:
    target, back = _next(request.args.get("next")), _next(request.args.get("back"))
    wanted = _wanted(target)
    if wanted.nothing:
        return redirect(url_for(".confirmed", next=target, back=back))
    return _page(_form(wanted, next=target, back=back), wanted)


@bp.post("/session/confirmations")
@requires(POLICY, Permission.ACT)
def confirm() -> ResponseReturnValue:
    target, back = _next(request.form.get("next")), _next(request.form.get("back"))
    wanted, row = _wanted(target), signed_in_row()
    form = _form(wanted)
    if row is None or (form.validate() and not is_refused(form) and _prove(form, row)):
        return redirect(url_for(".confirmed", next=target, back=back))
    return _page(form, wanted), refused_status(form)


@bp.get("/session/confirmed")
@requires(POLICY, Permission.ACT)
def confirmed() -> ResponseReturnValue:
    target, back = _next(request.args.get("next")), _next(request.args.get("back"))
    what = list_at(target)
    if not what:
        return redirect(target)
    return render_template("accounts/confirmed.html", target=target, back=back, what=what)


def prove_first() -> None:
    """Before something that cannot be undone: is it still you. Raises ProofNeeded, which leads back here."""
    if not is_proved():
        raise ProofNeeded


def is_proved() -> bool:
    """Whether the person has proved to be there not long ago."""
    return not _wanted(_address()).proof


def list_at(address: str) -> str:
    """What the list at this address is called, a msgid; '' where none leaves the house there."""
    return str(getattr(_view_at(address), "__takes__", ""))


def _view_at(address: str) -> Any:
    """The view that answers at an address of ours; None for none."""
    try:
        endpoint, _ = current_app.create_url_adapter(request).match(address.partition("?")[0], method="GET")  # type: ignore[union-attr]
    except (HTTPException, RequestRedirect):
        return None
    return current_app.view_functions[endpoint]


def _prove(form: ConfirmationForm, row: Any) -> bool:
    """Check what was wanted and keep it; False where the proof is wrong, which is said on the form."""
    reason = form.reason.data if "reason" in form else ""
    if "current" in form:
        check_current_password(form)
    elif "code" in form:
        right_code(form, row)
    if is_refused(form):
        return False
    if "current" in form or "code" in form:
        prove_again(row)
    if reason:
        session[SAID] = {"reason": reason, "at": utcnow().timestamp()}
    return True


def _form(wanted: Wanted, **data: str) -> ConfirmationForm:
    """The form with the fields that are wanted of this person; none for a proof where only the provider can give it."""
    form, user = ConfirmationForm(**data), own_user()
    if not wanted.proof or user.password_hash is None:
        del form.current
    if not wanted.proof or user.password_hash is not None or user.totp_enabled_at is None:
        del form.code
    if not wanted.reason:
        del form.reason
    return form


def _page(form: ConfirmationForm, wanted: Wanted) -> str:
    user = own_user()
    return render_template(
        "accounts/confirmation_form.html", form=form, wanted=wanted, what=list_at(form.next.data or ""),
        has_proof="current" in form or "code" in form or not wanted.proof,
        has_identity=wanted.proof and bool(identities_of(db.session(), user.id)),
    )  # fmt: skip


def _wanted(address: str) -> Wanted:
    view = _view_at(address)
    of_others = hasattr(view, "__takes__") and not view.__of_oneself__
    return taking.wanted(db.session(), current_actor(), address, of_others=of_others, said_at=_said()[1], now=utcnow())


def _said() -> tuple[str, datetime | None]:
    """The reason that was given last in this browser, and when."""
    kept = session.get(SAID)
    if not isinstance(kept, dict):
        return "", None
    return str(kept["reason"]), datetime.fromtimestamp(float(kept["at"]), UTC)


def _address() -> str:
    return request.full_path.rstrip("?")


def _next(target: str | None) -> str:
    return safe_next(target, HOME)
