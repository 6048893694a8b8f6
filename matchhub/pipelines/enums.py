"""Stages of a deal and states of an outcome."""

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


class OutcomeState(Labelled):
    """One side enters the result, the other confirms or disputes it."""

    ENTERED = "entered", N_("待确认"), "blue"
    CONFIRMED = "confirmed", N_("已确认"), "green"
    DISPUTED = "disputed", N_("有异议"), "red"
    WITHDRAWN = "withdrawn", N_("已撤回"), "grey"
