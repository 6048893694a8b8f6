"""The three steps of a need: what, the story, the check; drafts, two tabs, pasted messages."""

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, finish
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, refusals_on, requires, safe_next
from matchhub.listings import queries, services
from matchhub.listings.enums import EDITABLE_NEEDS, LIVE_NEEDS, NeedState, PairingKind
from matchhub.listings.forms import ListingForm, NEED_FORMS
from matchhub.listings.forms.shared import StoryForm
from matchhub.listings.imports import read_message
from matchhub.listings.models import Need
from matchhub.listings.policy import Permission, POLICY
from matchhub.listings.queries import Tier
from matchhub.listings.recipes import NEED_RECIPES, recipe_of_need
from matchhub.listings.views.blueprint import (
    asked_step,
    bp,
    differing,
    hidden_of,
    obstacle_rows,
    region_words,
    rows_of,
    saved_at,
    told,
    url_if_there,
)
from matchhub.profiles.queries import attachments_of, profile_of

CHECK = 3


@bp.get("/needs/new")
@requires(POLICY, Permission.START_NEED)
def new_need() -> ResponseReturnValue:
    drafts = db.session.scalars(queries.own_needs(current_actor(), "draft")).all()
    return render_template("listings/new_need.html", drafts=drafts, recipes=NEED_RECIPES.values())


@bp.post("/needs")
@requires(POLICY, Permission.START_NEED)
def start_need() -> ResponseReturnValue:
    asked = request.form.get("kind", PairingKind.EQUITY.value)
    if asked not in set(PairingKind):
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    need = services.start_need(PairingKind(asked), actor=current_actor(), now=utcnow())
    return redirect(url_for(".need_step", need_id=need.id, step=1))


@bp.get("/needs/<int:need_id>/steps/<int:step>")
@requires(POLICY, Permission.EDIT_NEED, load=queries.own_need)
def need_step(need: Need) -> ResponseReturnValue:
    if need.state not in EDITABLE_NEEDS:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=need.state)
    step = asked_step()
    if step == CHECK:
        return check_page(need)
    return step_page(need, step, step_form(need, step, obj=need))


@bp.post("/needs/<int:need_id>/steps/<int:step>")
@requires(POLICY, Permission.EDIT_NEED, load=queries.own_need)
def save_need_step(need: Need) -> ResponseReturnValue:
    step = asked_step()
    form = step_form(need, step)
    if form.validate():
        try:
            with refusals_on(form):
                _save(need, form)
        except services.EditedElsewhere:
            return both_versions(need, step, form)
    if is_refused(form):
        return step_page(need, step, form), 422
    return redirect(_next(need, step, form))


@bp.post("/needs/<int:need_id>/draft")
@requires(POLICY, Permission.EDIT_NEED, load=queries.own_need)
def need_draft(need: Need) -> ResponseReturnValue:
    step = int(request.form.get("step", "")) if request.form.get("step") in ("1", "2") else 0
    form = step_form(need, step)
    form.is_draft = True
    if need.state in LIVE_NEEDS:
        raise errors.Conflict(N_("已发布的需求不会自动保存，请按保存"))
    if not form.validate():
        return "", 422
    _save(need, form)
    response = make_response(render_template("listings/_version.html", version=need.version))
    response.headers["X-Saved-At"] = saved_at(utcnow())
    return response


@bp.post("/pasted-readings")
@requires(POLICY, Permission.START_NEED)
def read_pasted() -> ResponseReturnValue:
    need_id = request.form.get("need_id", "")
    need = queries.own_need(current_actor(), int(need_id)) if need_id.isascii() and need_id.isdigit() else None
    if need is None or need.state not in EDITABLE_NEEDS:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    form = step_form(need, 1)
    if not hasattr(form, "pasted_text"):
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    reading = read_message(form.pasted_text.data or "", today=city_date(utcnow()), regions=region_words())
    for name, value in reading.found.items():
        if name in form._fields:
            put(form, name, value)
    return step_page(need, 1, form, reading=reading.found)


@bp.get("/needs/<int:need_id>/preview")
@requires(POLICY, Permission.READ_OWN_NEED, load=queries.own_need)
def preview(need: Need) -> ResponseReturnValue:
    return render_template("listings/preview.html", need=need, **preview_of(need))


def put(form: ListingForm, name: str, value: Any) -> None:
    """Put a read value into a field as if it had been stored."""
    field = form._fields[name]
    field.raw_data, field.process_errors, field.data = None, [], value


def step_form(need: Need, step: int, obj: Any = None) -> ListingForm:
    """The form of a step of this kind of need; 404 for a step that there is not."""
    if step not in (1, 2):
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    form = NEED_FORMS[need.kind][step - 1]
    if issubclass(form, StoryForm):
        return form(obj=obj, files=attachments_of(db.session(), need.organization_id))
    return form(obj=obj)


def _save(need: Need, form: ListingForm) -> None:
    services.save_step(need, form.values(), version=form.version_number, actor=current_actor(), now=utcnow())


def _next(need: Need, step: int, form: ListingForm) -> str:
    if need.state in LIVE_NEEDS:
        flash(_("已保存，推荐会按新内容更新"), "success")
        return safe_next(request.args.get("next"), url_for(".need", need_id=need.id))
    pasted = ",".join(sorted(set(form.values()) - set(form.shown)))
    further = url_for(".need_step", need_id=need.id, step=step + 1, pasted=pasted or None)
    return safe_next(request.args.get("next"), further)


def step_page(need: Need, step: int, form: ListingForm, **more: Any) -> str:
    """A step as a page, with the live counter where the matches are installed."""
    form.version.data = str(need.version) if not form.version.data else form.version.data
    pasted = set(more.get("reading") or (request.args.get("pasted", "").split(",") if request.method == "GET" else ()))
    return render_template(
        "listings/need_step.html",
        need=need,
        step=step,
        form=form,
        is_live=need.state in LIVE_NEEDS,
        pasted=pasted,
        kinds=list(NEED_RECIPES) if step == 1 and need.state is NeedState.DRAFT else (),
        counter_url=url_if_there("matches.need_counter", need_id=need.id),
        **more,
    )


def both_versions(need: Need, step: int, form: ListingForm) -> ResponseReturnValue:
    """Somebody saved in between: what is stored and what was typed side by side; nothing typed is lost."""
    finish(commit=False)
    differences = differing(need, form.values(), recipe_of_need(need).told)
    form.version.data = str(need.version)
    return step_page(need, step, form, differences=differences), 409


def preview_of(need: Need) -> dict[str, Any]:
    """The tabs 谁能看到 and the one that is chosen, with the real values."""
    profile = profile_of(db.session(), need.organization_id)
    files = {file.id: file.file.name for file in attachments_of(db.session(), need.organization_id)}
    found = queries.tiers(need, profile=profile, deck=files.get(need.deck_id or 0))
    chosen = next((t for t in found if t.relation.value == request.args.get("tier")), found[1])
    return {
        "tabs": _tabs(found, chosen),
        "tier": chosen,
        "rows": rows_of(chosen.lines),
        "hidden": hidden_of(chosen.lines),
    }


def _tabs(found: list[Tier], chosen: Tier) -> list[dict[str, Any]]:
    values = dict(request.view_args or {})
    return [
        {
            "label": _(tier.relation.label),
            "url": url_for(request.endpoint or "", **values, tier=tier.relation.value) + "#who-sees",
            "active": tier is chosen,
        }
        for tier in found
    ]


def check_page(need: Need, refusals: Any = ()) -> str:
    """Step 3: the answers, who sees what, what is still missing."""
    profile = profile_of(db.session(), need.organization_id)
    obstacles = queries.obstacles_to_need(need, profile)
    first = set(NEED_FORMS[need.kind][0]().shown)
    facts = [fact for fact in recipe_of_need(need).told if fact.key != "region_code"]
    begun = [fact for fact in facts if first & set(fact.columns)]
    files = {file.id: file.file.name for file in attachments_of(db.session(), need.organization_id)}
    rest = [*told(need, [f for f in facts if f not in begun]), (_("商业计划书"), files.get(need.deck_id or 0))]
    steps = [(1, told(need, begun)), (2, rest)]
    return render_template(
        "listings/need_step_3.html",
        need=need,
        steps=steps,
        is_live=need.state in LIVE_NEEDS,
        obstacles=obstacle_rows(obstacles, lambda step: url_for(".need_step", need_id=need.id, step=int(step))),
        refusals=refusals,
        counter_url=url_if_there("matches.need_counter", need_id=need.id),
        **preview_of(need),
    )
