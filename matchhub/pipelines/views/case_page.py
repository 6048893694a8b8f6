"""The page of one loan: the bank's work on it, or what the firm may know of that."""

from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from matchhub.core import dictionaries, ui
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db
from matchhub.core.labels import Labelled, N_
from matchhub.core.web import current_actor
from matchhub.pipelines import queries, services
from matchhub.pipelines.enums import APPROVED_STAGES, CASE_PATH, CaseStage, OPEN_CASE_STAGES
from matchhub.pipelines.forms import ConfirmationForm, DisputeForm
from matchhub.pipelines.forms.cases import CaseNoteForm, DocumentsForm, GrantForm, PayoutForm, RefusalForm, ReturnForm
from matchhub.pipelines.models import CaseEntry, CreditCase, Outcome
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.workflow import CASES, OUTCOMES


class ShownStage(Labelled):
    """What the firm reads of the bank's stages."""

    TAKEN = "taken", N_("银行已接单"), "blue"
    DOCUMENTS = "documents", N_("收材料"), "blue"
    IN_REVIEW = "in_review", N_("审核中"), "blue"
    APPROVED = "approved", N_("已批复"), "green"
    PAID = "paid", N_("已放款"), "green"
    RETURNED = "returned", N_("待补正"), "amber"
    WITHDRAWN = "withdrawn", N_("已撤回"), "grey"
    REFUSED = "refused", N_("未获批"), "grey"


FIRMS_PATH = tuple(ShownStage)[:5]
SHOWN_AS = {
    CaseStage.CLAIMED: ShownStage.TAKEN,
    CaseStage.DOCUMENTS: ShownStage.DOCUMENTS,
    CaseStage.SURVEY: ShownStage.IN_REVIEW,
    CaseStage.APPROVAL: ShownStage.IN_REVIEW,
    CaseStage.GRANTED: ShownStage.APPROVED,
    CaseStage.SIGNED: ShownStage.APPROVED,
    CaseStage.DISBURSED: ShownStage.PAID,
    CaseStage.RETURNED: ShownStage.RETURNED,
    CaseStage.WITHDRAWN: ShownStage.WITHDRAWN,
    CaseStage.REFUSED: ShownStage.REFUSED,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bank's history as the timeline shows it."""

    time: str | None
    title: str
    text: str
    tone: str | None


def page_of(case: CreditCase, *, name: str, **refused: Any) -> str:
    """The page of a case for the side that acts, with whatever form was refused."""
    actor, session = current_actor(), db.session()
    outcomes = queries.outcomes_about(session, [case.introduction_id])
    current = queries.current_outcome(outcomes)
    shared = {
        "case": case,
        "name": name,
        "outcomes": outcomes,
        "current": current,
        "outcome_moves": {row.action for row in OUTCOMES.available(current, actor)} if current else set(),
        "need_is_open": services.need_is_open(current) if current else True,
        "disputing": refused.pop("disputing", None) or DisputeForm(formdata=None),
    }
    if actor.organization_id != case.bank_id:
        return render_template("pipelines/case_of_firm.html", **shared, **_firms_part(case))
    return render_template(
        "pipelines/case.html", **shared, **_banks_part(case, current), **_forms(case, current, refused)
    )


def _firms_part(case: CreditCase) -> dict[str, Any]:
    shown = SHOWN_AS[case.stage]
    entry = dictionaries.snapshot().get("credit_exit_reasons", case.exit_reason)
    advice = entry.extra.get("advice" if ui.locale_code() == "zh" else "advice_en", "") if entry else ""
    return {
        "shown": shown,
        "path": [_(stage.label) for stage in FIRMS_PATH],
        "step": _step(FIRMS_PATH, shown, is_done=case.stage is CaseStage.DISBURSED),
        "is_open": case.stage in OPEN_CASE_STAGES,
        "may_withdraw": CASES.may("withdraw", case, current_actor()),
        "advice": advice,
        "confirming": ConfirmationForm(formdata=None),
    }


def _banks_part(case: CreditCase, current: Outcome | None) -> dict[str, Any]:
    actor = current_actor()
    moves = CASES.available(case, actor)
    return {
        "moves": [row for row in moves if row.action in services.CASE_MOVES],
        "may": {row.action for row in moves},
        "may_tick": case.stage in OPEN_CASE_STAGES and POLICY.allows(Permission.MOVE_CASE, actor, case),
        "may_report": current is None and case.stage in APPROVED_STAGES
        and POLICY.allows(Permission.REPORT_PAYOUT, actor, case),
        "may_note": POLICY.allows(Permission.NOTE_CASE, actor, case),
        "path": [_(stage.label) for stage in CASE_PATH],
        "step": _step(CASE_PATH, case.stage, is_done=case.stage is CaseStage.DISBURSED),
        "history": [_line(entry, author) for entry, author in queries.history_of(db.session(), case.id)],
    }  # fmt: skip


def _forms(case: CreditCase, current: Outcome | None, refused: dict[str, Any]) -> dict[str, Any]:
    return {
        "granting": GrantForm(formdata=None),
        "returning": ReturnForm(formdata=None),
        "refusing": refusal_form(),
        "ticking": documents_form(case),
        "noting": CaseNoteForm(formdata=None),
        "paying": payout_form(case, current),
        "moving": None,
    } | refused


def _step(path: tuple[Any, ...], stage: Any, *, is_done: bool) -> int:
    """How many steps are done; -1 off the path."""
    if is_done:
        return len(path)
    return path.index(stage) if stage in path else -1


def _line(entry: CaseEntry, author: str | None) -> Line:
    who = author or _("系统")
    if entry.stage is None:
        return Line(ui.show_datetime(entry.at), _("%(who)s的备注", who=who), entry.note, None)
    return Line(ui.show_datetime(entry.at), f"{_(entry.stage.label)} · {who}", entry.note, entry.stage.tone)


def refusal_form(*, sent: bool = False) -> RefusalForm:
    """The form with its reasons."""
    form = RefusalForm() if sent else RefusalForm(formdata=None)
    words = {entry.code: entry.word(ui.locale_code()) for entry in services.refusals(now=utcnow())}
    form.refusal.choices = {"": _("请选择"), **words}
    return form


def documents_form(case: CreditCase, *, sent: bool = False) -> DocumentsForm:
    """The papers of the case as chips, those in hand ticked."""
    received = [document.code for document in case.documents if document.received_at is not None]
    form = DocumentsForm() if sent else DocumentsForm(formdata=None, received=received)
    form.received.choices = {d.code: ui.word("loan_materials", d.code) or d.code for d in case.documents}
    return form


def payout_form(case: CreditCase, current: Outcome | None = None, *, sent: bool = False) -> PayoutForm:
    """What was sent, what stands there to be corrected, or the approved amount and today."""
    if sent:
        return PayoutForm()
    if current is not None:
        return PayoutForm(formdata=None, amount_wan=current.amount_yuan, received_on=current.received_on)
    return PayoutForm(formdata=None, amount_wan=case.granted_yuan, received_on=city_date(utcnow()))
