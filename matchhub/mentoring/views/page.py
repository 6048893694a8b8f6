"""The page of one engagement, from either side, with whatever form was refused."""

from collections.abc import Sequence

from flask import render_template
from flask_babel import gettext as _

from matchhub.core import ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.fields import tell_apart
from matchhub.core.web import current_actor
from matchhub.introductions.queries import party_name, visible_others
from matchhub.mentoring import queries, services
from matchhub.mentoring.enums import EngagementState
from matchhub.mentoring.forms import AnswerForm, DisputeForm, EndForm, GoalForm, ResultForm
from matchhub.mentoring.models import Engagement
from matchhub.mentoring.policy import Permission, POLICY
from matchhub.mentoring.workflow import ENGAGEMENTS, SESSIONS
from matchhub.pipelines.models import Outcome
from matchhub.pipelines.queries import current_outcome, outcomes_about
from matchhub.pipelines.services import need_is_open
from matchhub.pipelines.workflow import OUTCOMES


def page_of(
    engagement: Engagement,
    *,
    goal: GoalForm | None = None,
    disputing: tuple[int, DisputeForm] | None = None,
    result: ResultForm | None = None,
    contesting: DisputeForm | None = None,
    ending: EndForm | None = None,
) -> str:
    """Everything about one engagement."""
    actor, session = current_actor(), db.session()
    sessions = queries.sessions_of(session, [engagement.id])
    outcomes = outcomes_about(session, [engagement.introduction_id])
    current = current_outcome(outcomes)
    is_open = engagement.state in (EngagementState.ACTIVE, EngagementState.PAUSED)
    totals = queries.totals_of(session, [engagement.id]).get(engagement.id, queries.NOTHING)
    contesting, ending = contesting or DisputeForm(formdata=None), ending or end_form(sent=False)
    tell_apart({"contesting": contesting, "ending": ending})
    return render_template(
        "mentoring/engagement.html",
        engagement=engagement,
        name=names_of([engagement])[engagement.id],
        is_mentor=actor.organization_id == engagement.mentor_id,
        moves={row.action for row in ENGAGEMENTS.available(engagement, actor)},
        may_log=engagement.state is EngagementState.ACTIVE and POLICY.allows(Permission.LOG, actor, engagement),
        may_set_goals=is_open and POLICY.allows(Permission.SET_GOALS, actor, engagement),
        may_report=is_open and current is None and totals.sessions > 0
        and POLICY.allows(Permission.REPORT, actor, engagement),
        totals=totals,
        goals=queries.goals_of(session, engagement.id),
        sessions=sessions,
        session_moves={row.id: {move.action for move in SESSIONS.available(row, actor)} for row in sessions},
        outcomes=outcomes,
        current=current,
        outcome_moves={row.action for row in OUTCOMES.available(current, actor)} if current else set(),
        need_is_open=need_is_open(current) if current else True,
        goal=goal or GoalForm(formdata=None),
        disputed_id=disputing[0] if disputing else 0,
        disputing=disputing[1] if disputing else DisputeForm(formdata=None),
        result=result or result_form(current),
        contesting=contesting,
        answering=AnswerForm(formdata=None),
        ending=ending,
    )  # fmt: skip


def names_of(rows: Sequence[Engagement]) -> dict[int, str]:
    """engagement id → the other side's name, where it is open to the reader or a confirmed result has settled it."""
    actor, locale = current_actor(), ui.locale_code()
    introductions = [row.introduction for row in rows]
    seen = visible_others(db.session(), actor, introductions, now=utcnow())
    found = {}
    for row in rows:
        other = row.introduction.other_than(actor.organization_id)
        if row.state is EngagementState.FINISHED:
            found[row.id] = str(ui.in_locale(other, "label"))
        else:
            name = party_name(row.introduction, other, seen[row.introduction_id], locale)
            found[row.id] = ui.shown_code(name) or ""
    return found


def result_form(current: Outcome | None) -> ResultForm:
    """Empty, or what the own side entered, to be corrected."""
    if current is None or current.entered_by_id != current_actor().organization_id:
        return ResultForm(formdata=None)
    return ResultForm(formdata=None, words=current.note, meets_need=current.meets_need)


def end_form(*, sent: bool) -> EndForm:
    """The form with its reasons."""
    form = EndForm() if sent else EndForm(formdata=None)
    form.offer(services.end_reasons(now=utcnow()), _("请选择"))
    return form
