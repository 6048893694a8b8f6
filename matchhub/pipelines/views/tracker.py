"""进展: where all that a firm asked for stands, and whose turn it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchhub.core import ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.installation import required
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, file_response, requires, takes_away
from matchhub.introductions import queries as introductions
from matchhub.introductions.enums import IntroductionState, MeetingState
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import NeedState, PairingKind
from matchhub.listings.models import Need
from matchhub.pipelines import exports
from matchhub.pipelines.enums import CaseStage, DealStage, OutcomeState
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.queries.tracked import Behind, led_to, Met, needs_under_review
from matchhub.pipelines.views.blueprint import bp, XLSX

TURNS = ("mine", "theirs", "ended")
DELIVERED, CONSIDERED, AGREED, TALKING, OVER = range(5)
AGAIN = (IntroductionState.DECLINED, IntroductionState.EXPIRED)
NOTHING = Behind()


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
    due: datetime | None = None
    button: str = ""
    again: str = ""  # when the firm may ask again, in words


@dataclass(slots=True)
class Elsewhere:
    """Filled by `wiring.py`: what else a firm asked for, which higher features know."""

    rows: Callable[[Session, int], list[Row]] = lambda session, organization_id: []


ELSEWHERE = Elsewhere()
STARTED = {  # where the results of each kind are confirmed
    PairingKind.EQUITY: "pipelines.deal_of",
    PairingKind.CREDIT: "pipelines.case_of",
    PairingKind.MENTORING: "mentoring.engagement_of",
}


@bp.get("/tracker")
@requires(POLICY, Permission.TRACK)
def tracker() -> ResponseReturnValue:
    rows = _rows()
    own_id = current_actor().organization_id or 0
    return render_template(
        "pipelines/tracker.html",
        rows=rows,
        groups={turn: [row for row in rows if row.turn == turn] for turn in TURNS},
        in_flight=introductions.most_in_flight(db.session(), own_id),
        cap=required(db.session()).in_flight_per_enterprise,
        first=next((row for row in rows if row.turn == "mine"), None),
    )


@bp.get("/tracker/export.xlsx")
@requires(POLICY, Permission.TRACK)
@takes_away(N_("进展"))
def tracker_export() -> ResponseReturnValue:
    turns = {"mine": _("轮到我"), "theirs": _("等对方"), "ended": _("已结束")}
    lines = (
        [turns[row.turn], row.who, row.what, row.state, ui.show_day(row.due), row.again or None] for row in _rows()
    )
    content = exports.tracker_workbook(lines, _)
    return file_response(content, name=f"{_('进展')}.xlsx", media_type=XLSX)


def _rows() -> list[Row]:
    """All rows with a constant number of queries."""
    session, own_id = db.session(), current_actor().organization_id or 0
    reviewed = [_of_need(need) for need in needs_under_review(session, own_id)]
    rows = reviewed + _of_introductions(session, own_id) + ELSEWHERE.rows(session, own_id)
    return sorted(rows, key=lambda row: (TURNS.index(row.turn), row.due is None, row.due or utcnow()))


def _of_need(need: Need) -> Row:
    """A need that has not reached anybody yet: with its reviewer, or back with the firm."""
    url, what = url_for("listings.need", need_id=need.id), _what(need)
    if need.state is NeedState.RETURNED:
        return Row("mine", _("审核人员"), what, url, DELIVERED, _("已退回"), "red", button=_("去修改"))
    return Row("theirs", _("审核人员"), what, url, DELIVERED, _("审核中"), "blue")


def _what(need: Need) -> str:
    said = (_(need.kind.label), ui.shown_code(need.code_name), ui.in_locale(need, "teaser"))
    return " · ".join(part for part in said if part)


def _of_introductions(session: Session, own_id: int) -> list[Row]:
    found = introductions.all_of(session, own_id)
    behind = led_to(session, [i.id for i in found if i.state is IntroductionState.ACCEPTED])
    return [row_of(i, behind.get(i.id, NOTHING)) for i in found]


def _is_under_way(behind: Behind) -> bool:
    """They have met, or the other side works on it. The firm sees of it only the high-level state and whose turn it is."""
    at_work = behind.deal not in (None, DealStage.CONTACTED)
    reads = behind.case not in (None, CaseStage.CLAIMED)
    return at_work or reads or any(meeting.state is MeetingState.HELD for meeting in behind.meetings)


def row_of(introduction: Introduction, behind: Behind) -> Row:
    """What the firm may know: delivered, considered, agreed, in talks, over; never what the other did before that."""
    own_id = introduction.enterprise_id
    url = url_for("introductions.show", introduction_id=introduction.id)
    who, what = str(ui.in_locale(introduction.investor, "label")), _what(introduction.need)
    if introduction.state is IntroductionState.REQUESTED:
        if introduction.recipient_id == own_id:
            return Row("mine", who, what, url, CONSIDERED, _("待回应"), "blue", introduction.expires_at, _("去回应"))
        if introduction.awaits_claim:
            return Row("theirs", who, what, url, DELIVERED, _("已送达"), "blue")
        return Row("theirs", who, what, url, CONSIDERED, _("考虑中"), "blue", introduction.expires_at)
    if introduction.state is not IntroductionState.ACCEPTED:
        how = introduction.state
        return Row("ended", who, what, url, OVER + 1, _(how.label), how.tone, again=_again(introduction))
    turn, button, due = _turn(own_id, behind)
    talking = _is_under_way(behind)
    if button in (_("确认结果"), _("补材料")):
        url = url_for(STARTED[introduction.kind], introduction_id=introduction.id)
    state, tone = (_("洽谈中"), "blue") if talking else (_("双方同意"), "green")
    return Row(turn, who, what, url, TALKING if talking else AGREED, state, tone, due, button)


def _again(introduction: Introduction) -> str:
    """From when the same firm may ask the same partner again; nothing where an answer is not what ended it."""
    if introduction.state not in AGAIN or introduction.requester_id != introduction.enterprise_id:
        return ""
    if introduction.ask_again_on is not None and introduction.ask_again_on > utcnow():
        return str(_("%(day)s起可再次申请", day=ui.show_day(introduction.ask_again_on)))
    return str(_("现在可以再次申请")) if introduction.need.state is NeedState.OPEN else ""


def _turn(own_id: int, behind: Behind) -> tuple[str, str, datetime | None]:
    """Whose turn it is in an agreed introduction, the button for it, and by when."""
    entered = [o for o in behind.outcomes if o.state is OutcomeState.ENTERED]
    if entered:
        theirs = any(o.entered_by_id == own_id for o in entered)
        return ("theirs", "", None) if theirs else ("mine", _("确认结果"), None)
    if behind.case is not None:
        waits = behind.case in (CaseStage.DOCUMENTS, CaseStage.RETURNED)
        return ("mine", _("补材料"), None) if waits else ("theirs", "", None)
    return _meeting_turn(own_id, behind.meetings)


def _meeting_turn(own_id: int, meetings: Sequence[Met]) -> tuple[str, str, datetime | None]:
    """The same as far as meetings say it."""
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
