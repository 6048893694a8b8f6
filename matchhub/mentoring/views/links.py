"""The personal link of a mail: the page shows a session, one tap confirms it; nobody needs to sign in."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.links import LINKS
from matchhub.core.web import public
from matchhub.mentoring import services
from matchhub.mentoring.forms import SeenForm
from matchhub.mentoring.models import MentoringSession
from matchhub.mentoring.queries import confirming_actor
from matchhub.mentoring.services import LINK_PURPOSE
from matchhub.mentoring.views.blueprint import bp

WHY = (
    "a signed link, for one person, one session and one purpose, until a time; what it shows holds no words of the talk"
)


@bp.get("/session-confirmations/<string:token>")
@public(WHY)
def session_confirmation(token: str) -> ResponseReturnValue:
    session, user_id = _read(token)
    may = confirming_actor(db.session(), user_id, session.engagement.enterprise_id) is not None
    return render_template("mentoring/session_confirmation.html", session=session, token=token, may=may)


@bp.post("/session-confirmations/<string:token>")
@public(WHY)
def confirm_session(token: str) -> ResponseReturnValue:
    session, user_id = _read(token)
    services.confirm_by_link(session, user_id, seen=SeenForm().version, now=utcnow())
    flash(_("已确认，小时已计入"), "success")
    return redirect(url_for(".session_confirmation", token=token))


def _read(token: str) -> tuple[MentoringSession, int]:
    values = LINKS.read(LINK_PURPOSE, token, now=utcnow())
    session = db.session.get(MentoringSession, values[0]) if values else None
    if values is None or session is None:
        raise errors.NotFound(N_("这个链接已失效，请登录后在辅导页确认"))
    return session, values[1]
