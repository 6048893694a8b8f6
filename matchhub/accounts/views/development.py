"""One-click sign-in for the demo city. Registered in development only, and answers in a demo installation only."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from matchhub.accounts.enums import MembershipState
from matchhub.accounts.models import Membership, User
from matchhub.accounts.views.browser import HOME, open_browser
from matchhub.core.db import db
from matchhub.core.errors import NotFound
from matchhub.core.labels import N_
from matchhub.core.ui import site
from matchhub.core.web import public

bp = Blueprint("development", __name__)


@bp.get("/development/session")
@public("the demo city's cast; only where the environment is development and the installation a demo")
def session_form() -> ResponseReturnValue:
    return render_template("accounts/development_session.html", cast=_cast())


@bp.post("/development/session")
@public("the demo city's cast; only where the environment is development and the installation a demo")
def sign_in() -> ResponseReturnValue:
    chosen = next((m for m in _cast() if str(m.id) == request.form.get("membership")), None)
    if chosen is None:
        raise NotFound(N_("没有这一页，或者你不能看"))
    open_browser(chosen.user, membership=chosen, second_factor=True)
    return redirect(HOME)


def _cast() -> list[Membership]:
    """The memberships of those whose addresses the demo city has written into the installation."""
    here = site()
    if here is None or not here.is_demo:
        raise NotFound(N_("没有这一页，或者你不能看"))
    addresses = [entry["email"] if isinstance(entry, dict) else entry for entry in here.extra.get("cast", [])]
    rows = db.session.scalars(
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .where(User.email.in_(addresses), User.disabled_at.is_(None), Membership.state == MembershipState.ACTIVE)
        .options(joinedload(Membership.user, innerjoin=True), joinedload(Membership.organization, innerjoin=True))
    )
    return sorted(rows, key=lambda m: (addresses.index(m.user.email), m.id))
