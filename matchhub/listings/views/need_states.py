"""What can be done with a need: one address per transition."""

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import finish
from matchhub.core.web import current_actor, is_refused, refusals_on, requires, spoken_message
from matchhub.listings import queries, services
from matchhub.listings.enums import NeedState
from matchhub.listings.forms import ClosureForm, ReturnForm
from matchhub.listings.models import Need
from matchhub.listings.policy import Permission, POLICY
from matchhub.listings.views.blueprint import bp, url_if_there
from matchhub.listings.views.need_form import check_page
from matchhub.listings.views.needs import need_page


@bp.post("/needs/<int:need_id>/publication")
@requires(POLICY, Permission.EDIT_NEED, load=queries.own_need)
def publish(need: Need) -> ResponseReturnValue:
    try:
        services.publish_need(need, actor=current_actor(), now=utcnow())
    except errors.Invalid as error:
        finish(commit=False)
        return check_page(need, refusals=[spoken_message(error)]), 422
    if need.state is NeedState.SUBMITTED:
        flash(_("已提交，载体审核后发布"), "success")
        return redirect(url_for(".need", need_id=need.id))
    flash(_("需求已发布，正在为你比对机构"), "success")
    return redirect(url_if_there("matches.suggestions", need=need.id) or url_for(".need", need_id=need.id))


@bp.post("/needs/<int:need_id>/recall")
@requires(POLICY, Permission.EDIT_NEED, load=queries.own_need)
def recall(need: Need) -> ResponseReturnValue:
    services.recall_need(need, actor=current_actor(), now=utcnow())
    flash(_("已撤回，改好后再发布"), "success")
    return redirect(url_for(".need_step", need_id=need.id, step=1))


@bp.post("/needs/<int:need_id>/approval")
@requires(POLICY, Permission.CHECK_NEED, load=queries.visible_need)
def approve(need: Need) -> ResponseReturnValue:
    try:
        services.approve_need(need, actor=current_actor(), now=utcnow())
    except errors.Invalid as error:
        finish(commit=False)
        return need_page(need, refusals=[spoken_message(error)]), 422
    flash(_("已通过，需求已发布"), "success")
    return redirect(url_for(".need", need_id=need.id))


@bp.post("/needs/<int:need_id>/return")
@requires(POLICY, Permission.CHECK_NEED, load=queries.visible_need)
def return_to_owner(need: Need) -> ResponseReturnValue:
    form = ReturnForm()
    if form.validate():
        with refusals_on(form):
            services.return_need(need, reason=form.reason.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return need_page(need, return_form=form), 422
    flash(_("已退回，企业会看到原因"), "success")
    return redirect(url_for(".need", need_id=need.id))


@bp.post("/needs/<int:need_id>/pause")
@requires(POLICY, Permission.EDIT_NEED, load=queries.own_need)
def pause(need: Need) -> ResponseReturnValue:
    services.pause_need(need, actor=current_actor(), now=utcnow())
    return _back(need, _("已暂停，不再推荐给机构"))


@bp.post("/needs/<int:need_id>/resumption")
@requires(POLICY, Permission.EDIT_NEED, load=queries.own_need)
def resume(need: Need) -> ResponseReturnValue:
    return _unless_refused(need, services.resume_need, _("已恢复"))


@bp.post("/needs/<int:need_id>/renewal")
@requires(POLICY, Permission.EDIT_NEED, load=queries.own_need)
def renew(need: Need) -> ResponseReturnValue:
    return _unless_refused(need, services.renew_need, _("已续期"))


@bp.post("/needs/<int:need_id>/closure")
@requires(POLICY, Permission.EDIT_NEED, load=queries.own_need)
def close(need: Need) -> ResponseReturnValue:
    form = ClosureForm()
    if form.validate():
        with refusals_on(form):
            services.close_need(need, reason=form.reason.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return need_page(need, closure_form=form), 422
    return _back(need, _("需求已结束"))


@bp.get("/needs/<int:need_id>/print")
@requires(POLICY, Permission.READ_OWN_NEED, load=queries.own_need)
def print_need(need: Need) -> ResponseReturnValue:
    return need_page(need, template="listings/print_need.html")


def _unless_refused(need: Need, service: Any, words: str) -> ResponseReturnValue:
    """Run a transition that may find something missing, and say what."""
    try:
        service(need, actor=current_actor(), now=utcnow())
    except errors.Invalid as error:
        finish(commit=False)
        return need_page(need, refusals=[spoken_message(error)]), 422
    return _back(need, words)


def _back(need: Need, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for(".need", need_id=need.id))
