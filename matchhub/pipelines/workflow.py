"""The stages of a deal and the states of an outcome, as tables."""

from matchhub.core.labels import N_
from matchhub.core.workflow import Transition, Workflow
from matchhub.pipelines.enums import DealStage as D
from matchhub.pipelines.enums import OPEN_STAGES
from matchhub.pipelines.enums import OutcomeState as O
from matchhub.pipelines.policy import Permission, POLICY

STAGES = Workflow(
    "deal",
    POLICY,
    (
        Transition("talk", N_("移到洽谈中"), {D.CONTACTED, D.DUE_DILIGENCE}, D.IN_TALKS, Permission.MOVE),
        Transition("examine", N_("移到尽职调查"), {D.IN_TALKS, D.TERM_SHEET}, D.DUE_DILIGENCE, Permission.MOVE),
        Transition(
            "offer_terms", N_("移到意向条款"), {D.IN_TALKS, D.DUE_DILIGENCE, D.SIGNED}, D.TERM_SHEET, Permission.MOVE
        ),
        Transition("sign", N_("移到已签约"), {D.TERM_SHEET}, D.SIGNED, Permission.MOVE),
        Transition("fund", N_("已到账"), set(OPEN_STAGES), D.FUNDED, Permission.FUND),
        Transition("end", N_("结束洽谈"), set(OPEN_STAGES), D.ENDED, Permission.MOVE, needs_reason=True),
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
