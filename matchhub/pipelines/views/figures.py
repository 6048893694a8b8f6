"""Confirmed results as stewards see them: bands, sectors, districts, months."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchhub.core import money, ui
from matchhub.core.db import db
from matchhub.core.web import current_actor, file_response, page_number, requires
from matchhub.introductions.views.lists import districts, filters, industries
from matchhub.listings.enums import PairingKind
from matchhub.pipelines import exports, queries
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.views.blueprint import bp, EXPORTED, XLSX


@bp.get("/outcomes")
@requires(POLICY, Permission.FIGURES)
def figures() -> ResponseReturnValue:
    page = queries.confirmed_figures(db.session(), current_actor(), filters(), number=page_number())
    return render_template(
        "pipelines/figures.html", page=page, filters=filters(), districts=districts(), industries=industries(),
        kinds=list(PairingKind), band=money.band,
    )  # fmt: skip


@bp.get("/outcomes/export.xlsx")
@requires(POLICY, Permission.FIGURES)
def figures_export() -> ResponseReturnValue:
    page = queries.confirmed_figures(db.session(), current_actor(), filters(), number=1, per_page=EXPORTED)
    content = exports.figures_workbook(page.items, gettext, ui.word)
    return file_response(content, name=f"{gettext('成果')}.xlsx", media_type=XLSX)
