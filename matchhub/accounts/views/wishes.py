"""What a person wants to be told of, and the page behind the link of a mail."""

from datetime import time

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts import services
from matchhub.accounts.forms import NoticeSettingsForm
from matchhub.accounts.models import User
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries.robots import robots_of
from matchhub.accounts.views.blueprint import bp
from matchhub.accounts.views.browser import own_user, settings
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, public, refusals_on, requires
from matchhub.core.wishes import by_default, Channel, choosable, chosen_by, Farewells, Quiet, quiet_of, Topic

BY_LINK = "the signed link of a mail says whose mail of which topic; mail programs press it without signing in"


@bp.get("/account/notices")
@requires(POLICY, Permission.ACT)
def notice_settings() -> ResponseReturnValue:
    user, quiet = own_user(), quiet_of(db.session(), current_actor().user_id)
    form = NoticeSettingsForm(
        formdata=None, wanted=[f"{topic}:{channel}" for topic, channel in _wanted_by(user)], quiet=quiet.is_on,
        quiet_from=_clock(quiet.from_minute), quiet_to=_clock(quiet.to_minute), rest_days=quiet.rest_days,
    )  # fmt: skip
    return _page(form)


@bp.post("/account/notices")
@requires(POLICY, Permission.ACT)
def change_notice_settings() -> ResponseReturnValue:
    form = NoticeSettingsForm()
    if form.validate():
        with refusals_on(form):
            services.change_wishes(
                own_user(), wanted=form.choices, quiet=_quiet(form), actor=current_actor(), now=utcnow()
            )
    if is_refused(form):
        return _page(form), 422
    flash(_("通知设置已保存"), "success")
    return redirect(url_for(".notice_settings"))


@bp.get("/farewells/<string:token>")
@public(BY_LINK)
def farewell(token: str) -> ResponseReturnValue:
    """Changes nothing: scanners of mails open every link."""
    _, topic = _behind(token)
    return render_template("accounts/farewell.html", token=token, topic=topic, done=False)


@bp.post("/farewells/<string:token>")
@public(BY_LINK)
def take_leave(token: str) -> ResponseReturnValue:
    user, topic = _behind(token)
    services.take_leave(user, topic, actor=current_actor(), now=utcnow())
    return render_template("accounts/farewell.html", token=token, topic=topic, done=True)


def _behind(token: str) -> tuple[User, Topic]:
    found = Farewells((settings().secret_key, *settings().secret_key_fallbacks)).read(token)
    user = db.session.get(User, found[0]) if found else None
    if found is None or user is None:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return user, found[1]


def _wanted_by(user: User) -> list[tuple[Topic, Channel]]:
    chosen = chosen_by(db.session(), [user.id])
    every = [(topic, channel) for topic in Topic for channel in Channel]
    return [(t, c) for t, c in every if chosen.get((user.id, t, c), by_default(t, c))]


def _page(form: NoticeSettingsForm) -> str:
    organization_id = current_actor().organization_id
    robots = robots_of(db.session(), organization_id) if organization_id else []
    return render_template(
        "accounts/notice_settings.html", form=form, topics=list(Topic), channels=list(Channel), choosable=choosable,
        robots=robots, may_manage_robots=POLICY.allows(Permission.MANAGE_ROBOTS, current_actor()),
    )  # fmt: skip


def _quiet(form: NoticeSettingsForm) -> Quiet:
    usual = Quiet()
    return Quiet(
        form.quiet.data, _minute(form.quiet_from.data, usual.from_minute),
        _minute(form.quiet_to.data, usual.to_minute), form.rest_days.data,
    )  # fmt: skip


def _clock(minute: int) -> time:
    return time(minute // 60, minute % 60)


def _minute(moment: time | None, usual: int) -> int:
    return usual if moment is None else moment.hour * 60 + moment.minute
