"""What a side says of a suggestion."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, flash_undoable, leaves_at, requires, safe_next
from matchhub.matches.enums import FeedbackKind, Side
from matchhub.matches.models import Suggestion
from matchhub.matches.policy import Permission, POLICY
from matchhub.matches.queries import lists
from matchhub.matches.services import feedback as services
from matchhub.matches.views.blueprint import bp

SAID = {
    FeedbackKind.INTERESTED: N_("已记下：感兴趣"),
    FeedbackKind.NOT_FIT: N_("已记下：不合适，以后不再推荐"),
    FeedbackKind.LATER: N_("已放到 30 天后"),
}


@bp.post("/suggestions/<int:suggestion_id>/feedback")
@requires(POLICY, Permission.GIVE_FEEDBACK, load=lists.suggestion)
def feedback(suggestion: Suggestion) -> ResponseReturnValue:
    back = _list_of(suggestion)
    reason = request.form.get("reason", "")
    try:
        kind = FeedbackKind(request.form.get("kind", FeedbackKind.NOT_FIT if reason else ""))
    except ValueError as error:
        raise errors.Invalid(N_("选一个原因"), "reason") from error
    services.give(suggestion, kind=kind, reason=reason, actor=current_actor(), now=utcnow())
    flash_undoable(_(SAID[kind]), url_for(".undo_feedback", suggestion_id=suggestion.id))
    return redirect(safe_next(request.form.get("next"), back))


@bp.post("/suggestions/<int:suggestion_id>/feedback-undoing")
@requires(POLICY, Permission.GIVE_FEEDBACK, load=lists.suggestion)
def undo_feedback(suggestion: Suggestion) -> ResponseReturnValue:
    back, now = _list_of(suggestion), utcnow()
    services.undo(suggestion, within=(leaves_at(now) or now) - now, actor=current_actor(), now=now)
    flash(_("已撤销"), "success")
    return redirect(back)


@bp.post("/suggestions/<int:suggestion_id>/feedback-withdrawal")
@requires(POLICY, Permission.GIVE_FEEDBACK, load=lists.suggestion)
def feedback_withdrawal(suggestion: Suggestion) -> ResponseReturnValue:
    back = _list_of(suggestion)
    services.withdraw(suggestion, actor=current_actor(), now=utcnow())
    flash(_("已撤销"), "success")
    return redirect(safe_next(request.form.get("next"), back))


def _list_of(suggestion: Suggestion) -> str:
    if suggestion.side is Side.NEED:
        return url_for("matches.suggestions", need=suggestion.need_id)
    return url_for("matches.suggestions", offer=suggestion.offer_id)
