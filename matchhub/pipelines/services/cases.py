"""A loan from the agreement to the payout: the bank's stages, the papers that it waits for, its own notes."""

from collections.abc import Collection
from datetime import datetime

from matchhub.accounts.news import OrganizationMerged
from matchhub.core import audit, dictionaries, errors, news
from matchhub.core.clock import city_date
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor, SYSTEM
from matchhub.introductions import services as introductions
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.listings.models import LoanProduct
from matchhub.pipelines import queries
from matchhub.pipelines.enums import OPEN_CASE_STAGES
from matchhub.pipelines.models import CaseDocument, CaseEntry, CreditCase
from matchhub.pipelines.news import CaseChanged, CaseStep
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.workflow import CASES

CASE_MOVES = ("collect", "survey", "submit", "sign", "resume")
LARGEST_LOAN_YUAN = 100_000_000_000
HIGHEST_RATE_BP = 3600
FIRMS_WORD = "firm_withdrew"  # the one reason that is the firm's to give


@writes
def open_case(introduction: Introduction, *, now: datetime) -> CreditCase:
    """Both agreed: the bank has taken the loan on. What the product asks for becomes the list of papers."""
    product = introduction.offer
    codes = product.materials if isinstance(product, LoanProduct) else []
    case = CreditCase(
        introduction_id=introduction.id,
        need_id=introduction.need_id,
        product_id=introduction.offer_id,
        enterprise_id=introduction.enterprise_id,
        bank_id=introduction.investor_id,
        stage_changed_at=now,
        opened_at=now,
        documents=[CaseDocument(code=code) for code in dict.fromkeys(codes)],
    )
    db.session.add(case)
    audit.record(SYSTEM, "credit_case:open", case)
    _note_stage(case, actor=SYSTEM, now=now)
    return case


@writes
def move_case(case: CreditCase, action: str, *, actor: Actor, now: datetime) -> None:
    """Move a case along the bank's stages. Raises Invalid for what is no plain move, Conflict from a wrong stage."""
    if action not in CASE_MOVES:
        raise errors.Invalid(N_("选一个列出的阶段"), field="action")
    _advance(case, action, actor=actor, now=now)
    if action in ("collect", "resume") and case.missing:
        news.publish(CaseChanged(case, CaseStep.DOCUMENTS_MISSING), now=now)


@writes
def grant(case: CreditCase, *, amount_yuan: int, rate_bp: int, actor: Actor, now: datetime) -> None:
    """The bank has approved: the amount in 元 and the rate in basis points a year, which the firm reads."""
    if not 0 < amount_yuan <= LARGEST_LOAN_YUAN:
        raise errors.Invalid(N_("填写批复金额，大于 0"), field="amount_yuan")
    if not 0 < rate_bp <= HIGHEST_RATE_BP:
        raise errors.Invalid(N_("填写年利率，例如 3.85"), field="rate")
    _advance(case, "grant", actor=actor, now=now)
    case.granted_yuan, case.rate_bp = amount_yuan, rate_bp
    news.publish(CaseChanged(case, CaseStep.GRANTED), now=now)


@writes
def return_case(case: CreditCase, *, words: str, actor: Actor, now: datetime) -> None:
    """Give the case back to the firm, saying what to mend; the bank goes on once that is done."""
    _advance(case, "return", reason=words, actor=actor, now=now)
    case.to_firm = words.strip()[:300]
    news.publish(CaseChanged(case, CaseStep.RETURNED), now=now)


@writes
def refuse(case: CreditCase, *, reason: str, words: str = "", actor: Actor, now: datetime) -> None:
    """Say no with a reason of credit_exit_reasons, whose advice the firm reads; the introduction ends with it."""
    if reason not in {entry.code for entry in refusals(now=now)}:
        raise errors.Invalid(N_("选一个原因"), field="reason")
    _advance(case, "refuse", reason=reason, actor=actor, now=now)
    case.exit_reason, case.to_firm, case.closed_at = reason, words.strip()[:300], now
    news.publish(CaseChanged(case, CaseStep.REFUSED), now=now)
    _close_introduction(case, actor=actor, now=now)


@writes
def withdraw_case(case: CreditCase, *, actor: Actor, now: datetime) -> None:
    """The firm does not want the loan any more; the introduction ends with it. Not while a payout waits for its word."""
    standing = queries.current_outcome(queries.outcomes_about(db.session(), [case.introduction_id]))
    if standing is not None:
        raise errors.Conflict(N_("银行已录入放款，先确认或提出异议"))
    _advance(case, "withdraw", actor=actor, now=now)
    case.exit_reason, case.closed_at = FIRMS_WORD, now
    news.publish(CaseChanged(case, CaseStep.WITHDRAWN), now=now)
    _close_introduction(case, actor=actor, now=now)


@writes
def tick_documents(case: CreditCase, received: Collection[str], *, actor: Actor, now: datetime) -> None:
    """Say which papers of the list are in hand; the others are missing. Raises Invalid for what is not on the list."""
    POLICY.check(Permission.MOVE_CASE, actor, case)
    hold(case)
    if case.stage not in OPEN_CASE_STAGES:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=case.stage)
    if not set(received) <= {document.code for document in case.documents}:
        raise errors.Invalid(N_("请从列表里选"), field="received")
    for document in case.documents:
        if document.code not in received:
            document.received_at = document.received_by_id = None
        elif document.received_at is None:
            document.received_at, document.received_by_id = now, actor.user_id
    case.introduction.last_activity_at = now
    audit.record(actor, "credit_case:tick", case, missing=len(case.missing))


@writes
def note_case(case: CreditCase, words: str, *, actor: Actor, now: datetime) -> CaseEntry:
    """Write something down for the bank alone."""
    POLICY.check(Permission.NOTE_CASE, actor, case)
    words = words.strip()
    if not words:
        raise errors.Invalid(N_("写一句再保存"), field="note")
    entry = CaseEntry(case_id=case.id, note=words[:500], by_user_id=actor.user_id, at=now)
    db.session.add(entry)
    audit.record(actor, "credit_case:note", case)
    return entry


@writes
def disburse(case: CreditCase, *, now: datetime) -> None:
    """Both confirmed the payout."""
    _advance(case, "disburse", actor=SYSTEM, now=now)
    case.closed_at = now


@writes
def end_case_with(introduction_id: int, *, now: datetime) -> None:
    """The introduction ended: so does the loan, unless it ended before."""
    case = queries.cases_by_introduction(db.session(), [introduction_id]).get(introduction_id)
    if case is not None and case.stage in OPEN_CASE_STAGES:
        _advance(case, "withdraw", actor=SYSTEM, now=now)
        case.closed_at = now


@writes
def cases_follow_merge(item: OrganizationMerged, *, now: datetime) -> None:
    """Two rows were one organization: its cases go with it."""
    kept, dropped = item.kept.id, item.dropped.id
    cases = queries.cases_with(db.session(), dropped)
    for case in cases:
        case.enterprise_id = kept if case.enterprise_id == dropped else case.enterprise_id
        case.bank_id = kept if case.bank_id == dropped else case.bank_id
    if cases:
        audit.record(SYSTEM, "credit_case:merge", item.kept, dropped=dropped, count=len(cases))


def refusals(*, now: datetime) -> list[dictionaries.Entry]:
    """Why a bank says no."""
    entries = dictionaries.snapshot(db.session()).entries("credit_exit_reasons", on=city_date(now))
    return [entry for entry in entries if entry.code != FIRMS_WORD]


def _advance(case: CreditCase, action: str, *, reason: str | None = None, actor: Actor, now: datetime) -> None:
    hold(case.introduction)  # first, as whoever ends an introduction does
    hold(case)
    CASES.advance(case, action, actor=actor, reason=reason)
    case.stage_changed_at = case.introduction.last_activity_at = now
    _note_stage(case, actor=actor, now=now)


def _note_stage(case: CreditCase, *, actor: Actor, now: datetime) -> None:
    db.session.flush()
    db.session.add(CaseEntry(case_id=case.id, stage=case.stage, by_user_id=actor.user_id, at=now))


def _close_introduction(case: CreditCase, *, actor: Actor, now: datetime) -> None:
    if case.introduction.state is IntroductionState.ACCEPTED:
        introductions.close(case.introduction, reason="other", is_told=True, actor=actor, now=now)
