"""Kinds and states of needs and offers."""

from matchhub.core.labels import Labelled, N_


class PairingKind(Labelled):
    """A kind of need and of the offers that can meet it."""

    EQUITY = "equity", N_("股权融资")


class NeedState(Labelled):
    """A need's life."""

    DRAFT = "draft", N_("草稿"), "grey"
    SUBMITTED = "submitted", N_("审核中"), "blue"
    RETURNED = "returned", N_("已退回"), "red"
    OPEN = "open", N_("已发布"), "green"
    PAUSED = "paused", N_("已暂停"), "amber"
    MET = "met", N_("已解决"), "green"
    CLOSED = "closed", N_("已结束"), "grey"
    EXPIRED = "expired", N_("已过期"), "grey"


class OfferState(Labelled):
    """An offer's life."""

    DRAFT = "draft", N_("草稿"), "grey"
    OPEN = "open", N_("已发布"), "green"
    PAUSED = "paused", N_("已暂停"), "amber"
    CLOSED = "closed", N_("已结束"), "grey"
    EXPIRED = "expired", N_("已过期"), "grey"
