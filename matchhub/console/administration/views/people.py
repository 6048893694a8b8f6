"""人员: found, unlocked, helped after a lost phone or password, signed out."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts import services
from matchhub.accounts.models import User
from matchhub.accounts.policy import Person
from matchhub.accounts.services import administration
from matchhub.console.administration import queries
from matchhub.console.administration.exports import people_sheet
from matchhub.console.administration.views.blueprint import bp, EXPORTED
from matchhub.core.administration import Permission, POLICY
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.uploads import KINDS
from matchhub.core.web import current_actor, file_response, page_number, requires, takes_away


@bp.get("/administration/people")
@requires(POLICY, Permission.VIEW)
def people() -> ResponseReturnValue:
    text, only = request.args.get("q", ""), request.args.get("only", "")
    page = queries.people(db.session(), text=text, only=only, now=utcnow(), number=page_number())
    return render_template("administration/people.html", page=page, search_words=text, only=only)


@bp.get("/administration/people/export.xlsx")
@requires(POLICY, Permission.VIEW)
@takes_away(N_("人员"))
def export_people() -> ResponseReturnValue:
    text, only = request.args.get("q", ""), request.args.get("only", "")
    page = queries.people(db.session(), text=text, only=only, now=utcnow(), per_page=EXPORTED)
    return file_response(people_sheet(page.items, now=utcnow()), name=f"{_('人员')}.xlsx", media_type=KINDS["xlsx"])


@bp.get("/administration/people/<int:user_id>")
@requires(POLICY, Permission.VIEW, load=queries.person)
def person(user: User) -> ResponseReturnValue:
    return _page(user)


@bp.post("/administration/people/<int:user_id>/unlocking")
@requires(POLICY, Permission.OPERATE, load=queries.person)
def unlock_person(user: User) -> ResponseReturnValue:
    administration.unlock(user, actor=current_actor(), now=utcnow())
    return _done(user, _("已解锁"))


@bp.post("/administration/people/<int:user_id>/session-closure")
@requires(POLICY, Permission.OPERATE, load=queries.person)
def end_sessions(user: User) -> ResponseReturnValue:
    administration.end_all_sessions(user, actor=current_actor(), now=utcnow())
    return _done(user, _("所有设备已退出登录"))


@bp.post("/administration/people/<int:user_id>/second-factor-replacement")
@requires(POLICY, Permission.OPERATE, load=queries.person)
def replace_second_factor(user: User) -> ResponseReturnValue:
    administration.replace_second_factor(user, actor=current_actor(), now=utcnow())
    return _done(user, _("两步验证已重置，下次登录时重新设置"))


@bp.post("/administration/people/<int:user_id>/reset-code")
@requires(POLICY, Permission.OPERATE, load=queries.person)
def issue_reset_code(user: User) -> ResponseReturnValue:
    code = services.issue_reset_code(user, Person(user.id, ()), actor=current_actor(), now=utcnow())
    return _page(user, code=code)


def _done(user: User, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for(".person", user_id=user.id))


def _page(user: User, *, code: str = "") -> str:
    session, now = db.session(), utcnow()
    return render_template(
        "administration/person.html",
        person=user,
        memberships=queries.memberships_of(session, user.id),
        sessions=queries.open_sessions(session, user.id, now=now),
        is_locked=user.locked_until is not None and user.locked_until > now,
        is_self=user.id == current_actor().user_id,
        code=code,
    )
