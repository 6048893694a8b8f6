"""The fund's board and the same deals as a table: filters in the address, cards that move, views that are kept."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts.queries import names_of_people
from matchhub.core import ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db, finish
from matchhub.core.labels import N_
from matchhub.core.web import (
    current_actor,
    file_response,
    is_htmx,
    is_refused,
    page_number,
    refusals_on,
    requires,
    row_id,
    safe_next,
    takes_away,
)
from matchhub.pipelines import exports, services
from matchhub.pipelines.enums import DealStage
from matchhub.pipelines.forms.boards import PlaceForm, SavedViewForm
from matchhub.pipelines.models import BoardMove, Deal, SavedView
from matchhub.pipelines.policy import acting, Permission, POLICY
from matchhub.pipelines.queries import boards, visible_deal
from matchhub.pipelines.queries.boards import BoardFilters, Column, filters_from
from matchhub.pipelines.views.blueprint import bp, EXPORTED, XLSX
from matchhub.pipelines.views.deals import answer, context_of, names_of, stage_words

CLOSED = (DealStage.FUNDED, DealStage.ENDED)


@dataclass(frozen=True, slots=True)
class Clash:
    """Two colleagues moved one card: what the other did, and what this one wanted."""

    deal: Deal
    name: str
    moves: list[BoardMove]
    wanted: Column
    now_in: Column


@bp.get("/board")
@requires(POLICY, Permission.LIST)
def board() -> ResponseReturnValue:
    return _board(filters_from(request.args), opened=_opened())


@bp.post("/deals/<int:deal_id>/stage")
@requires(POLICY, Permission.MOVE, load=visible_deal)
def place(deal: Deal) -> ResponseReturnValue:
    form = PlaceForm()
    try:
        with refusals_on(form):
            if form.validate():
                services.place(deal, form.to.data or "", seen=form.seen.data or 0, actor=current_actor(), now=utcnow())
    except services.Overtaken:
        finish(commit=False)
        return _board(_came_from(), clash=_clash(deal, form)), 409
    if is_refused(form):
        return _board(_came_from(), problem=_("选一个列出的阶段")), 422
    return _placed(deal)


@bp.get("/deals")
@requires(POLICY, Permission.LIST)
def deals() -> ResponseReturnValue:
    chosen, sort = filters_from(request.args), request.args.get("sort", "next")
    columns, session = _columns(), db.session()
    page = boards.table(
        session, current_actor(), columns, chosen, sort=sort, locale=ui.locale_code(), number=page_number(),
        now=utcnow(),
    )  # fmt: skip
    return render_template("pipelines/deals.html", page=page, sort=sort, **_shared(chosen, columns))


@bp.get("/deals/export.xlsx")
@requires(POLICY, Permission.LIST)
@takes_away(N_("看板"))
def deals_export() -> ResponseReturnValue:
    chosen, sort = filters_from(request.args), request.args.get("sort", "next")
    page = boards.table(
        db.session(), current_actor(), _columns(), chosen, sort=sort, locale=ui.locale_code(), per_page=EXPORTED,
        now=utcnow(),
    )  # fmt: skip
    content = exports.deals_workbook(page.items, _, stage_words, ui.show_money_range)
    return file_response(content, name=f"{_('看板')}.xlsx", media_type=XLSX)


@bp.post("/board/views")
@requires(POLICY, Permission.SAVE_VIEW)
def save_view() -> ResponseReturnValue:
    form, chosen = SavedViewForm(), _came_from()
    is_table = urlsplit(safe_next(request.form.get("next"), "")).path == url_for(".deals")
    with refusals_on(form):
        if form.validate():
            services.save_view(form.name.data or "", chosen, is_table=is_table, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _board(chosen, saving=form), 422
    flash(_("视图已保存"), "success")
    return answer(url_for(".board"))


@bp.post("/board-views/<int:view_id>/deletion")
@requires(POLICY, Permission.FORGET_VIEW, load=boards.own_view)
def forget_view(view: SavedView) -> ResponseReturnValue:
    services.forget_view(view, actor=current_actor(), now=utcnow())
    flash(_("视图已删除"), "success")
    return redirect(url_for(".board"))


def _board(
    chosen: BoardFilters,
    *,
    opened: Deal | None = None,
    clash: Clash | None = None,
    problem: str = "",
    saving: SavedViewForm | None = None,
) -> str:
    """The board, or only its columns where htmx asks for them."""
    columns = _columns()
    piles = boards.board(db.session(), current_actor(), columns, chosen, locale=ui.locale_code(), now=utcnow())
    only = columns.find(chosen.stage) if chosen.stage else None
    first = next((pile.column for pile in piles if pile.count), columns.all[0])
    values = {
        "piles": piles, "only": only, "shown_on_phone": only or first, "opened": opened, "clash": clash,
        "problem": problem, "total": sum(pile.count for pile in piles), "moved": request.form.get("next"),
        "can_edit": acting(current_actor()),
        "due_first": next(iter(sorted((c for p in piles for c in p.cards if c.next_step_on), key=_due)), None),
    }  # fmt: skip
    if is_htmx():
        return render_template("pipelines/_board.html", **values, **_plain(chosen))
    panel = context_of(opened) if opened else {}
    return render_template("pipelines/board.html", **{**panel, **values, **_shared(chosen, columns, saving)})


def _due(card: boards.Card) -> Any:
    return card.next_step_on, card.deal_id


def _plain(chosen: BoardFilters) -> dict[str, Any]:
    """What every card needs: the filters that its links carry, and the words of a column."""
    return {"chosen": chosen, "stage_words": stage_words, "here": url_for(".board", **dict[str, Any](chosen.query))}


def _shared(chosen: BoardFilters, columns: boards.Columns, saving: SavedViewForm | None = None) -> dict[str, Any]:
    """What the board and the table have in common: filters and their choices, saved views, counts of what is over."""
    actor, session = current_actor(), db.session()
    own_id = actor.organization_id or 0
    return _plain(chosen) | {
        "columns": columns.all,
        "people": names_of_people(session, own_id),
        "industries": boards.industries_of(session, own_id),
        "views": boards.saved_views(session, actor),
        "closed": boards.closed_counts(session, own_id),
        "closed_stages": CLOSED,
        "saving": saving or SavedViewForm(formdata=None),
        "may_arrange": POLICY.allows(Permission.ARRANGE, actor),
    }


def _columns() -> boards.Columns:
    return boards.columns_of(db.session(), current_actor().organization_id or 0)


def _opened() -> Deal | None:
    """The deal whose panel the address opens; what is not the fund's own opens nothing."""
    try:
        deal = visible_deal(current_actor(), row_id(request.args.get("open", "")))
    except ValueError:
        return None
    return deal if deal is not None and deal.investor_id == current_actor().organization_id else None


def _came_from() -> BoardFilters:
    """The filters of the page that a form was on."""
    return filters_from(dict(parse_qsl(urlsplit(safe_next(request.form.get("next"), "")).query)))


def _placed(deal: Deal) -> ResponseReturnValue:
    """Back to the board; for htmx the columns anew, with a line that says what happened."""
    said = _("已移到「%(stage)s」", stage=stage_words(_columns().of(deal.stage, deal.own_stage_id).name))
    if not is_htmx():
        flash(said, "success")
        return answer(url_for(".deal", deal_id=deal.id))
    response = make_response(_board(_came_from()))
    response.headers["HX-Trigger"] = json.dumps({"toast": {"text": said, "tone": "success"}})
    return response


def _clash(deal: Deal, form: PlaceForm) -> Clash:
    """Both moves: what colleagues did since the mover looked, and where the mover wanted the card."""
    columns = _columns()
    since = max(1, deal.move_count - (form.seen.data or 0))
    moves = boards.moves_of(db.session(), deal.id, most=min(since, 5))
    wanted = columns.find(form.to.data or "") or columns.all[0]
    return Clash(deal, names_of([deal])[deal.id], moves, wanted, columns.of(deal.stage, deal.own_stage_id))
