"""The stages of a deal and of a credit case and the states of an outcome, as tables."""

from matchhub.core.labels import N_
from matchhub.core.workflow import Transition, Workflow
from matchhub.pipelines.enums import APPROVED_STAGES, OPEN_CASE_STAGES, OPEN_STAGES, WORKING_STAGES
from matchhub.pipelines.enums import CaseStage as C
from matchhub.pipelines.enums import DealStage as D
from matchhub.pipelines.enums import OutcomeState as O
from matchhub.pipelines.policy import Permission, POLICY

OPEN = frozenset(OPEN_STAGES)  # funds note late what happened: an open deal may go to any other open stage

STAGES = Workflow(
    "deal",
    POLICY,
    (
        Transition("go_back", N_("移回初步接触"), OPEN - {D.CONTACTED}, D.CONTACTED, Permission.MOVE),
        Transition("talk", N_("移到洽谈中"), OPEN - {D.IN_TALKS}, D.IN_TALKS, Permission.MOVE),
        Transition("examine", N_("移到尽职调查"), OPEN - {D.DUE_DILIGENCE}, D.DUE_DILIGENCE, Permission.MOVE),
        Transition("offer_terms", N_("移到意向条款"), OPEN - {D.TERM_SHEET}, D.TERM_SHEET, Permission.MOVE),
        Transition("sign", N_("移到已签约"), OPEN - {D.SIGNED}, D.SIGNED, Permission.MOVE),
        Transition("fund", N_("已到账"), OPEN, D.FUNDED, Permission.FUND),
        Transition("end", N_("结束洽谈"), OPEN, D.ENDED, Permission.MOVE, needs_reason=True),
    ),
    attribute="stage",
)

CASES = Workflow(
    "credit_case",
    POLICY,
    (
        Transition("collect", N_("移到收材料"), {C.CLAIMED, C.SURVEY}, C.DOCUMENTS, Permission.MOVE_CASE),
        Transition("survey", N_("移到尽调"), {C.CLAIMED, C.DOCUMENTS, C.APPROVAL}, C.SURVEY, Permission.MOVE_CASE),
        Transition("submit", N_("移到审批"), {C.DOCUMENTS, C.SURVEY}, C.APPROVAL, Permission.MOVE_CASE),
        Transition("grant", N_("录入批复"), {C.APPROVAL}, C.GRANTED, Permission.MOVE_CASE),
        Transition("sign", N_("移到已签约"), {C.GRANTED}, C.SIGNED, Permission.MOVE_CASE),
        Transition("disburse", N_("已放款"), set(APPROVED_STAGES), C.DISBURSED, Permission.DISBURSE),
        Transition(
            "return", N_("退回企业补正"), set(WORKING_STAGES), C.RETURNED, Permission.MOVE_CASE, needs_reason=True
        ),
        Transition("resume", N_("继续办理"), {C.RETURNED}, C.DOCUMENTS, Permission.MOVE_CASE),
        Transition(
            "refuse", N_("不予批准"), {*WORKING_STAGES, C.RETURNED}, C.REFUSED, Permission.MOVE_CASE, needs_reason=True
        ),
        Transition("withdraw", N_("撤回申请"), set(OPEN_CASE_STAGES), C.WITHDRAWN, Permission.WITHDRAW_CASE),
    ),
    attribute="stage",
)

OUTCOMES = Workflow(
    "outcome",
    POLICY,
    (
        Transition("confirm", N_("确认结果"), {O.ENTERED}, O.CONFIRMED, Permission.CONFIRM),
        Transition("dispute", N_("有异议"), {O.ENTERED}, O.DISPUTED, Permission.CONFIRM, needs_reason=True),
        Transition("withdraw", N_("撤回结果"), {O.ENTERED}, O.WITHDRAWN, Permission.CORRECT),
    ),
)
