"""The forms of bank loans. Admission rules are one line for each fact that a bank may ask, read as sentences."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import RadioField
from wtforms.validators import Length

from matchhub.core.dictionaries import Entry
from matchhub.core.fields import (
    CodeChipsField,
    CodeField,
    CodesField,
    FilledIn,
    LineField,
    RateField,
    WanField,
    WholeField,
    WordsField,
)
from matchhub.core.labels import N_
from matchhub.listings.enums import Admission, Operator
from matchhub.listings.forms.shared import (
    AmountStep,
    Card,
    check_range,
    labelled_choices,
    OfferForm,
    RegionsField,
    StoryForm,
    yes_or_no,
)

LONGEST_TERM = 360
NUMBERS: dict[str, tuple[Admission, Operator]] = {
    "months_old_min": (Admission.MONTHS_OLD, Operator.AT_LEAST),
    "months_old_max": (Admission.MONTHS_OLD, Operator.AT_MOST),
    "revenue_min_yuan": (Admission.REVENUE, Operator.AT_LEAST),
    "revenue_max_yuan": (Admission.REVENUE, Operator.AT_MOST),
    "rd_expense_min_yuan": (Admission.RD_EXPENSE, Operator.AT_LEAST),
    "invention_patents_min": (Admission.INVENTION_PATENTS, Operator.AT_LEAST),
    "staff_min": (Admission.STAFF, Operator.AT_LEAST),
    "staff_max": (Admission.STAFF, Operator.AT_MOST),
    "qualifications": (Admission.QUALIFICATIONS, Operator.ANY_OF),
    "seats": (Admission.REGIONS, Operator.ANY_OF),
}
FLAGS = (Admission.CLEAN_RECORD, Admission.FIRST_LOAN, Admission.IN_CARRIER)
PREFERENCES = ("1", "2", "3")


def _loan(entry: Entry) -> bool:
    return entry.extra.get("family") == "loan"


class WhatStep(AmountStep):
    """1 要什么."""

    cards = (Card(N_("要什么"), (("amount_min_yuan", "amount_max_yuan"), ("term_months", "needed_by"))),)
    units = {"term_months": N_("个月")}
    term_months = WholeField(_("期限"), [FilledIn(_("填写期限"))], low=1, high=LONGEST_TERM)


class StoryStep(StoryForm):
    """2 说清楚."""

    cards = (
        Card(N_("用途和内容"), (("purposes",), ("industries",), ("teaser",), ("teaser_en",), ("statement",))),
        Card(
            N_("条件"),
            (("guarantees",), ("ip_types",), ("is_first_loan", "has_clean_record"), ("rate_max_bp",), ("deck_id",)),
        ),
    )
    units = {"rate_max_bp": "%"}
    purposes = CodesField(_("用途"), [FilledIn(_("选择用途"))], dictionary="purposes")
    statement = WordsField(
        _("说明"),
        [Length(max=1000, message=_("不要超过 1000 个字"))],
        description=_("订单、客户、还款从哪来。有意向的银行才看到"),
    )
    guarantees = CodesField(
        _("能提供的担保"), [FilledIn(_("选择能提供的担保，没有就选信用"))], dictionary="guarantee_types"
    )
    ip_types = CodesField(_("可质押的知识产权"), dictionary="ip_types")
    is_first_loan = RadioField(_("首次向银行贷款"), coerce=yes_or_no, validate_choice=False)
    has_clean_record = RadioField(_("没有逾期和被执行记录"), coerce=yes_or_no, validate_choice=False)
    rate_max_bp = RateField(_("能接受的年利率"), description=_("双方同意后才给对方看"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in (self.is_first_loan, self.has_clean_record):
            field.choices = {"yes": str(_("是")), "no": str(_("否"))}


class ProductForm(OfferForm):
    """A product on one screen."""

    cards = (
        Card(
            N_("产品"),
            (
                ("title",), ("instrument",), ("amount_min_yuan", "amount_max_yuan"), ("rate_min_bp", "rate_max_bp"),
                ("term_min_months", "term_max_months"), ("guarantees",), ("repayments",), ("payout_days",),
            ),
        ),
        Card(
            N_("准入条件"),
            (
                ("months_old_min", "months_old_max"), ("revenue_min_yuan", "revenue_max_yuan"),
                ("rd_expense_min_yuan", "invention_patents_min"), ("staff_min", "staff_max"), ("qualifications",),
                ("seats",), ("flags",), ("soft",),
            ),
        ),
        Card(N_("适合谁"), (("stages",), ("industries",), ("welcomes_first_loan",))),
        Card(N_("怎么办"), (("capacity_per_month", "reply_days"),)),
        Card(
            N_("优惠和材料"),
            (
                *((f"preference_{n}", f"preference_{n}_rate_bp") for n in PREFERENCES), ("materials",), ("regions",),
                ("statement",), ("statement_en",),
            ),
            is_folded=True,
        ),
    )  # fmt: skip
    units = {
        "rate_min_bp": "%", "rate_max_bp": "%", "term_min_months": N_("个月"), "term_max_months": N_("个月"),
        "payout_days": N_("个工作日"), "months_old_min": N_("个月"), "months_old_max": N_("个月"),
        "invention_patents_min": N_("件"), "staff_min": N_("人"), "staff_max": N_("人"),
        "capacity_per_month": N_("个"), "reply_days": N_("天"),
        **{f"preference_{n}_rate_bp": "%" for n in PREFERENCES},
    }  # fmt: skip
    title = LineField(
        _("名称"),
        [FilledIn(_("填写名称")), Length(max=80, message=_("不要超过 80 个字"))],
        description=_("例如：科创信用贷"),
    )
    instrument = CodeChipsField(_("种类"), [FilledIn(_("选择种类"))], dictionary="instruments", keep=_loan)
    amount_min_yuan = WanField(_("最低额度"))
    amount_max_yuan = WanField(_("最高额度"), [FilledIn(_("填写最高额度"))])
    rate_min_bp = RateField(_("最低年利率"), [FilledIn(_("填写最低年利率"))])
    rate_max_bp = RateField(_("最高年利率"))
    term_min_months = WholeField(_("最短期限"), low=1, high=LONGEST_TERM)
    term_max_months = WholeField(_("最长期限"), [FilledIn(_("填写最长期限"))], low=1, high=LONGEST_TERM)
    guarantees = CodesField(_("担保方式"), [FilledIn(_("选择担保方式"))], dictionary="guarantee_types")
    repayments = CodesField(_("还款方式"), dictionary="repayment_ways")
    payout_days = WholeField(_("放款时效"), low=1, high=180, description=_("材料齐全后多少个工作日放款"))
    months_old_min = WholeField(_("成立至少"), low=0, high=1200)
    months_old_max = WholeField(_("成立至多"), low=1, high=1200)
    revenue_min_yuan = WanField(_("上年营业收入至少"))
    revenue_max_yuan = WanField(_("上年营业收入至多"))
    rd_expense_min_yuan = WanField(_("上年研发费用至少"))
    invention_patents_min = WholeField(_("有效发明专利至少"), low=1, high=10_000)
    staff_min = WholeField(_("员工至少"), low=1, high=100_000)
    staff_max = WholeField(_("员工至多"), low=1, high=100_000)
    qualifications = CodesField(_("有以下任一资质"), dictionary="qualifications")
    seats = RegionsField(_("经营地在"), dictionary="regions")
    flags = CodesField(_("还要求"))
    soft = CodesField(_("其中只作参考的"), description=_("选中的不满足也能申请，只影响先后"))
    stages = CodesField(_("适合阶段"), dictionary="company_stages")
    welcomes_first_loan = RadioField(_("欢迎首次贷款的企业"), coerce=yes_or_no, validate_choice=False)
    preference_1 = CodeField(_("优惠对象"), dictionary="qualifications")
    preference_1_rate_bp = RateField(_("优惠年利率"))
    preference_2 = CodeField(_("优惠对象 2"), dictionary="qualifications")
    preference_2_rate_bp = RateField(_("优惠年利率 2"))
    preference_3 = CodeField(_("优惠对象 3"), dictionary="qualifications")
    preference_3_rate_bp = RateField(_("优惠年利率 3"))
    materials = CodesField(_("要交的材料"), dictionary="loan_materials")

    def __init__(self, *args: Any, obj: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, data=_taken_apart(obj) if obj is not None else None, **kwargs)
        labels = labelled_choices(Admission)
        self.flags.choices = {flag.value: labels[flag.value] for flag in FLAGS}
        self.soft.choices = labels
        self.welcomes_first_loan.choices = {"yes": str(_("是")), "no": str(_("否"))}

    def validate_amount_max_yuan(self, field: WanField) -> None:
        check_range(self.amount_min_yuan.data, field.data)

    def validate_rate_max_bp(self, field: RateField) -> None:
        check_range(self.rate_min_bp.data, field.data)

    def validate_term_max_months(self, field: WholeField) -> None:
        check_range(self.term_min_months.data, field.data)

    def validate_months_old_max(self, field: WholeField) -> None:
        check_range(self.months_old_min.data, field.data)

    def validate_revenue_max_yuan(self, field: WanField) -> None:
        check_range(self.revenue_min_yuan.data, field.data)

    def validate_staff_max(self, field: WholeField) -> None:
        check_range(self.staff_min.data, field.data)

    def values(self) -> dict[str, Any]:
        """What was typed, the lines of the rules and of the better terms put together."""
        values = super().values()
        numbers = {name: values.pop(name) for name in NUMBERS}
        flags, soft = values.pop("flags") or [], values.pop("soft") or []
        told = [(*NUMBERS[name], value) for name, value in numbers.items() if value not in (None, [])]
        told += [(flag, Operator.IS, True) for flag in FLAGS if flag.value in flags]
        values["rules"] = [
            {"field": field.value, "op": op.value, "value": value, "hard": field.value not in soft, "note": ""}
            for field, op, value in told
        ]
        terms = [(values.pop(f"preference_{n}"), values.pop(f"preference_{n}_rate_bp")) for n in PREFERENCES]
        values["preferences"] = [
            {"qualification": code, "rate_bp": rate, "note": ""} for code, rate in terms if code and rate
        ]
        return values


def _taken_apart(product: Any) -> dict[str, Any]:
    """The fields that a stored product's rules and better terms are edited in."""
    names = {pair: name for name, pair in NUMBERS.items()}
    data: dict[str, Any] = dict.fromkeys(NUMBERS) | {"qualifications": [], "seats": [], "flags": [], "soft": []}
    for rule in product.rules or ():
        field, op = Admission(rule["field"]), Operator(rule["op"])
        if op is Operator.IS:
            data["flags"].append(field.value)
        else:
            data[names[field, op]] = rule["value"]
        if not rule.get("hard", True) and field.value not in data["soft"]:
            data["soft"].append(field.value)
    for n, terms in zip(PREFERENCES, product.preferences or (), strict=False):
        data[f"preference_{n}"], data[f"preference_{n}_rate_bp"] = terms["qualification"], terms["rate_bp"]
    return data
