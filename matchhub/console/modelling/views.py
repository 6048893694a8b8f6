"""匹配模型: the weights of each kind, how they do, a dry run of others, and putting them to use."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.console.modelling import queries, showing
from matchhub.console.modelling.forms import SIDES, trial_form
from matchhub.console.modelling.policy import Permission, POLICY
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.core.web import current_actor, is_htmx, is_refused, refusals_on, requires
from matchhub.listings.enums import PairingKind
from matchhub.matches import engine
from matchhub.matches.enums import RunState
from matchhub.matches.kinds import KINDS
from matchhub.matches.models import MatchingModel, ModelTrial
from matchhub.matches.queries import weights
from matchhub.matches.services import models as services

bp = Blueprint("modelling", __name__)
ENDED = 286


def kind_asked(actor: Actor, pairing: str) -> PairingKind | None:
    """The kind in the address."""
    return PairingKind(pairing) if pairing in set(PairingKind) else None


def version_asked(actor: Actor, model_id: int) -> MatchingModel | None:
    """The version in the address; whoever may not change weights is not told that it exists."""
    return weights.model_by_id(db.session(), model_id) if POLICY.allows(Permission.CHANGE, actor) else None


def trial_asked(actor: Actor, trial_id: int) -> ModelTrial | None:
    """The trial in the address; whoever may not see weights is not told that it exists."""
    return weights.trial_by_id(db.session(), trial_id) if POLICY.allows(Permission.VIEW, actor) else None


@bp.get("/matching-models")
@requires(POLICY, Permission.VIEW)
def models() -> ResponseReturnValue:
    session = db.session()
    rows = [
        (kind, next(iter(weights.versions(session, kind)), None), weights.last_full_run(session, kind))
        for kind in PairingKind
    ]
    return render_template("modelling/models.html", rows=rows)


@bp.get("/matching-models/<string:pairing>")
@requires(POLICY, Permission.VIEW, load=kind_asked)
def model(kind: PairingKind) -> ResponseReturnValue:
    session, recipe = db.session(), KINDS[kind]
    held = [one for one in weights.versions(session, kind) if one.activated_at]
    if not held:
        return render_template("modelling/model.html", kind=kind, current=None)
    current, earlier = held[0], held[1:]
    spec, spread = showing.whole_spec(current), weights.spread(session, kind)
    before = showing.whole_spec(earlier[0]) if earlier else None
    learns = round(100 * spec["lead"]["most_b"]) if "track_record" in spec["b"] else None
    return render_template(
        "modelling/model.html", kind=kind, current=current, earlier=earlier, rows=showing.weighed(recipe, spec),
        changes=showing.changes(recipe, before, spec) if before else [], numbers=showing.numbers(recipe, spec),
        learns=learns, exposure=showing.exposure_rows(spread) if spread else [],
        most_shown=showing.most_shown(spread) if spread else [], run=weights.last_full_run(session, kind),
        trials=weights.trials(session, kind),
    )  # fmt: skip


@bp.get("/matching-models/<string:pairing>/quality")
@requires(POLICY, Permission.VIEW, load=kind_asked)
def quality(kind: PairingKind) -> ResponseReturnValue:
    """Loaded into the model's page after it, as scoring takes a moment; a page of its own for who opens the link."""
    session = db.session()
    current = next(iter(weights.versions(session, kind)), None)
    told = queries.quality(session, kind, showing.whole_spec(current), now=utcnow()) if current else None
    measured = engine.kept_quality(session, kind)
    return render_template(
        "modelling/_quality.html" if is_htmx() else "modelling/quality.html", kind=kind,
        words=showing.quality_words(told, queries.ENOUGH), own=showing.own_words(measured),
        rows=showing.own_rows(measured),
    )  # fmt: skip


@bp.get("/matching-models/<string:pairing>/trials/new")
@requires(POLICY, Permission.CHANGE, load=kind_asked)
def new_trial(kind: PairingKind) -> ResponseReturnValue:
    spec = _spec_in_use(kind)
    return render_template(
        "modelling/new_trial.html", kind=kind, form=trial_form(KINDS[kind], spec), sides=SIDES, spec=spec
    )


@bp.post("/matching-models/<string:pairing>/trials")
@requires(POLICY, Permission.CHANGE, load=kind_asked)
def try_out(kind: PairingKind) -> ResponseReturnValue:
    spec = _spec_in_use(kind)
    form = trial_form(KINDS[kind], spec)
    if form.validate_on_submit():
        with refusals_on(form):
            trial = services.try_out(kind, form.parts(spec), actor=current_actor(), now=utcnow())
    if is_refused(form):
        return render_template("modelling/new_trial.html", kind=kind, form=form, sides=SIDES, spec=spec), 422
    return redirect(url_for(".trial", trial_id=trial.id))


def _spec_in_use(kind: PairingKind) -> dict[str, object]:
    current = next(iter(weights.versions(db.session(), kind)), None)
    return showing.whole_spec(current or MatchingModel(kind=kind, spec={}))


@bp.get("/matching-models/trials/<int:trial_id>")
@requires(POLICY, Permission.VIEW, load=trial_asked)
def trial(trial: ModelTrial) -> ResponseReturnValue:
    session, now = db.session(), utcnow()
    base = session.get_one(MatchingModel, trial.base_id)
    recipe, done = KINDS[trial.kind], trial.state is RunState.DONE
    told = [
        showing.quality_words(queries.quality(session, trial.kind, spec, now=now), queries.ENOUGH)
        for spec in ((showing.whole_spec(base), trial.spec) if done else ())
    ]
    return render_template(
        "modelling/trial.html", trial=trial, base=base, found=showing.found(trial) if done else [],
        changes=showing.changes(recipe, showing.whole_spec(base), trial.spec),
        samples=showing.samples(session, trial) if done else [], quality=told,
    )  # fmt: skip


@bp.get("/matching-models/trials/<int:trial_id>/progress")
@requires(POLICY, Permission.VIEW, load=trial_asked)
def trial_progress(trial: ModelTrial) -> ResponseReturnValue:
    body = render_template("modelling/progress.html", trial=trial)
    under_way = trial.state in (RunState.QUEUED, RunState.RUNNING)
    return (body, 200) if under_way else (body, ENDED, {"HX-Refresh": "true"})


@bp.post("/matching-models/trials/<int:trial_id>/adoption")
@requires(POLICY, Permission.CHANGE, load=trial_asked)
def adopt(trial: ModelTrial) -> ResponseReturnValue:
    model = services.adopt(trial, actor=current_actor(), now=utcnow())
    flash(_("已启用 %(version)s，正在重新比较", version=model.name), "success")
    return redirect(url_for(".model", pairing=model.kind.value))


@bp.post("/matching-models/versions/<int:model_id>/return")
@requires(POLICY, Permission.CHANGE, load=version_asked)
def bring_back(model: MatchingModel) -> ResponseReturnValue:
    model = services.bring_back(model, actor=current_actor(), now=utcnow())
    flash(_("已换回 %(version)s，正在重新比较", version=model.name), "success")
    return redirect(url_for(".model", pairing=model.kind.value))
