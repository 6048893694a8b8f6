"""推送: a carrier's screen of pairs for its firms; ticks and one button, no typing needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.ui import in_locale, shown_code
from matchhub.core.web import current_actor, is_refused, page_number, refusals_on, requires
from matchhub.matches.enums import Side
from matchhub.matches.forms import PushForm
from matchhub.matches.policy import Permission, POLICY
from matchhub.matches.queries import pushes as queries
from matchhub.matches.queries.rows import Standing
from matchhub.matches.services import pushes as services
from matchhub.matches.views import showing
from matchhub.matches.views.blueprint import bp

FEW = 5
STEPS = {
    "read": N_("企业看过"), "answered": N_("企业有回应"), "introduced": N_("申请了对接"), "resulted": N_("有了成果"),
}  # fmt: skip


@dataclass(slots=True)
class Fates:
    """Filled by `wiring.py`: what became of a carrier's pushes, and what is kept of its best pairs, which higher features
    know."""

    counts: Callable[[Session, Actor], Mapping[str, int]] = lambda session, actor: {}
    front: Callable[[Session, Actor], queries.Front | None] = lambda session, actor: None


FATES = Fates()


@bp.get("/pushes")
@requires(POLICY, Permission.SEE_PUSHES)
def pushes() -> ResponseReturnValue:
    return _screen(PushForm(formdata=None))


@bp.post("/pushes")
@requires(POLICY, Permission.PUSH)
def push() -> ResponseReturnValue:
    form, made = PushForm(), []
    if form.validate():
        with refusals_on(form):
            made = services.push(
                form.suggestion_ids.data or [], note=form.note.data or "", actor=current_actor(), now=utcnow()
            )
    if is_refused(form):
        return _screen(form), 422
    flash(ngettext("已推送 %(num)s 对，企业会收到通知", "已推送 %(num)s 对，企业会收到通知", len(made)), "success")
    return redirect(url_for(".pushes"))


@bp.get("/pushes/sent")
@requires(POLICY, Permission.SEE_PUSHES)
def sent_pushes() -> ResponseReturnValue:
    page = queries.pushed_by(db.session(), current_actor(), number=page_number())
    counts = FATES.counts(db.session(), current_actor())
    return render_template(
        "matches/pushes_sent.html", page=page, pushed=counts.get("pushed", page.total), tiles=_tiles(counts)
    )


def _tiles(counts: Mapping[str, int]) -> list[tuple[str, int | str]]:
    """How far the pushes have come; few of many would tell of single firms."""
    return [(gettext(label), _rounded(counts[step])) for step, label in STEPS.items() if step in counts]


def _rounded(count: int) -> int | str:
    return count if count == 0 or count >= FEW else gettext("不足 %(count)s", count=FEW)


def _screen(form: PushForm) -> str:
    actor = current_actor()
    front = FATES.front(db.session(), actor)
    return render_template(
        "matches/pushes.html", form=form, rows=_rows(actor, front), ticked=set(form.suggestion_ids.data or ()),
        as_of=front.counted_at if front else None, may_push=POLICY.allows(Permission.PUSH, actor),
        a_firm_a_week=services.A_FIRM_A_WEEK,
    )  # fmt: skip


def _rows(actor: Actor, front: queries.Front | None) -> list[dict[str, Any]]:
    """The screen's pairs, the words of each by its own kind."""
    stored, now = queries.pushable(db.session(), actor, front), utcnow()
    shown = showing._rows(actor, Side.NEED, stored, {}, now=now)
    return [_row(row, its_words) for row, its_words in zip(stored, shown, strict=True)]


def _row(suggestion: Standing, shown: showing.Row) -> dict[str, Any]:
    """A pair as the screen shows it: whose need, which offer, how well, and the reasons as the firm will read them."""
    need = suggestion.need
    return {
        "id": suggestion.id,
        "firm": in_locale(need.organization, "label"),
        "firm_id": need.organization_id,
        "teaser": in_locale(need, "teaser") or shown_code(need.code_name),
        "shown": shown,
    }
