"""Group robots of one's own organization."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts.forms import RobotForm, RobotTopicsForm
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries.robots import own_robot, robots_of
from matchhub.accounts.services import robots as services
from matchhub.accounts.views.blueprint import bp
from matchhub.accounts.views.browser import own_organization, settings, vault
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.errors import TooMany
from matchhub.core.labels import N_
from matchhub.core.robots import GroupRobot, RobotKind, RobotRefusal
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.core.wishes import Topic

TRIAL_PAUSE_SECONDS = 10


@bp.get("/group-robots")
@requires(POLICY, Permission.MANAGE_ROBOTS)
def group_robots() -> ResponseReturnValue:
    return _page(RobotForm(formdata=None, topics=[topic.value for topic in services.TOPICS]))


@bp.post("/group-robots")
@requires(POLICY, Permission.MANAGE_ROBOTS)
def add_robot() -> ResponseReturnValue:
    form = RobotForm()
    if form.validate():
        with refusals_on(form):
            services.add_robot(
                own_organization(), RobotKind(form.kind.data), address=form.address.data or "",
                secret=form.secret.data or "", name=form.name.data or "", locale=form.locale.data,
                topics=[Topic(code) for code in form.topics.data or ()], vault=vault(), actor=current_actor(),
                now=utcnow(),
            )  # fmt: skip
    if is_refused(form):
        return _page(form), 422
    flash(_("群机器人已加上，发一条试试"), "success")
    return redirect(url_for(".group_robots"))


@bp.post("/group-robots/<int:robot_id>/topics")
@requires(POLICY, Permission.MANAGE_ROBOTS, load=own_robot)
def change_robot(robot: GroupRobot) -> ResponseReturnValue:
    form = RobotTopicsForm()
    if not form.validate():
        return _page(RobotForm(formdata=None)), 422
    topics = [Topic(code) for code in form.topics.data or ()]
    services.change_robot(robot, topics=topics, actor=current_actor(), now=utcnow())
    flash(_("群机器人的通知范围已保存"), "success")
    return redirect(url_for(".group_robots"))


@bp.post("/group-robots/<int:robot_id>/trial")
@requires(POLICY, Permission.TELL_GROUP, load=own_robot)
def try_robot(robot: GroupRobot) -> ResponseReturnValue:
    if robot.last_sent_at and (utcnow() - robot.last_sent_at).total_seconds() < TRIAL_PAUSE_SECONDS:
        raise TooMany(N_("刚发过一条，稍后再试"), retry_after=TRIAL_PAUSE_SECONDS)
    error, words = "", _("这是一条测试消息：通知会发到这个群。")
    try:
        services.say_to(robot, words, vault=vault(), instead=settings().robot_url)
    except RobotRefusal as refusal:
        error = str(refusal)
    services.note_trial(robot, error=error, actor=current_actor(), now=utcnow())
    if error:
        flash(_("没有发出去：%(error)s。检查地址、签名密钥和群机器人的安全设置", error=error), "error")
    else:
        flash(_("测试消息已发出，到群里看看"), "success")
    return redirect(url_for(".group_robots"))


@bp.post("/group-robots/<int:robot_id>/removal")
@requires(POLICY, Permission.MANAGE_ROBOTS, load=own_robot)
def remove_robot(robot: GroupRobot) -> ResponseReturnValue:
    services.remove_robot(robot, actor=current_actor(), now=utcnow())
    flash(_("群机器人已移除"), "success")
    return redirect(url_for(".group_robots"))


def _page(form: RobotForm) -> str:
    robots = robots_of(db.session(), current_actor().organization_id or 0)
    forms = {robot.id: RobotTopicsForm(formdata=None, topics=robot.topics, prefix="") for robot in robots}
    for robot in robots:
        forms[robot.id].topics.id = f"robot-{robot.id}-topics"
    return render_template("accounts/group_robots.html", robots=robots, forms=forms, form=form)
