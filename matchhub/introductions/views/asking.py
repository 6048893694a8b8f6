"""Asking and answering: the consent screens."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, finish
from matchhub.core.labels import N_
from matchhub.core.ui import in_locale, locale_code, shown_code
from matchhub.core.web import (
    current_actor,
    flash_undoable,
    is_refused,
    leaves_at,
    refusals_on,
    requires,
    spoken_message,
)
from matchhub.disclosure.queries import Subject, visible_of
from matchhub.introductions import queries, services
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.forms import AskForm, ConsentForm, RefusalForm
from matchhub.introductions.models import Introduction
from matchhub.introductions.policy import Permission, POLICY
from matchhub.introductions.queries import askable_pair, Pair, party_name, subject_of, visible_introduction
from matchhub.introductions.services.limits import check_limits
from matchhub.introductions.views import screen
from matchhub.introductions.views.blueprint import bp


@bp.get("/introductions/new")
@requires(POLICY, Permission.ASK)
def new() -> ResponseReturnValue:
    form = AskForm(formdata=None, need=request.args.get("need"), offer=request.args.get("offer"))
    pair = _pair(form)
    try:
        check_limits(pair, now=utcnow())
    except errors.LimitReached as refusal:
        return _blocked(refusal, pair)
    return _asking(form, pair)


@bp.post("/introductions")
@requires(POLICY, Permission.ASK)
def ask() -> ResponseReturnValue:
    form = AskForm()
    pair = _pair(form)
    if not form.validate():
        return _asking(form, pair), 422
    try:
        with refusals_on(form):
            now = utcnow()
            made = services.ask(
                pair, form.choice, purpose=form.purpose.data or "", actor=current_actor(), now=now,
                leaves_at=leaves_at(now),
            )  # fmt: skip
    except errors.LimitReached as refusal:
        finish(commit=False)
        return _blocked(refusal, pair)
    if is_refused(form):
        return _asking(form, pair), 422
    flash_undoable(_("申请已送达，对方只看到你的名称"), url_for(".undo_request", introduction_id=made.id))
    return redirect(url_for(".show", introduction_id=made.id))


@bp.get("/introductions/<int:introduction_id>/acceptance")
@requires(POLICY, Permission.ANSWER, load=visible_introduction)
def acceptance_form(introduction: Introduction) -> ResponseReturnValue:
    if introduction.state is not IntroductionState.REQUESTED:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=introduction.state)
    return _answering(ConsentForm(formdata=None), introduction)


@bp.post("/introductions/<int:introduction_id>/acceptance")
@requires(POLICY, Permission.ANSWER, load=visible_introduction)
def accept(introduction: Introduction) -> ResponseReturnValue:
    form = ConsentForm()
    if not form.validate():
        return _answering(form, introduction), 422
    with refusals_on(form):
        services.accept(introduction, form.choice, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _answering(form, introduction), 422
    flash(_("双方已同意，先约 30 分钟吧"), "success")
    return redirect(url_for(".show", introduction_id=introduction.id))


@bp.post("/introductions/<int:introduction_id>/refusal")
@requires(POLICY, Permission.ANSWER, load=visible_introduction)
def refuse(introduction: Introduction) -> ResponseReturnValue:
    form = RefusalForm()
    with refusals_on(form):
        if form.validate():
            _decline(introduction, form.reason.data or "")
    if is_refused(form):
        return _answering(ConsentForm(formdata=None), introduction, refusal=form), 422
    flash_undoable(_("已婉拒，对方只会看到你选的原因"), url_for(".undo_refusal", introduction_id=introduction.id))
    return redirect(url_for(".index"))


def _decline(introduction: Introduction, reason: str) -> None:
    actor, now = current_actor(), utcnow()
    if later := leaves_at(now):
        services.hold_refusal(introduction, reason=reason, actor=actor, now=now, leaves_at=later)
    else:
        services.decline(introduction, reason=reason, actor=actor, now=now)


@bp.post("/introductions/<int:introduction_id>/withdrawal")
@requires(POLICY, Permission.WITHDRAW, load=visible_introduction)
def withdraw(introduction: Introduction) -> ResponseReturnValue:
    services.withdraw(introduction, actor=current_actor(), now=utcnow())
    flash(_("申请已撤回，对方不再看到你的名称"), "success")
    return redirect(url_for(".index", tab="ended"))


def _pair(form: AskForm) -> Pair:
    pair = askable_pair(current_actor(), *form.pair_ids)
    if pair is None:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return pair


def _other_name(pair: Pair) -> str:
    """A fund, bank or mentor by its name; a firm by its code name until it opens itself."""
    if pair.asker_is_enterprise:
        return str(in_locale(pair.other, "label"))
    need = pair.need
    subject = Subject(need.organization_id, need.district_code, need.carrier_id)
    seen = visible_of(db.session(), current_actor(), subject, now=utcnow())
    return str(in_locale(pair.other, "label")) if seen.identity else shown_code(need.code_name) or ""


def _asking(form: AskForm, pair: Pair) -> str:
    shown = screen.build(
        form,
        own_id=pair.own_id,
        need=pair.need,
        other_name=_other_name(pair),
        now=utcnow(),
    )
    return render_template("introductions/new.html", form=form, screen=shown, pair=pair)


def _blocked(refusal: errors.LimitReached, pair: Pair) -> ResponseReturnValue:
    standing = queries.open_between(db.session(), pair.need.id, pair.offer.id)
    page = render_template("introductions/blocked.html", message=spoken_message(refusal), pair=pair, standing=standing)
    return page, 409


def _answering(form: ConsentForm, introduction: Introduction, refusal: RefusalForm | None = None) -> str:
    actor, now = current_actor(), utcnow()
    other = introduction.other_than(actor.organization_id)
    seen = visible_of(db.session(), actor, subject_of(introduction, other.id), now=now)
    shown = screen.build(
        form,
        own_id=actor.organization_id or 0,
        need=introduction.need,
        other_name=party_name(introduction, other, seen, locale_code()),
        now=now,
    )
    kind = actor.organization_kind
    reasons = services.refusal_reasons(kind, about=introduction.kind, now=now)
    return render_template(
        "introductions/acceptance_form.html",
        form=form,
        screen=shown,
        introduction=introduction,
        refusal=refusal,
        quick=services.refusal_reasons(kind, about=introduction.kind, now=now, quick=True)[:5],
        others=[r for r in reasons if kind not in r.extra.get("quick", ())],
    )
