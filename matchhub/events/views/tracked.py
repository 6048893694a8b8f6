"""What a firm asked of events, as rows of its tracker: calls to pitch at."""

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchhub.core import ui
from matchhub.core.clock import utcnow
from matchhub.events.enums import AHEAD_STATES, ApplicationState
from matchhub.events.queries.calls import applications_told, ToldApplication
from matchhub.pipelines.views.tracker import AGREED, CONSIDERED, DELIVERED, OVER, Row

STEPS = {
    ApplicationState.RECOMMENDED: DELIVERED,
    ApplicationState.SUBMITTED: CONSIDERED,
    ApplicationState.RESERVE: CONSIDERED,
    ApplicationState.SELECTED: AGREED,
}


def rows(session: Session, organization_id: int) -> list[Row]:
    """One for each application, with the decision that is told to the firm and nothing before it."""
    return [_row(row) for row in applications_told(session, organization_id)]


def _row(row: ToldApplication) -> Row:
    state = row.state
    who, url = str(ui.in_locale(row, "host")), url_for("events.application", application_id=row.id)
    what = " · ".join((_("路演"), ui.in_locale(row, "title")))
    if row.event_state not in AHEAD_STATES or row.starts_at <= utcnow() or state not in STEPS:
        over = row.event_state if state in STEPS else state
        return Row("ended", who, what, url, OVER + 1, _(over.label), over.tone)
    if state is ApplicationState.RECOMMENDED:
        ask = url_for("events.new_application", event_id=row.event_id)
        return Row("mine", who, what, ask, DELIVERED, _(state.label), state.tone, button=_("看看并决定"))
    return Row("theirs", who, what, url, STEPS[state], _(state.label), state.tone, row.starts_at)
