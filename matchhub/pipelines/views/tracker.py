"""进展: where all that a firm asked for stands, and whose turn it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.installation import required
from matchhub.core.web import current_actor, file_response, requires
from matchhub.introductions import queries as introductions
from matchhub.introductions.enums import IntroductionState, MeetingState
from matchhub.introductions.models import Introduction, Meeting
from matchhub.pipelines import exports, queries
from matchhub.pipelines.enums import OutcomeState
from matchhub.pipelines.models import Deal, Outcome
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.views.blueprint import bp, XLSX

TURNS = ("mine", "theirs", "ended")
TALKING = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the tracker."""

    turn: str
    who: str
    what: str
    url: str
    current: int
    state: str
    tone: str
    due: datetime | None
    button: str = ""


@bp.get("/tracker")
@requires(POLICY, Permission.TRACK)
def tracker() -> ResponseReturnValue:
    rows = _rows()
    own_id = current_actor().organization_id or 0
    return render_template(
        "pipelines/tracker.html",
        groups={turn: [row for row in rows if row.turn == turn] for turn in TURNS},
        in_flight=len(introductions.in_flight(db.session(), own_id)),
        cap=required(db.session()).in_flight_per_enterprise,
        first=next((row for row in rows if row.turn == "mine"), None),
    )


@bp.get("/tracker/export.xlsx")
@requires(POLICY, Permission.TRACK)
def tracker_export() -> ResponseReturnValue:
    turns = {"mine": _("轮到我"), "theirs": _("等对方"), "ended": _("已结束")}
    lines = ([turns[row.turn], row.who, row.what, row.state, ui.show_day(row.due)] for row in _rows())
    content = exports.tracker_workbook(lines, _)
    return file_response(content, name=f"{_('进展')}.xlsx", media_type=XLSX)


def _rows() -> list[Row]:
    """All rows with a constant number of queries."""
    session = db.session()
    found = introductions.all_of(session, current_actor().organization_id or 0)
    ids = [introduction.id for introduction in found]
    meetings: dict[int, list[Meeting]] = {}
    for meeting in introductions.meetings_of(session, ids):
        meetings.setdefault(meeting.introduction_id, []).append(meeting)
    deals = queries.deals_by_introduction(session, ids)
    outcomes: dict[int, list[Outcome]] = {}
    for outcome in queries.outcomes_of(session, [deal.id for deal in deals.values()]):
        outcomes.setdefault(outcome.deal_id, []).append(outcome)
    rows = [
        row_of(i, meetings.get(i.id, []), deal := deals.get(i.id), outcomes.get(deal.id, []) if deal else [])
        for i in found
    ]
    return sorted(rows, key=lambda row: (TURNS.index(row.turn), row.due is None, row.due or utcnow()))


def row_of(
    introduction: Introduction, meetings: Sequence[Meeting], deal: Deal | None, outcomes: Sequence[Outcome]
) -> Row:
    """What the firm may know: delivered, considered, agreed, in talks, over; never what the other did before that."""
    own_id = introduction.enterprise_id
    url = url_for("introductions.show", introduction_id=introduction.id)
    who, what = str(ui.in_locale(introduction.investor, "label")), ui.shown_code(introduction.need.code_name) or ""

    def made(turn: str, current: int, state: str, tone: str, due: datetime | None = None, button: str = "") -> Row:
        return Row(turn, who, what, url, current, state, tone, due, button)

    if introduction.state is IntroductionState.REQUESTED:
        if introduction.recipient_id == own_id:
            return made("mine", 1, _("待回应"), "blue", introduction.expires_at, _("去回应"))
        due = None if introduction.awaits_claim else introduction.expires_at
        return made("theirs", 1, _("考虑中"), "blue", due)
    if introduction.state is not IntroductionState.ACCEPTED:
        return made("ended", 5, _(introduction.state.label), introduction.state.tone)
    turn, button, due = _turn(own_id, meetings, outcomes)
    talking = any(m.state is MeetingState.HELD for m in meetings)
    if button == _("确认结果") and deal is not None:
        url = url_for("pipelines.deal", deal_id=deal.id)
    state = _("洽谈中") if talking else _("双方同意")
    return made(turn, TALKING if talking else 2, state, "blue" if talking else "green", due, button)


def _turn(own_id: int, meetings: Sequence[Meeting], outcomes: Sequence[Outcome]) -> tuple[str, str, datetime | None]:
    """Whose turn it is in an agreed introduction, the button for it, and by when."""
    if any(o.state is OutcomeState.ENTERED and o.entered_by_id != own_id for o in outcomes):
        return "mine", _("确认结果"), None
    if any(o.state is OutcomeState.ENTERED for o in outcomes):
        return "theirs", "", None
    proposed = [m for m in meetings if m.state is MeetingState.PROPOSED and m.starts_at > utcnow()]
    if asked := [m for m in proposed if m.proposed_by_id != own_id]:
        return "mine", _("确认时间"), min(m.starts_at for m in asked)
    if proposed:
        return "theirs", "", min(m.starts_at for m in proposed)
    agreed = [m for m in meetings if m.state is MeetingState.ACCEPTED]
    if agreed:
        return "mine", _("去会面") if agreed[0].starts_at > utcnow() else _("记录见面"), agreed[0].starts_at
    held = any(m.state is MeetingState.HELD for m in meetings)
    return ("theirs", "", None) if held else ("mine", _("约时间"), None)
