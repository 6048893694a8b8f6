"""A list as a workbook."""

from flask import abort
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core.clock import utcnow
from matchhub.core.ui import word
from matchhub.core.web import current_actor, file_response, requires
from matchhub.matches.exports import list_workbook
from matchhub.matches.policy import Permission, POLICY
from matchhub.matches.views.blueprint import bp
from matchhub.matches.views.lists import side_of, subject_asked
from matchhub.matches.views.showing import list_page, Row

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/suggestions/export.xlsx")
@requires(POLICY, Permission.VIEW_LISTS)
def export() -> ResponseReturnValue:
    actor, now = current_actor(), utcnow()
    subject = subject_asked(actor)
    if subject is None:
        abort(404)
    page = list_page(actor, side_of(subject), subject, now=now)
    header = [_("名称"), _("种类"), _("契合"), _("依据"), _("是否符合"), _("地区"), _("理由")]
    content = list_workbook(_("推荐"), header, [_cells(row) for row in page.rows])
    return file_response(content, name=f"{_('推荐')}-{now:%Y%m%d}.xlsx", media_type=XLSX)


def _cells(row: Row) -> list[str | None]:
    said = " ".join(chip.text for chip in row.chips)
    labels = (_(row.fit_word), _(row.evidence.label), _(row.verdict.label))
    return [row.name, row.kind, *labels, word("regions", row.region), said]
