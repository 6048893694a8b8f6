"""What an organizer changes of one event: agenda, questions, rules, seats by role; and what goes on to its series."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from matchhub.core import errors, ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, refusals_on, requires, spoken_message
from matchhub.events import queries, services
from matchhub.events.enums import EventPart
from matchhub.events.forms.editing import (
    agenda_as_it_is,
    agenda_as_sent,
    AgendaForm,
    ApprovalForm,
    QuestionForm,
    RulesForm,
    SpreadForm,
)
from matchhub.events.models import Event, FormField, SeatPool
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_event, own_question, visible_pool
from matchhub.events.views.blueprint import bp


@bp.get("/events/<int:event_id>/cockpit/settings")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def settings(event: Event) -> ResponseReturnValue:
    return render_template(
        "events/settings.html", event=event, pools=queries.pools_of(db.session(), event.id), ahead=_ahead(event),
        roles={pool.role.value: _(pool.role.label) for pool in queries.pools_of(db.session(), event.id)},
    )  # fmt: skip


def _ahead(event: Event) -> int:
    """How many other events of its series are still ahead."""
    if event.series_id is None:
        return 0
    rows = queries.ahead_in_series(db.session(), event.series_id, now=utcnow())
    return sum(row.id != event.id for row in rows)


def _saved(event: Event, endpoint: str) -> ResponseReturnValue:
    flash(_("已保存"), "success")
    return redirect(url_for(endpoint, event_id=event.id))


@bp.get("/events/<int:event_id>/agenda")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def agenda(event: Event) -> ResponseReturnValue:
    return _agenda(event, agenda_as_it_is(event))


@bp.post("/events/<int:event_id>/agenda")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def set_agenda(event: Event) -> ResponseReturnValue:
    form = agenda_as_sent(request.form.get("rows"))
    with refusals_on(form):
        if form.validate():
            form.validate_minutes()
        if not is_refused(form):
            services.set_agenda(event, form.items, seen=form.version, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _agenda(event, form), 422
    return _saved(event, ".agenda")


def _agenda(event: Event, form: AgendaForm) -> str:
    return render_template("events/agenda.html", event=event, form=form, ahead=_ahead(event))


@bp.get("/events/<int:event_id>/rules")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def rules(event: Event) -> ResponseReturnValue:
    return _rules(event, RulesForm.of(event))


@bp.post("/events/<int:event_id>/rules")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def set_rules(event: Event) -> ResponseReturnValue:
    form = RulesForm()
    with refusals_on(form):
        if form.validate():
            services.set_rules(event, form.facts(event), seen=form.version, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _rules(event, form), 422
    return _saved(event, ".rules")


def _rules(event: Event, form: RulesForm) -> str:
    return render_template("events/rules.html", event=event, form=form, ahead=_ahead(event))


@bp.get("/events/<int:event_id>/questions")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def questions(event: Event) -> ResponseReturnValue:
    return render_template(
        "events/questions.html", event=event, answered=queries.answers_to(db.session(), event.id), ahead=_ahead(event),
        labels={row.key: ui.in_locale(row, "label") for row in event.fields},
        roles={pool.role.value: _(pool.role.label) for pool in queries.pools_of(db.session(), event.id)},
        yes_no={"yes": _("是"), "no": _("否")},
    )  # fmt: skip


@bp.get("/events/<int:event_id>/questions/new")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def new_question(event: Event) -> ResponseReturnValue:
    return _question(event, None, _ready(event, None, QuestionForm(formdata=None, seen=event.version, kind="text")))


@bp.post("/events/<int:event_id>/questions")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def add_question(event: Event) -> ResponseReturnValue:
    form = _ready(event, None, QuestionForm())
    with refusals_on(form):
        if form.validate():
            services.add_question(event, form.facts, seen=form.version, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _question(event, None, form), 422
    return _saved(event, ".questions")


@bp.get("/questions/<int:question_id>")
@requires(POLICY, Permission.ORGANIZE, load=own_question)
def question(question: FormField) -> ResponseReturnValue:
    form = QuestionForm(
        formdata=None, seen=question.event.version, label=question.label, label_en=question.label_en, hint=question.hint,
        kind=question.kind.value, options=question.options, required=question.required, roles=question.roles,
        when=[f"{question.when_key}={value}" for value in question.when_values],
    )  # fmt: skip
    return _question(question.event, question, _ready(question.event, question, form))


@bp.post("/questions/<int:question_id>")
@requires(POLICY, Permission.ORGANIZE, load=own_question)
def change_question(question: FormField) -> ResponseReturnValue:
    form = _ready(question.event, question, QuestionForm())
    with refusals_on(form):
        if form.validate():
            services.change_question(question, form.facts, seen=form.version, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _question(question.event, question, form), 422
    return _saved(question.event, ".questions")


def _ready(event: Event, question: FormField | None, form: QuestionForm) -> QuestionForm:
    words = {"yes": _("是"), "no": _("否")}
    pools = queries.pools_of(db.session(), event.id)
    form.roles.choices = {pool.role.value: _(pool.role.label) for pool in pools}
    form.when.choices = {
        f"{row.key}={answer}": f"{ui.in_locale(row, 'label')}{_('：')}{words.get(answer, answer)}"
        for row in services.before(event, question)
        for answer in services.answers_of(row)
    }
    return form


def _question(event: Event, question: FormField | None, form: QuestionForm) -> str:
    return render_template("events/question.html", event=event, question=question, form=form)


@bp.post("/questions/<int:question_id>/rise")
@requires(POLICY, Permission.ORGANIZE, load=own_question)
def raise_question(question: FormField) -> ResponseReturnValue:
    services.raise_question(question, actor=current_actor(), now=utcnow())
    return redirect(url_for(".questions", event_id=question.event_id))


@bp.post("/questions/<int:question_id>/removal")
@requires(POLICY, Permission.ORGANIZE, load=own_question)
def remove_question(question: FormField) -> ResponseReturnValue:
    event_id = question.event_id
    services.remove_question(question, actor=current_actor(), now=utcnow())
    flash(_("问题已去掉，答过的仍留着"), "success")
    return redirect(url_for(".questions", event_id=event_id))


@bp.post("/seat-pools/<int:pool_id>/removal")
@requires(POLICY, Permission.ORGANIZE, load=visible_pool)
def remove_pool(pool: SeatPool) -> ResponseReturnValue:
    event_id = pool.event_id
    services.remove_pool(pool, actor=current_actor(), now=utcnow())
    flash(_("这个身份的席位已去掉"), "success")
    return redirect(url_for(".seats", event_id=event_id))


@bp.post("/seat-pools/<int:pool_id>/admission")
@requires(POLICY, Permission.ORGANIZE, load=visible_pool)
def set_approval(pool: SeatPool) -> ResponseReturnValue:
    needed = bool(ApprovalForm().needed.data)
    services.set_approval(pool, needed, actor=current_actor(), now=utcnow())
    flash(_("之后报名的要审核") if needed else _("之后报名的不用审核；已经在等的仍要你定"), "success")
    return redirect(url_for(".seats", event_id=pool.event_id))


@bp.post("/events/<int:event_id>/spreading")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def spread(event: Event) -> ResponseReturnValue:
    part = SpreadForm().chosen
    if part is None:
        raise errors.DomainError(N_("这个请求读不懂，请返回再试"))
    found = services.spread(event, part, actor=current_actor(), now=utcnow())
    flash(ngettext("已用到系列里的另外 %(num)s 场", "已用到系列里的另外 %(num)s 场", found.changed), "success")
    for other, refusal in found.kept:
        day = ui.show_day(other.starts_at)
        flash(_("%(day)s的没有改：%(reason)s", day=day, reason=spoken_message(refusal)), "warning")
    return redirect(url_for(ENDPOINTS[part], event_id=event.id))


ENDPOINTS = {EventPart.AGENDA: ".agenda", EventPart.QUESTIONS: ".questions", EventPart.RULES: ".rules"}
