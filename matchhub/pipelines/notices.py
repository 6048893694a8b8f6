"""What the two parties are told about a result."""

from datetime import datetime

from matchhub.accounts.queries import recipients_of
from matchhub.core import outbox
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.outbox import NoticeKind
from matchhub.pipelines.models import Outcome
from matchhub.pipelines.news import OutcomeChanged, OutcomeConfirmed, OutcomeStep

ENTERED = NoticeKind(
    "outcome_entered", N_("请确认对接结果"), N_("对方录入了「%(what)s」的结果，核对后确认，或写明异议。")
)
DISPUTED = NoticeKind(
    "outcome_disputed", N_("对方对结果有异议"), N_("对方对「%(what)s」的结果有异议，看过原因后可重新录入。")
)
CONFIRMED = NoticeKind("outcome_confirmed", N_("结果已确认"), N_("「%(what)s」的结果双方已确认，计入成效。"))
KINDS = (ENTERED, DISPUTED, CONFIRMED)


def on_outcome(item: OutcomeChanged, *, now: datetime) -> None:
    deal = item.outcome.deal
    if item.step is OutcomeStep.ENTERED:
        other = deal.investor_id if item.outcome.entered_by_id == deal.enterprise_id else deal.enterprise_id
        _tell(ENTERED, item.outcome, other, now=now)
    else:
        _tell(DISPUTED, item.outcome, item.outcome.entered_by_id, now=now)


def on_confirmed(item: OutcomeConfirmed, *, now: datetime) -> None:
    _tell(CONFIRMED, item.outcome, item.outcome.entered_by_id, now=now)


def _tell(kind: NoticeKind, outcome: Outcome, organization_id: int, *, now: datetime) -> None:
    what = outcome.deal.introduction.need.code_name
    for recipient in recipients_of(db.session(), organization_id):
        outbox.enqueue(kind, recipient, about=outcome, values={"what": what}, path=f"/deals/{outcome.deal_id}", now=now)
