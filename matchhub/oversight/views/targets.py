"""目标: what is there beside what was planned; each number leads to its list, each target to its versions."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchhub.accounts.queries import districts
from matchhub.core import ui
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.uploads import KINDS
from matchhub.core.web import current_actor, file_response, is_refused, page_number, refusals_on, requires, takes_away
from matchhub.oversight import exports, services
from matchhub.oversight.enums import COUNTED_IN, DEFINITIONS, Indicator
from matchhub.oversight.forms import TargetForm
from matchhub.oversight.policy import Permission, POLICY
from matchhub.oversight.queries import targets as queries
from matchhub.oversight.queries.kept import as_of
from matchhub.oversight.queries.targets import Goal, NOWHERE, Progress
from matchhub.oversight.views.blueprint import bp, scope_words

EXPORTED = 20_000


def load_indicator(actor: Actor, indicator: str) -> Indicator | None:
    """The indicator that the address names."""
    return Indicator(indicator) if indicator in set(Indicator) else None


def counted_words(indicator: Indicator, count: int | None) -> str | None:
    """A figure with its unit."""
    return None if count is None else str(gettext(COUNTED_IN[indicator], count=f"{count:,}"))


def goal_words(goal: Goal) -> str:
    """A target with its unit, as a range where it is one."""
    low = f"{goal.low:,}"
    return str(gettext(COUNTED_IN[goal.indicator], count=low if goal.high is None else f"{low}–{goal.high:,}"))


def rows_by_district(lines: list[Progress]) -> list[tuple[str, str, list[int]]]:
    """(name, code for the address, a figure an indicator) of each district; one without a district last."""
    actor = current_actor()
    codes: list[str | None] = [entry.code for entry in districts(db.session())]
    if actor.region_code:
        codes = [actor.region_code]
    elif any(None in line.by_district for line in lines):
        codes.append(None)
    return [
        (
            (ui.word("regions", code) or code) if code else gettext("未分区"),
            code or NOWHERE,
            [line.by_district.get(code, 0) for line in lines],
        )
        for code in codes
    ]


@bp.get("/targets")
@requires(POLICY, Permission.SEE_TARGETS)
def targets() -> ResponseReturnValue:
    now = utcnow()
    lines = queries.board(db.session(), current_actor(), now=now)
    return render_template(
        "oversight/targets.html", lines=lines, districts=rows_by_district(lines), definitions=DEFINITIONS,
        as_of=as_of(db.session(), current_actor()) or now,
        counted_words=counted_words, goal_words=goal_words, scope=scope_words(), may_set=may_set(),
    )  # fmt: skip


def may_set() -> bool:
    """Whether the actor sets targets."""
    return POLICY.allows(Permission.SET_TARGET, current_actor())


@bp.get("/targets/export.xlsx")
@requires(POLICY, Permission.SEE_TARGETS)
def targets_export() -> ResponseReturnValue:
    lines = queries.board(db.session(), current_actor(), now=utcnow())
    content = exports.targets_book(lines, rows_by_district(lines), say=gettext)
    return file_response(content, name=f"{gettext('目标')}.xlsx", media_type=KINDS["xlsx"])


@bp.get("/targets/<string:indicator>")
@requires(POLICY, Permission.SEE_TARGETS, load=load_indicator)
def target(indicator: Indicator) -> ResponseReturnValue:
    district = request.args.get("district")
    page = queries.counted(db.session(), current_actor(), indicator, district=district, number=page_number())
    return render_template(
        "oversight/target.html", indicator=indicator, page=page, district=district, nowhere=NOWHERE,
        definition=DEFINITIONS[indicator], scope=scope_words(), districts=rows_by_district([]),
    )  # fmt: skip


@bp.get("/targets/<string:indicator>/export.xlsx")
@requires(POLICY, Permission.SEE_TARGETS, load=load_indicator)
@takes_away(N_("目标清单"))
def target_export(indicator: Indicator) -> ResponseReturnValue:
    page = queries.counted(
        db.session(), current_actor(), indicator, district=request.args.get("district"), number=1, per_page=EXPORTED
    )
    content = exports.counted_book(indicator, page.items, say=gettext)
    return file_response(content, name=f"{gettext(indicator.label)}.xlsx", media_type=KINDS["xlsx"])


@bp.get("/targets/<string:indicator>/versions")
@requires(POLICY, Permission.SEE_TARGETS, load=load_indicator)
def target_versions(indicator: Indicator) -> ResponseReturnValue:
    return versions_page(indicator, TargetForm(formdata=None, data=_present(indicator)))


@bp.post("/targets/<string:indicator>/versions")
@requires(POLICY, Permission.SET_TARGET, load=load_indicator)
def set_target(indicator: Indicator) -> ResponseReturnValue:
    form = TargetForm()
    if form.validate():
        with refusals_on(form):
            services.set_target(
                indicator, low=form.low.data or 0, high=form.high.data, due_on=form.due_on.data,
                effective_from=form.effective_from.data, source=form.source.data or "", actor=current_actor(),
                now=utcnow(),
            )  # fmt: skip
    if is_refused(form):
        return versions_page(indicator, form), 422
    flash(gettext("目标已更新，之前的留在历史里"), "success")
    return redirect(url_for(".target_versions", indicator=indicator.value))


def _present(indicator: Indicator) -> dict[str, Any]:
    """The target in force as the form's start; the source is asked for anew."""
    today = city_date(utcnow())
    goal = queries.in_force(db.session(), today).get(indicator)
    if goal is None:
        return {"effective_from": today}
    return {"low": goal.low, "high": goal.high, "due_on": goal.due_on, "effective_from": today}


def versions_page(indicator: Indicator, form: TargetForm) -> str:
    """Every version of a target, and the form for the next where the actor may set it."""
    goals, today = queries.history(db.session())[indicator], city_date(utcnow())
    present = queries.in_force(db.session(), today).get(indicator)
    return render_template(
        "oversight/versions.html", indicator=indicator, goals=goals, present=present, today=today,
        form=form if may_set() else None, goal_words=goal_words, definition=DEFINITIONS[indicator],
    )  # fmt: skip
