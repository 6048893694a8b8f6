"""Taking back what nobody has seen yet."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core.clock import utcnow
from matchhub.core.web import current_actor, requires
from matchhub.introductions import services
from matchhub.introductions.models import Introduction, Message
from matchhub.introductions.policy import Permission, POLICY
from matchhub.introductions.queries import own_message, visible_introduction
from matchhub.introductions.views.blueprint import bp


@bp.post("/introductions/<int:introduction_id>/undoing")
@requires(POLICY, Permission.WITHDRAW, load=visible_introduction)
def undo_request(introduction: Introduction) -> ResponseReturnValue:
    need_id, offer_id = introduction.need_id, introduction.offer_id
    services.undo_request(introduction, actor=current_actor(), now=utcnow())
    flash(_("已撤销，对方没有看到"), "success")
    return redirect(url_for("matches.pair", need=need_id, offer=offer_id))


@bp.post("/introductions/<int:introduction_id>/refusal-undoing")
@requires(POLICY, Permission.ANSWER, load=visible_introduction)
def undo_refusal(introduction: Introduction) -> ResponseReturnValue:
    services.undo_refusal(introduction, actor=current_actor(), now=utcnow())
    flash(_("已撤销，对方没有看到"), "success")
    return redirect(url_for(".show", introduction_id=introduction.id))


@bp.post("/messages/<int:message_id>/undoing")
@requires(POLICY, Permission.WRITE, load=own_message)
def undo_message(message: Message) -> ResponseReturnValue:
    introduction_id = message.introduction_id
    services.undo_message(message, actor=current_actor(), now=utcnow())
    flash(_("已撤销，对方没有看到"), "success")
    return redirect(url_for(".show", introduction_id=introduction_id, _anchor="thread-end"))
