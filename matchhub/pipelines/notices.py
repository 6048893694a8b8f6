"""What the two parties are told about a result and about a loan. Words never carry the bank's notes."""

from collections.abc import Callable
from datetime import datetime

from matchhub.accounts.queries import recipients_of
from matchhub.core import dictionaries, outbox
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.outbox import NoticeKind
from matchhub.core.wordings import both, both_of
from matchhub.listings.enums import PairingKind
from matchhub.pipelines.models import CreditCase, Outcome
from matchhub.pipelines.news import CaseChanged, CaseStep, OutcomeChanged, OutcomeConfirmed, OutcomeStep

ENTERED = NoticeKind(
    "outcome_entered", N_("请确认对接结果"), N_("对方录入了「%(what)s」的结果，核对后确认，或写明异议。")
)
DISPUTED = NoticeKind(
    "outcome_disputed", N_("对方对结果有异议"), N_("对方对「%(what)s」的结果有异议，看过原因后可重新录入。")
)
CONFIRMED = NoticeKind("outcome_confirmed", N_("结果已确认"), N_("「%(what)s」的结果双方已确认，计入成效。"))
DOCUMENTS_MISSING = NoticeKind(
    "case_documents_missing", N_("%(who)s 在等你的材料"), N_("「%(what)s」还差 %(count)s 份材料，清单在案件页。")
)
RETURNED = NoticeKind(
    "case_returned", N_("%(who)s 退回了贷款申请"), N_("「%(what)s」需要补正，看过说明后补上，银行会继续办理。")
)
GRANTED = NoticeKind("case_granted", N_("%(who)s 批复了贷款"), N_("「%(what)s」已批复，金额和利率在案件页。"))
REFUSED = NoticeKind(
    "case_refused", N_("%(who)s 未批准贷款"), N_("「%(what)s」未获批，原因：%(reason)s。怎样改进写在案件页。")
)
WITHDRAWN = NoticeKind("case_withdrawn", N_("一个贷款申请已撤回"), N_("企业撤回了「%(what)s」的贷款申请。"))
KINDS = (ENTERED, DISPUTED, CONFIRMED, DOCUMENTS_MISSING, RETURNED, GRANTED, REFUSED, WITHDRAWN)
STEPS = {
    CaseStep.DOCUMENTS_MISSING: DOCUMENTS_MISSING,
    CaseStep.RETURNED: RETURNED,
    CaseStep.GRANTED: GRANTED,
    CaseStep.REFUSED: REFUSED,
    CaseStep.WITHDRAWN: WITHDRAWN,
}
PAGES: dict[PairingKind, Callable[[Outcome], str]] = {
    PairingKind.EQUITY: lambda outcome: f"/deals/{outcome.deal_id}",
    PairingKind.CREDIT: lambda outcome: f"/credit-cases/{outcome.case_id}",
    PairingKind.MENTORING: lambda outcome: f"/introductions/{outcome.introduction_id}/engagement",
}


def on_outcome(item: OutcomeChanged, *, now: datetime) -> None:
    if item.step is OutcomeStep.ENTERED:
        other = item.outcome.introduction.other_than(item.outcome.entered_by_id)
        _tell(ENTERED, item.outcome, other.id, now=now)
    else:
        _tell(DISPUTED, item.outcome, item.outcome.entered_by_id, now=now)


def on_confirmed(item: OutcomeConfirmed, *, now: datetime) -> None:
    _tell(CONFIRMED, item.outcome, item.outcome.entered_by_id, now=now)


def _tell(kind: NoticeKind, outcome: Outcome, organization_id: int, *, now: datetime) -> None:
    words, code = dictionaries.snapshot(db.session()), outcome.introduction.need.code_name
    what, path = both(lambda locale: words.code_name(code, locale)), PAGES[outcome.kind](outcome)
    for recipient in recipients_of(db.session(), organization_id):
        outbox.enqueue(kind, recipient, about=outcome, values={"what": what}, path=path, now=now)


def on_case(item: CaseChanged, *, now: datetime) -> None:
    """The firm hears from the bank by its name, the bank of the firm by the need's code name."""
    case = item.case
    told = case.bank_id if item.step is CaseStep.WITHDRAWN else case.enterprise_id
    values = both_of(lambda locale: _worded(case, locale))
    for recipient in recipients_of(db.session(), told):
        path = f"/credit-cases/{case.id}"
        outbox.enqueue(STEPS[item.step], recipient, about=case, values=values, path=path, now=now)


def _worded(case: CreditCase, locale: str) -> dict[str, str]:
    bank = case.bank
    words = dictionaries.snapshot(db.session())
    reason = words.word("credit_exit_reasons", case.exit_reason or None, locale)
    return {
        "who": bank.label if locale == "zh" else bank.label_en or bank.label,
        "what": words.code_name(case.introduction.need.code_name, locale),
        "count": str(len(case.missing)),
        "reason": reason or "",
    }
