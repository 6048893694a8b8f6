"""Stages of a deal and of a credit case, and states of an outcome."""

from matchhub.core.labels import Labelled, N_


class DealStage(Labelled):
    """Where the talks stand, as both sides may know."""

    CONTACTED = "contacted", N_("初步接触"), "blue"
    IN_TALKS = "in_talks", N_("洽谈中"), "blue"
    DUE_DILIGENCE = "due_diligence", N_("尽职调查"), "blue"
    TERM_SHEET = "term_sheet", N_("意向条款"), "blue"
    SIGNED = "signed", N_("已签约"), "green"
    FUNDED = "funded", N_("已到账"), "green"
    ENDED = "ended", N_("已结束"), "grey"


OPEN_STAGES = (
    DealStage.CONTACTED, DealStage.IN_TALKS, DealStage.DUE_DILIGENCE, DealStage.TERM_SHEET, DealStage.SIGNED,
)  # fmt: skip


class CaseStage(Labelled):
    """Where a loan stands at the bank."""

    CLAIMED = "claimed", N_("已接单"), "blue"
    DOCUMENTS = "documents", N_("收材料"), "blue"
    SURVEY = "survey", N_("尽调"), "blue"
    APPROVAL = "approval", N_("审批"), "blue"
    GRANTED = "granted", N_("已批复"), "green"
    SIGNED = "signed", N_("已签约"), "green"
    DISBURSED = "disbursed", N_("已放款"), "green"
    RETURNED = "returned", N_("已退回"), "red"
    WITHDRAWN = "withdrawn", N_("企业撤回"), "grey"
    REFUSED = "refused", N_("未获批"), "grey"


CASE_PATH = (
    CaseStage.CLAIMED, CaseStage.DOCUMENTS, CaseStage.SURVEY, CaseStage.APPROVAL, CaseStage.GRANTED, CaseStage.SIGNED,
    CaseStage.DISBURSED,
)  # fmt: skip
WORKING_STAGES = CASE_PATH[:4]
APPROVED_STAGES = (CaseStage.GRANTED, CaseStage.SIGNED)
OPEN_CASE_STAGES = (*WORKING_STAGES, *APPROVED_STAGES, CaseStage.RETURNED)


class OutcomeState(Labelled):
    """One side enters the result, the other confirms or disputes it."""

    ENTERED = "entered", N_("待确认"), "blue"
    CONFIRMED = "confirmed", N_("已确认"), "green"
    DISPUTED = "disputed", N_("有异议"), "red"
    WITHDRAWN = "withdrawn", N_("已撤回"), "grey"
