"""成效: the funnel as bars and as a table, each number a link to its list."""

from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchhub.console.exports import funnel_list_sheet, funnel_sheet
from matchhub.console.policy import Permission, POLICY
from matchhub.console.views.blueprint import bp
from matchhub.core import ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.uploads import KINDS
from matchhub.core.web import current_actor, file_response, page_number, requires, takes_away
from matchhub.listings.enums import PairingKind
from matchhub.oversight.queries import funnel as funnel_queries
from matchhub.oversight.queries.funnel import Cut, CUTS, FunnelRow, Grouping, Stage
from matchhub.oversight.queries.kept import as_of
from matchhub.oversight.views.blueprint import scope_words


def asked_cut() -> Cut:
    """The cut in the address; the scope is the server's and cannot be asked for."""
    return Cut(*(request.args.get(name) or None for name in CUTS))


def asked_grouping() -> Grouping:
    """The grouping in the address, by district where it says nothing we know."""
    value = request.args.get("by", Grouping.DISTRICT.value)
    return Grouping(value) if value in list(Grouping) else Grouping.DISTRICT


def group_label(grouping: Grouping, key: str | None) -> str:
    """The words for a row of the table."""
    if not key or key == "none":
        return gettext("未分区") if grouping is Grouping.DISTRICT else gettext("未填")
    if grouping is Grouping.MONTH:
        try:
            first = date.fromisoformat(f"{key}-01")
        except ValueError:
            return key
        if ui.locale_code() == "en":
            return f"{first:%B %Y}"
        return gettext("%(year)s年%(month)s月", year=f"{first:%Y}", month=first.month)
    return ui.word("regions" if grouping is Grouping.DISTRICT else "industries", key) or key


def funnel_table(cut: Cut, grouping: Grouping) -> dict[str, Any]:
    """Rows and totals of the table, with the address of each number's list."""
    groups = funnel_queries.figures(db.session(), current_actor(), cut, grouping)
    totals = funnel_queries.totals(groups)

    def cells(counts: Any, narrowed: Cut) -> list[tuple[int, str]]:
        return [
            (counts.get(stage, 0), url_for("console.funnel_list", stage=stage.value, **narrowed.query()))
            for stage in Stage
        ]

    keys = funnel_queries.ordered(groups)
    if grouping is Grouping.MONTH:
        keys.reverse()
    rows = [(group_label(grouping, key), cells(groups[key], cut.with_group(grouping, key))) for key in keys]
    return {"rows": rows, "totals": cells(totals, cut), "counts": totals}


@bp.get("/funnel")
@requires(POLICY, Permission.SEE_FIGURES)
def funnel() -> ResponseReturnValue:
    cut, grouping = asked_cut(), asked_grouping()
    table = funnel_table(cut, grouping)
    bars = [
        {"label": gettext(stage.label), "count": count, "share": share, "url": table["totals"][place][1]}
        for place, (stage, count, share) in enumerate(funnel_queries.shares(table["counts"]))
    ]
    outcomes, amount = funnel_queries.confirmed_sum(db.session(), current_actor(), cut)
    return render_template(
        "console/funnel.html", cut=cut, grouping=grouping, groupings=Grouping, stages=Stage, table=table, bars=bars,
        outcomes=outcomes, amount=amount, months=funnel_queries.months_back(utcnow()), scope=scope_words(),
        kinds=PairingKind, as_of=as_of(db.session(), current_actor()),
    )  # fmt: skip


@bp.get("/funnel/export.xlsx")
@requires(POLICY, Permission.SEE_FIGURES)
def funnel_export() -> ResponseReturnValue:
    table = funnel_table(asked_cut(), asked_grouping())
    return file_response(funnel_sheet(table, scope=scope_words()), name=gettext("成效.xlsx"), media_type=KINDS["xlsx"])


@bp.get("/funnel/<string:stage>")
@requires(POLICY, Permission.SEE_FIGURES, load=lambda actor, stage: Stage(stage) if stage in list(Stage) else None)
def funnel_list(stage: Stage) -> ResponseReturnValue:
    cut = asked_cut()
    page = funnel_queries.stage_list(db.session(), current_actor(), stage, cut, number=page_number())
    return render_template(
        "console/funnel_list.html", stage=stage, cut=cut, page=page, scope=scope_words(), grouping=Grouping,
        group_label=group_label, kinds=PairingKind, as_of=as_of(db.session(), current_actor()),
    )  # fmt: skip


@bp.get("/funnel/<string:stage>/export.xlsx")
@requires(POLICY, Permission.SEE_FIGURES, load=lambda actor, stage: Stage(stage) if stage in list(Stage) else None)
@takes_away(N_("成效清单"))
def funnel_list_export(stage: Stage) -> ResponseReturnValue:
    rows: list[FunnelRow] = list(
        funnel_queries.stage_list(db.session(), current_actor(), stage, asked_cut(), number=1, per_page=20_000).items
    )
    name = gettext("%(stage)s清单.xlsx", stage=gettext(stage.label))
    return file_response(funnel_list_sheet(stage, rows), name=name, media_type=KINDS["xlsx"])
