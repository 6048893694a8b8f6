"""The own profile: how complete it is, its steps, saving, drafts, submission, past investments."""

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from matchhub.core import db as database
from matchhub.core import errors
from matchhub.core.clock import CITY_ZONE, utcnow
from matchhub.core.db import db
from matchhub.core.ui import locale_code
from matchhub.core.web import current_actor, is_refused, refusals_on, requires, safe_next, spoken_message
from matchhub.profiles import queries, services
from matchhub.profiles.forms.small import RoundForm, UploadForm
from matchhub.profiles.forms.steps import HINTS, step_form, StepForm, stored_certificates
from matchhub.profiles.models import PastRound, Profile
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.queries.differences import shown
from matchhub.profiles.views.blueprint import bp
from matchhub.profiles.workflow import PROFILES


@bp.get("/profile")
@requires(POLICY, Permission.OPEN_OWN, load=queries.own_profile)
def profile(profile: Profile) -> ResponseReturnValue:
    return render_template("profiles/profile.html", **_own_page(profile))


def _own_page(profile: Profile, problem: str = "") -> dict[str, Any]:
    return {
        "profile": profile,
        "problem": problem,
        "complete": queries.completeness(profile),
        "steps": queries.steps_of(profile.kind),
        "may_submit": PROFILES.may("submit", profile, current_actor()),
        "may_edit": POLICY.allows(Permission.EDIT_OWN, current_actor(), profile),
        "residency": queries.open_residency_of(db.session(), profile.organization_id),
        "files": queries.attachments_of(db.session(), profile.organization_id),
    }


def _step(actor: Any, step: int) -> tuple[Profile, int] | None:
    profile = queries.own_profile(actor)
    return (profile, step) if profile is not None and queries.step_of(profile.kind, step) else None


class Editing:
    """A profile and the step that is being edited; what the policy asks of a profile, it answers."""

    def __init__(self, profile: Profile, step: int) -> None:
        self.profile, self.step = profile, step
        self.organization_id = profile.organization_id


def _editable(actor: Any, step: int) -> Editing | None:
    found = _step(actor, step)
    return Editing(*found) if found else None


@bp.get("/profile/steps/<int:step>")
@requires(POLICY, Permission.OPEN_OWN, load=_step)
def step(found: tuple[Profile, int]) -> ResponseReturnValue:
    profile, number = found
    return render_template("profiles/step.html", **_step_page(profile, number, _filled(profile, number)))


def _filled(profile: Profile, number: int) -> StepForm:
    """The form as it was left: a draft over what is stored."""
    kind = step_form(profile.kind, number)
    kept = profile.drafts.get(str(number))
    stored = stored_certificates(queries.qualifications_of(db.session(), profile.organization_id))
    form = kind(formdata=MultiDict(kept) if kept else None, obj=profile, data=stored)
    form.version.data = str(profile.version)
    form.next.data = safe_next(request.args.get("next"), "")
    return form


def _step_page(profile: Profile, number: int, form: StepForm, conflict: Any = None) -> dict[str, Any]:
    steps = queries.steps_of(profile.kind)
    with_rounds = profile.kind.value == "investor" and number == 2
    return {
        "profile": profile,
        "form": form,
        "step": steps[number - 1],
        "steps": steps,
        "hints": HINTS,
        "facts": queries.fields_of(profile.kind, number),
        "conflict": conflict,
        "has_draft": str(number) in profile.drafts,
        "rounds": queries.past_rounds_of(db.session(), profile.organization_id) if with_rounds else None,
        "round_form": RoundForm(formdata=None) if with_rounds else None,
        "files": queries.attachments_of(db.session(), profile.organization_id) if number == len(steps) else None,
        "upload_form": UploadForm(formdata=None) if number == len(steps) else None,
    }


@bp.post("/profile/steps/<int:step>")
@requires(POLICY, Permission.EDIT_OWN, load=_editable)
def save_step(editing: Editing) -> ResponseReturnValue:
    profile, number = editing.profile, editing.step
    form = step_form(profile.kind, number)(obj=profile)
    if form.validate():
        try:
            with refusals_on(form):
                services.save_step(
                    profile, number, form.values(), certificates=form.certificates(), version=_version(form),
                    actor=current_actor(), now=utcnow(),
                )  # fmt: skip
        except errors.Conflict as error:
            return _both_versions(profile, number, form, error), 409
    if is_refused(form):
        return render_template("profiles/step.html", **_step_page(profile, number, form)), 422
    flash(_("已保存"), "success")
    return redirect(_after(profile, number, form))


def _version(form: StepForm) -> int:
    """The version the page was made from; nonsense is none that ever was."""
    text = str(form.version.data or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _after(profile: Profile, number: int, form: StepForm) -> str:
    further = queries.step_of(profile.kind, number + 1)
    default = url_for(".step", step=number + 1) if further else url_for(".profile")
    return safe_next(form.next.data, default)


def _both_versions(profile: Profile, number: int, form: StepForm, error: errors.Conflict) -> str:
    """What the other tab saved beside what was typed here; saving again keeps what was typed."""
    database.finish(commit=False)
    typed, rows = form.values(), []
    for fact in queries.fields_of(profile.kind, number):
        stored, mine = getattr(profile, fact.name), typed[fact.name]
        if stored != mine:
            rows.append((_(fact.label), shown(fact, stored, locale_code()), shown(fact, mine, locale_code())))
    form.version.raw_data, form.version.data = None, str(profile.version)
    conflict = {"text": spoken_message(error), "rows": rows}
    return render_template("profiles/step.html", **_step_page(profile, number, form, conflict))


@bp.post("/profile/steps/<int:step>/draft")
@requires(POLICY, Permission.EDIT_OWN, load=_editable)
def draft(editing: Editing) -> ResponseReturnValue:
    form = step_form(editing.profile.kind, editing.step)(obj=editing.profile)
    version = services.keep_draft(
        editing.profile, editing.step, form.typed(request.form), version=_version(form), actor=current_actor(),
        now=utcnow(),
    )  # fmt: skip
    response = make_response(render_template("profiles/draft.html", version=version))
    response.headers["X-Saved-At"] = f"{utcnow().astimezone(CITY_ZONE):%H:%M}"
    return response


@bp.post("/profile/submission")
@requires(POLICY, Permission.SUBMIT, load=queries.own_profile)
def submit(profile: Profile) -> ResponseReturnValue:
    try:
        services.submit_profile(profile, actor=current_actor(), now=utcnow())
    except errors.Invalid as error:
        database.finish(commit=False)
        words = _("、") if locale_code() == "zh" else ", "
        error.values["fields"] = words.join(_(label) for label in str(error.values["fields"]).split("、"))
        return render_template("profiles/profile.html", **_own_page(profile, spoken_message(error))), 422
    flash(_("已提交，审核后会通知你"), "success")
    return redirect(url_for(".profile"))


@bp.post("/profile/rounds")
@requires(POLICY, Permission.EDIT_OWN, load=queries.own_profile)
def add_round(profile: Profile) -> ResponseReturnValue:
    form = RoundForm()
    if form.validate():
        with refusals_on(form):
            services.add_round(profile, form.data, actor=current_actor(), now=utcnow())
    if is_refused(form):
        page = _step_page(profile, 2, _filled(profile, 2))
        return render_template("profiles/step.html", **{**page, "round_form": form}), 422
    flash(_("案例已添加"), "success")
    return redirect(url_for(".step", step=2))


class RoundOf:
    """A past investment, with whose it is."""

    def __init__(self, row: PastRound) -> None:
        self.row, self.organization_id = row, row.investor_id


def _own_round(actor: Any, round_id: int) -> RoundOf | None:
    row = queries.own_round(actor, round_id)
    return RoundOf(row) if row else None


@bp.post("/profile/rounds/<int:round_id>/removal")
@requires(POLICY, Permission.EDIT_OWN, load=_own_round)
def remove_round(found: RoundOf) -> ResponseReturnValue:
    services.remove_round(found.row, actor=current_actor(), now=utcnow())
    flash(_("案例已移除"), "success")
    return redirect(url_for(".step", step=2))
