"""A carrier's roster: template, upload, preview, apply."""

from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from matchhub.core import dictionaries
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.previews import Fate, Preview, PreviewLine, Problem
from matchhub.core.ui import locale_code
from matchhub.core.uploads import KINDS, path_of, StoredFile
from matchhub.core.web import current_actor, file_response, refusals_on, requires
from matchhub.profiles import queries, services
from matchhub.profiles.exports import roster_template
from matchhub.profiles.forms.small import RosterForm
from matchhub.profiles.imports import read_roster, Reading
from matchhub.profiles.models import Profile
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.services import RosterOutcome, RosterRow
from matchhub.profiles.services.roster import HEADER
from matchhub.profiles.views.blueprint import bp, checked, folder

MEGABYTES = 5


@dataclass(slots=True)
class Roster:
    """An uploaded roster of the actor's carrier."""

    profile: Profile
    file: StoredFile
    reading: Reading = field(default_factory=lambda: Reading([], []))


def _uploaded(actor: Any, file_id: int) -> Roster | None:
    """Only what the own carrier has uploaded, read again from the stored bytes."""
    profile, file = queries.carrier_for_roster(actor), db.session.get(StoredFile, file_id)
    if profile is None or file is None or file.organization_id != profile.organization_id:
        return None
    return Roster(profile, file) if file.media_type == KINDS["xlsx"] else None


@bp.get("/roster")
@requires(POLICY, Permission.KEEP_ROSTER, load=queries.carrier_for_roster)
def roster(profile: Profile) -> ResponseReturnValue:
    return _page(profile, RosterForm(formdata=None))


def _page(profile: Profile, form: RosterForm) -> str:
    firms = queries.firms_in(db.session(), profile.organization_id)
    return render_template("profiles/roster.html", firms=firms, form=form)


@bp.get("/roster/template.xlsx")
@requires(POLICY, Permission.KEEP_ROSTER, load=queries.carrier_for_roster)
def roster_sheet(profile: Profile) -> ResponseReturnValue:
    content = roster_template(translate=lambda text: str(_(text)))
    return file_response(content, name=f"{_('名册')}.xlsx", media_type=KINDS["xlsx"])


@bp.post("/roster")
@requires(POLICY, Permission.KEEP_ROSTER, load=queries.carrier_for_roster)
def upload_roster(profile: Profile) -> ResponseReturnValue:
    form = RosterForm()
    if form.validate():
        with refusals_on(form):
            found = checked(form.file.data, frozenset({"xlsx"}), megabytes=MEGABYTES)
            read_roster((folder() / found.key[:2] / found.key).read_bytes())
            stored = services.keep_roster(found, actor=current_actor(), now=utcnow())
            return redirect(url_for(".roster_preview", file_id=stored.id))
    return _page(profile, form), 422


@bp.get("/roster/<int:file_id>")
@requires(POLICY, Permission.KEEP_ROSTER, load=_uploaded)
def roster_preview(roster: Roster) -> ResponseReturnValue:
    reading = read_roster(path_of(roster.file, folder()).read_bytes())
    return _preview_page(roster, reading, services.weigh(reading.rows, roster.profile.organization_id))


def _preview_page(roster: Roster, reading: Reading, outcome: RosterOutcome) -> str:
    named = [Problem(line, HEADER[0], message) for line, message in outcome.problems.items()]
    lines = [PreviewLine(r.line, r.name, outcome.fates.get(r.line, Fate.SAME), "", _cells(r)) for r in reading.rows]
    preview = Preview((HEADER[0], *(HEADER[place] for place in (1, 2, 3, 4))), lines, [*reading.problems, *named])
    return render_template("profiles/roster_preview.html", roster=roster, preview=preview)


def _cells(row: RosterRow) -> tuple[str | None, ...]:
    industry = dictionaries.snapshot().word("industries", row.industry, locale_code())
    return (row.uscc, str(_(row.status.label)), row.entered_on.isoformat() if row.entered_on else None, industry)


@bp.post("/roster/<int:file_id>/application")
@requires(POLICY, Permission.KEEP_ROSTER, load=_uploaded)
def apply_roster(roster: Roster) -> ResponseReturnValue:
    reading = read_roster(path_of(roster.file, folder()).read_bytes())
    if reading.problems:
        return _preview_page(roster, reading, RosterOutcome()), 422
    outcome = services.apply_roster(roster.profile, reading.rows, actor=current_actor(), now=utcnow())
    flash(ngettext("名册已导入，新增 %(num)s 家", "名册已导入，新增 %(num)s 家", outcome.created), "success")
    return redirect(url_for(".residencies"))
