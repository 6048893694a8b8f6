"""A reviewer's pages: what waits, one application, the own word, an interest declared."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors, ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.disclosure.enums import FieldGroup, Relation
from matchhub.disclosure.queries import Visible
from matchhub.events import queries, services
from matchhub.events.forms.lineup import InterestForm, review_form, ReviewForm, SCORE
from matchhub.events.models import PitchCall, PitchReviewer
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_desk, own_task, ReviewTask
from matchhub.events.views.blueprint import bp
from matchhub.listings.queries import sheet
from matchhub.listings.views.blueprint import rows_of

NAMED = Visible(Relation.ASKED, frozenset({FieldGroup.IDENTITY}))
UNNAMED = Visible(Relation.MEMBER)


def found_call(event_id: int) -> PitchCall:
    """The call of an event that has reviewers."""
    found = queries.call_of(db.session(), event_id)
    if found is None:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return found


@bp.get("/events/<int:event_id>/reviewing")
@requires(POLICY, Permission.REVIEW, load=own_desk)
def reviewing(reviewer: PitchReviewer) -> ResponseReturnValue:
    session = db.session()
    rows = queries.applications_of(session, reviewer.event_id)
    tasks = queries.tasks_of(session, reviewer, rows)
    return render_template(
        "events/review/desk.html", event=reviewer.event, call=found_call(reviewer.event_id), tasks=tasks,
        kept_out=len(rows) - len(tasks), numbers={row.id: number for number, row in enumerate(rows, 1)},
    )  # fmt: skip


@bp.get("/pitch-applications/<int:application_id>/review")
@requires(POLICY, Permission.REVIEW, load=own_task)
def review(task: ReviewTask) -> ResponseReturnValue:
    call = found_call(task.application.event_id)
    return _review(task, call, _form(call, task, sent=False))


def _form(call: PitchCall, task: ReviewTask, *, sent: bool) -> ReviewForm:
    labels = {item["code"]: _label(item) for item in call.criteria}
    if sent:
        return review_form(call.criteria, labels)
    held = task.review
    values = {SCORE + code: points for code, points in (held.scores if held else {}).items()}
    return review_form(call.criteria, labels, formdata=None, remark=held.remark if held else "", **values)


def _label(item: dict[str, Any]) -> str:
    name = item["label_en"] if ui.locale_code() == "en" and item["label_en"] else item["label"]
    return str(_("%(name)s（0 到 %(most)s 分）", name=name, most=item["most"]))


def _review(task: ReviewTask, call: PitchCall, form: ReviewForm, interest: InterestForm | None = None) -> str:
    session, row = db.session(), task.application
    rows = rows_of(sheet(row.need, UNNAMED if call.blind else NAMED))
    words: str | None = row.words
    if call.blind:
        hidden = queries.telling_names(session, row)
        words = queries.masked(words, hidden)
        rows = [(label, queries.masked(value, hidden)) for label, value in rows]
    return render_template(
        "events/review/application.html",
        event=task.event,
        call=call,
        task=task,
        number=queries.number_of(session, row),
        form=form,
        interest=interest or InterestForm(formdata=None),
        rows=rows,
        words=words,
        others=queries.others_of(session, task),
        criteria=call.criteria,
        percent_of=queries.percent_of,
    )


@bp.post("/pitch-applications/<int:application_id>/review")
@requires(POLICY, Permission.REVIEW, load=own_task)
def save_review(task: ReviewTask) -> ResponseReturnValue:
    call, event_id = found_call(task.application.event_id), task.application.event_id
    form, hand_in = _form(call, task, sent=True), request.form.get("hand_in") == "y"
    with refusals_on(form):
        if form.validate():
            points, remark = form.points(call.criteria), form.remark.data or ""
            services.save_review(task, points, remark, hand_in=hand_in, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _review(task, call, form), 422
    flash(_("已交，谢谢") if hand_in else _("已保存，还没有交"), "success")
    return redirect(url_for(".reviewing", event_id=event_id))


@bp.post("/pitch-applications/<int:application_id>/interest")
@requires(POLICY, Permission.REVIEW, load=own_task)
def declare_interest(task: ReviewTask) -> ResponseReturnValue:
    form, event_id = InterestForm(), task.application.event_id
    with refusals_on(form):
        if form.validate():
            services.declare_interest(task, form.conflict.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        call = found_call(event_id)
        return _review(task, call, _form(call, task, sent=False), form), 422
    flash(_("谢谢说明，这个项目不再给你看"), "success")
    return redirect(url_for(".reviewing", event_id=event_id))
