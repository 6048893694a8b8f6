"""One deal, from either side: a page of its own, and the side panel of the board."""

from collections.abc import Sequence
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts.queries import people_of
from matchhub.core import errors, ui
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.money import band_of_range
from matchhub.core.web import current_actor, is_htmx, is_refused, refusals_on, requires, safe_next
from matchhub.introductions.models import Introduction
from matchhub.introductions.policy import Permission as IntroductionPermission
from matchhub.introductions.policy import POLICY as INTRODUCTIONS
from matchhub.introductions.queries import party_name, visible_introduction, visible_others
from matchhub.listings.models import EquityNeed
from matchhub.listings.queries.tiers import amount_of
from matchhub.pipelines import queries, services
from matchhub.pipelines.enums import DealStage, OPEN_STAGES
from matchhub.pipelines.forms import ConfirmationForm, DisputeForm, OutcomeForm
from matchhub.pipelines.forms.boards import AssigneeForm, EndForm, NoteForm, PlanForm
from matchhub.pipelines.models import Deal, DealNote, Outcome
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.queries import boards, visible_deal
from matchhub.pipelines.views.blueprint import bp
from matchhub.pipelines.workflow import OUTCOMES, STAGES

DEFAULT_NAMES = frozenset(stage.label for stage in DealStage)


@bp.get("/introductions/<int:introduction_id>/deal")
@requires(INTRODUCTIONS, IntroductionPermission.VIEW, load=visible_introduction)
def deal_of(introduction: Introduction) -> ResponseReturnValue:
    found = queries.deals_by_introduction(db.session(), [introduction.id]).get(introduction.id)
    if found is None:
        raise errors.NotFound(N_("双方同意后才有交易"))
    return redirect(url_for(".deal", deal_id=found.id))


@bp.get("/deals/<int:deal_id>")
@requires(POLICY, Permission.VIEW, load=visible_deal)
def deal(deal: Deal) -> ResponseReturnValue:
    return page_of(deal)


@bp.post("/deals/<int:deal_id>/closure")
@requires(POLICY, Permission.MOVE, load=visible_deal)
def end(deal: Deal) -> ResponseReturnValue:
    form = end_form(sent=True)
    with refusals_on(form):
        if form.validate():
            services.end(deal, reason=form.exit_reason.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(deal, ending=form), 422
    flash(_("洽谈已结束"), "success")
    return done(deal)


@bp.post("/deals/<int:deal_id>/next-step")
@requires(POLICY, Permission.PLAN, load=visible_deal)
def plan(deal: Deal) -> ResponseReturnValue:
    form = PlanForm()
    with refusals_on(form):
        if form.validate():
            services.plan(
                deal, next_step=form.next_step.data or "", next_step_on=form.next_step_on.data, was=form.was,
                actor=current_actor(), now=utcnow(),
            )  # fmt: skip
    if is_refused(form):
        return page_of(deal, planning=form), 422
    flash(_("已记下一步"), "success")
    return done(deal)


@bp.post("/deals/<int:deal_id>/assignee")
@requires(POLICY, Permission.PLAN, load=visible_deal)
def assign(deal: Deal) -> ResponseReturnValue:
    form = assignee_form(deal, sent=True)
    with refusals_on(form):
        if form.validate():
            services.assign(deal, form.user_id, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(deal, assigning=form), 422
    flash(_("已换跟进人"), "success")
    return done(deal)


@bp.post("/deals/<int:deal_id>/notes")
@requires(POLICY, Permission.WRITE_NOTE, load=visible_deal)
def write_note(deal: Deal) -> ResponseReturnValue:
    form = NoteForm()
    with refusals_on(form):
        if form.validate():
            services.write_note(deal, form.body.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(deal, noting=form), 422
    flash(_("备注已记下"), "success")
    return done(deal)


@bp.post("/deal-notes/<int:note_id>/deletion")
@requires(POLICY, Permission.REMOVE_NOTE, load=boards.visible_note)
def remove_note(note: DealNote) -> ResponseReturnValue:
    deal_id = note.deal_id
    services.remove_note(note, actor=current_actor(), now=utcnow())
    flash(_("备注已删除"), "success")
    return answer(url_for(".deal", deal_id=deal_id))


def done(deal: Deal) -> ResponseReturnValue:
    """Back to where the deal was opened from, or to its page."""
    return answer(url_for(".deal", deal_id=deal.id))


def answer(default: str) -> ResponseReturnValue:
    """Send the browser on, in the words of htmx where htmx asks."""
    target = safe_next(request.form.get("next"), default)
    if not is_htmx():
        return redirect(target)
    response = make_response("", 204)
    response.headers["HX-Redirect"] = target
    return response


def page_of(deal: Deal, **refused: Any) -> str:
    """The page of a deal (or the panel, for htmx), with whatever form was refused."""
    return render_template("pipelines/deal.html", **context_of(deal, **refused))


def context_of(
    deal: Deal,
    *,
    planning: PlanForm | None = None,
    assigning: AssigneeForm | None = None,
    noting: NoteForm | None = None,
    ending: EndForm | None = None,
    entering: OutcomeForm | None = None,
    disputing: DisputeForm | None = None,
) -> dict[str, Any]:
    """All that a deal's page shows: the shared part, and the fund's own where the fund looks."""
    actor = current_actor()
    outcomes = queries.outcomes_of(db.session(), [deal.id])
    current = queries.current_outcome(outcomes)
    own = current if current and current.entered_by_id == actor.organization_id else None
    shared = {
        "deal": deal,
        "back": safe_next(request.values.get("next"), ""),
        "is_investor": actor.organization_id == deal.investor_id,
        "may_enter": current is None and deal.stage in OPEN_STAGES and POLICY.allows(Permission.ENTER, actor, deal),
        "outcomes": outcomes,
        "current": current,
        "outcome_moves": {row.action for row in OUTCOMES.available(current, actor)} if current else set(),
        "need_is_open": services.need_is_open(current) if current else True,
        "entering": entering or outcome_form(deal, own),
        "disputing": disputing or DisputeForm(formdata=None),
        "confirming": ConfirmationForm(formdata=None),
    }
    if not shared["is_investor"]:
        return shared | {"name": ui.in_locale(deal.investor, "label")}
    return (
        shared
        | _own_part(deal)
        | {
            "planning": _planning(deal, planning),
            "assigning": assigning or assignee_form(deal),
            "noting": noting or NoteForm(formdata=None),
            "ending": ending or end_form(),
        }
    )


def _own_part(deal: Deal) -> dict[str, Any]:
    """What only the fund sees: its columns, notes, the way of the card, the amount as far as it is open."""
    actor, session = current_actor(), db.session()
    columns = boards.columns_of(session, deal.investor_id)
    seen = visible_others(session, actor, [deal.introduction], now=utcnow())[deal.introduction_id]
    exact = amount_of(deal.introduction.need)
    return {
        "name": names_of([deal])[deal.id],
        "amount": exact if seen.terms else band_of_range(*exact),
        "columns": columns.all,
        "column": columns.of(deal.stage, deal.own_stage_id),
        "stage_words": stage_words,
        "may_end": STAGES.may("end", deal, actor),
        "may_plan": deal.stage in OPEN_STAGES and POLICY.allows(Permission.PLAN, actor, deal),
        "may_note": POLICY.allows(Permission.WRITE_NOTE, actor, deal),
        "notes": boards.notes_of(session, actor, deal),
        "moves": boards.moves_of(session, deal.id),
        "user_id": actor.user_id,
    }


def _planning(deal: Deal, refused: PlanForm | None) -> PlanForm:
    """The form of the next step. After a refusal it knows what stands there now, so that saving again is meant."""
    form = refused or PlanForm(formdata=None, next_step=deal.next_step, next_step_on=deal.next_step_on)
    form.was_step.data = deal.next_step
    form.was_on.data = deal.next_step_on.isoformat() if deal.next_step_on else ""
    return form


def stage_words(name: str) -> str:
    """The name of a column: ours in the reader's language, a fund's own as it is."""
    return _(name) if name in DEFAULT_NAMES else name


def names_of(rows: Sequence[Deal]) -> dict[int, str]:
    """deal id → the firm's name, where it is open to the fund or a confirmed result has settled it."""
    introductions = [row.introduction for row in rows]
    seen = visible_others(db.session(), current_actor(), introductions, now=utcnow())
    return {
        row.id: str(ui.in_locale(row.enterprise, "label"))
        if row.stage is DealStage.FUNDED
        else party_name(row.introduction, row.enterprise, seen[row.introduction_id], ui.locale_code())
        for row in rows
    }


def end_form(*, sent: bool = False) -> EndForm:
    """The form with the reasons for an end."""
    form = EndForm() if sent else EndForm(formdata=None)
    reasons = services.exit_reasons(now=utcnow())
    form.exit_reason.choices = {"": _("请选择"), **{entry.code: entry.word(ui.locale_code()) for entry in reasons}}
    return form


def assignee_form(deal: Deal, *, sent: bool = False) -> AssigneeForm:
    """The form with the colleagues of the fund."""
    form = AssigneeForm() if sent else AssigneeForm(formdata=None, assignee=str(deal.assignee_id or ""))
    people = people_of(db.session(), deal.investor_id)
    form.assignee.choices = {"": _("还没有人"), **{str(user.id): user.name for user in people}}
    return form


def outcome_form(deal: Deal, outcome: Outcome | None = None, *, sent: bool = False) -> OutcomeForm:
    """The form of a result: what was sent, what stands there to be corrected, or empty but for today and the way of funding."""
    choices = {entry.code: entry.word(ui.locale_code()) for entry in services.instruments(now=utcnow())}
    if sent:
        form = OutcomeForm()
    elif outcome is None:
        need = deal.introduction.need
        asked = need.instruments if isinstance(need, EquityNeed) else []
        wanted = next((code for code in (*asked, "equity") if code in choices), "")
        form = OutcomeForm(formdata=None, received_on=city_date(utcnow()), instrument=wanted)
    else:
        form = OutcomeForm(
            formdata=None, amount_wan=(outcome.amount_yuan or 0) / 10_000, instrument=outcome.instrument,
            received_on=outcome.received_on, note=outcome.note, meets_need=outcome.meets_need,
        )  # fmt: skip
    form.instrument.choices = choices
    return form
