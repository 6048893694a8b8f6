"""The minute after an event: the personal page of questions, and what the answers come to."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import is_refused, public, refusals_on
from matchhub.events import queries, services
from matchhub.events.forms.after import feedback_form, FeedbackForm
from matchhub.events.models import Feedback
from matchhub.events.views.blueprint import bp, question_label

WHY = "a secret address for one person and one event, as a ticket's; the page says nothing of others"


@bp.get("/feedback/<string:token>")
@public(WHY)
def feedback(token: str) -> ResponseReturnValue:
    found = _found(token)
    return _page(found, token, _form(found, sent=False))


@bp.post("/feedback/<string:token>")
@public(WHY)
def answer_feedback(token: str) -> ResponseReturnValue:
    found = _found(token)
    form = _form(found, sent=True)
    with refusals_on(form):
        if form.validate():
            services.answer_feedback(found, form.raw, quotable=bool(form.quotable.data), now=utcnow())
    if is_refused(form):
        return _page(found, token, form), 422
    return redirect(url_for(".feedback", token=token))


def _found(token: str) -> Feedback:
    found = queries.feedback_by_token(db.session(), token)
    if found is None:
        raise errors.NotFound(N_("这个链接已失效"))
    return found


def _form(found: Feedback, *, sent: bool) -> FeedbackForm:
    questions = queries.questions_of(found.event)
    labels = {asked["key"]: question_label(asked) for asked in questions}
    return feedback_form(questions, labels, **({} if sent else {"formdata": None}))


def _page(found: Feedback, token: str, form: FeedbackForm) -> str:
    return render_template(
        "events/after/feedback.html", event=found.event, feedback=found, token=token, form=form,
        questions=queries.questions_of(found.event), is_open=found.is_open(utcnow()),
    )  # fmt: skip
