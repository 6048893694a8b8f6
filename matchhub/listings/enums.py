"""Kinds and states of needs and offers."""

from matchhub.core.labels import Labelled, N_


class PairingKind(Labelled):
    """A kind of need and of the offers that can meet it."""

    EQUITY = "equity", N_("股权融资")
    CREDIT = "credit", N_("银行贷款")
    MENTORING = "mentoring", N_("创业辅导")


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


class RuledOut(Labelled):
    """What a firm does not accept from an investor."""

    CONTROL = "control", N_("控股")
    BUY_BACK = "buy_back", N_("回购")
    PERFORMANCE_BET = "performance_bet", N_("业绩对赌")
    EXCLUSIVITY = "exclusivity", N_("独家条款")
    RELOCATION = "relocation", N_("迁址或返投")
    VETO = "veto", N_("一票否决")


class Condition(Labelled):
    """A wish of an investor that is a condition: pairs that fail it are not suggested. Named as the matcher's features."""

    ROUND = "round", N_("轮次")
    REGION = "region", N_("地区")
    AMOUNT = "amount", N_("金额")
    INDUSTRY = "industry", N_("行业")


EDITABLE_NEEDS = frozenset({NeedState.DRAFT, NeedState.RETURNED, NeedState.OPEN, NeedState.PAUSED})
EDITABLE_OFFERS = frozenset({OfferState.DRAFT, OfferState.OPEN, OfferState.PAUSED})
LIVE_NEEDS = frozenset({NeedState.OPEN, NeedState.PAUSED})
LIVE_OFFERS = frozenset({OfferState.OPEN, OfferState.PAUSED})
NEED_DAYS = 180
OFFER_DAYS = 365
NOTICE_DAYS = 14
TEASER_LENGTH = 30
