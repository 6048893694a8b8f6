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


class Admission(Labelled):
    """What a bank may ask of a firm; a rule of a product is {"field": one of these, "op", "value", "hard", "note"}.

    Money in 元, age in whole months; `qualifications` and `regions` take a list of codes, the last four True or False.
    """

    MONTHS_OLD = "months_old", N_("成立月数")
    REVENUE = "revenue_yuan", N_("上年营业收入")
    RD_EXPENSE = "rd_expense_yuan", N_("上年研发费用")
    STAFF = "staff", N_("员工人数")
    INVENTION_PATENTS = "invention_patents", N_("有效发明专利")
    QUALIFICATIONS = "qualifications", N_("有以下任一资质")
    REGIONS = "regions", N_("经营地在")
    CLEAN_RECORD = "has_clean_record", N_("无逾期和被执行记录")
    FIRST_LOAN = "is_first_loan", N_("首次贷款")
    IN_CARRIER = "in_carrier", N_("在园企业")


class Operator(Labelled):
    """How a rule of a product compares."""

    AT_LEAST = "at_least", N_("不少于")
    AT_MOST = "at_most", N_("不超过")
    ANY_OF = "any_of", N_("任一")
    IS = "is", N_("是")


ADMISSION_OPERATORS: dict[Admission, tuple[Operator, ...]] = {
    Admission.MONTHS_OLD: (Operator.AT_LEAST, Operator.AT_MOST),
    Admission.REVENUE: (Operator.AT_LEAST, Operator.AT_MOST),
    Admission.RD_EXPENSE: (Operator.AT_LEAST,),
    Admission.STAFF: (Operator.AT_LEAST, Operator.AT_MOST),
    Admission.INVENTION_PATENTS: (Operator.AT_LEAST,),
    Admission.QUALIFICATIONS: (Operator.ANY_OF,),
    Admission.REGIONS: (Operator.ANY_OF,),
    Admission.CLEAN_RECORD: (Operator.IS,),
    Admission.FIRST_LOAN: (Operator.IS,),
    Admission.IN_CARRIER: (Operator.IS,),
}
EDITABLE_NEEDS = frozenset({NeedState.DRAFT, NeedState.RETURNED, NeedState.OPEN, NeedState.PAUSED})
EDITABLE_OFFERS = frozenset({OfferState.DRAFT, OfferState.OPEN, OfferState.PAUSED})
LIVE_NEEDS = frozenset({NeedState.OPEN, NeedState.PAUSED})
LIVE_OFFERS = frozenset({OfferState.OPEN, OfferState.PAUSED})
NEED_DAYS = 180
OFFER_DAYS = 365
NOTICE_DAYS = 14
TEASER_LENGTH = 30
