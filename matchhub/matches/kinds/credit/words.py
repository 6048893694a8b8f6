"""What is said of a need for a loan and a product: to the firm, and to the bank. Never that a loan would be granted."""

from collections.abc import Mapping, Sequence
from typing import Any

from matchhub.core.labels import N_, NN_
from matchhub.listings.models import CreditNeed, LoanProduct, Need, Offer
from matchhub.matches.comparison import Check, Fact
from matchhub.matches.enums import Side
from matchhub.matches.kinds.kind import Counted, Mending, Part
from matchhub.matches.kinds.listed import Asking, Offering
from matchhub.matches.kinds.saying import (
    ANSWERS,
    answers,
    ANSWERS_TOPIC,
    Asked,
    Both,
    chosen,
    codes_of,
    FIRM,
    GIVER,
    Money,
    Rate,
    Reason,
    Saying,
    Sight,
    text,
    tone_of,
    Words,
)

TOPICS: Mapping[str, str] = {
    "amount": N_("额度"),
    "guarantee": N_("担保"),
    "rate": N_("利率"),
    "qualification": N_("资质"),
    "wishes": N_("优先条件"),
    "first_loan": N_("首贷"),
    "industry": N_("行业"),
    "stage": N_("发展阶段"),
    "payout": N_("放款"),
    "text": N_("业务"),
    ANSWERS: ANSWERS_TOPIC,
}
ADDITIONS: Mapping[Side, Mapping[str, str]] = {
    FIRM: {
        "amount": N_("补贷款金额，可以比产品额度。"),
        "guarantee": N_("写明能提供的担保，没有就选信用。"),
        "rate": N_("写明能接受的年利率。"),
        "qualification": N_("补资质，可以比优惠利率。"),
        "wishes": N_("补经营数据，可以比产品的优先条件。"),
        "first_loan": N_("写明是不是首次贷款。"),
        "industry": N_("补行业，可以多比一项。"),
        "stage": N_("补发展阶段。"),
        "text": N_("用两句话写产品和客户。"),
    },
    GIVER: {
        "amount": N_("写明产品额度。"),
        "guarantee": N_("写明接受的担保方式。"),
        "rate": N_("写明最低年利率。"),
        "qualification": N_("写明有优惠的资质。"),
        "wishes": N_("写几条优先条件。"),
        "first_loan": N_("写明是否欢迎首次贷款。"),
        "industry": N_("写明适合哪些行业。"),
        "stage": N_("写明适合哪个阶段。"),
        "payout": N_("写明几个工作日放款。"),
        "text": N_("用两句话写产品适合谁。"),
    },
}
NOTHING = ""
"""A product without better terms or wishes lacks nothing: the firm reads no sentence about it."""
SILENT: Mapping[Side, Mapping[str, Both]] = {
    FIRM: {
        "amount": (N_("你没写贷款金额。"), N_("对方没写产品额度。")),
        "guarantee": (N_("你没写能提供的担保。"), N_("对方没写接受的担保方式。")),
        "rate": (N_("你没写能接受的年利率。"), N_("对方没写年利率。")),
        "qualification": (N_("你没写资质。"), NOTHING),
        "wishes": (N_("你没写产品优先条件要的数据。"), NOTHING),
        "first_loan": (N_("你没写是不是首次贷款。"), N_("对方没写是否欢迎首次贷款。")),
        "industry": (N_("你没写行业。"), N_("对方没写适合哪些行业。")),
        "stage": (N_("你没写发展阶段。"), N_("对方没写适合哪个阶段。")),
        "payout": (N_("对方没写放款时间。"), N_("对方没写放款时间。")),
        "text": (N_("你的说明太短，比不出来。"), N_("对方的介绍太短，比不出来。")),
    },
    GIVER: {
        "amount": (N_("对方没写贷款金额。"), N_("你没写产品额度。")),
        "guarantee": (N_("对方没写能提供的担保。"), N_("你没写接受的担保方式。")),
        "rate": (N_("对方没写能接受的年利率。"), N_("你没写年利率。")),
        "qualification": (N_("对方没写资质。"), N_("你没写有优惠的资质。")),
        "wishes": (N_("对方没写你的优先条件要的数据。"), N_("你没写优先条件。")),
        "first_loan": (N_("对方没写是不是首次贷款。"), N_("你没写是否欢迎首次贷款。")),
        "industry": (N_("对方没写行业。"), N_("你没写适合哪些行业。")),
        "stage": (N_("对方没写发展阶段。"), N_("你没写适合哪个阶段。")),
        "payout": (N_("你没写放款时间。"), N_("你没写放款时间。")),
        "text": (N_("对方的说明太短，比不出来。"), N_("你的介绍太短，比不出来。")),
    },
}


def _amount(fact: Fact, sight: Sight) -> Reason:
    low, high = fact.evidence.get("offer", (None, None))
    values = {"asked": Money(*sight.asked), "limit": Money(_whole(low), _whole(high))}
    why = N_("你要 %(asked)s，产品额度 %(limit)s。"), N_("对方要 %(asked)s，你的额度 %(limit)s。")
    why_not = (
        N_("产品额度 %(limit)s，和你要的 %(asked)s有差距。"),
        N_("你的额度 %(limit)s，和对方要的 %(asked)s有差距。"),
    )
    tone = tone_of(fact)
    return Reason("amount", tone, sight.of(why if tone == "why" else why_not), values)


def _whole(end: float | None) -> int | None:
    return None if end is None else int(end)


def _rate(fact: Fact, sight: Sight) -> Reason:
    rate, by = Rate(int(fact.evidence.get("offer") or 0)), fact.evidence.get("by", "")
    tone = tone_of(fact)
    if tone == "why-not":
        high = N_("年利率 %(rate)s 起，高于你能接受的。"), N_("你的年利率 %(rate)s 起，高于对方能接受的。")
        return Reason("rate", tone, sight.of(high), {"rate": rate})
    if by:
        better = N_("你是%(name)s，可享 %(rate)s。"), N_("对方是%(name)s，可享你的 %(rate)s。")
        return Reason("rate", tone, sight.of(better), {"rate": rate, "name": Words("qualifications", (by,))})
    fine = N_("年利率 %(rate)s 起，你能接受。"), N_("你的年利率 %(rate)s 起，对方能接受。")
    return Reason("rate", tone, sight.of(fine), {"rate": rate})


def _first_loan(fact: Fact, sight: Sight) -> Reason:
    is_first, tone = bool(fact.evidence.get("need")), tone_of(fact)
    sentences = {
        (True, "why"): (N_("你是首次贷款，产品欢迎。"), N_("对方是首次贷款，你欢迎。")),
        (True, "why-not"): (N_("产品不面向首次贷款，你还没贷过款。"), N_("你不面向首次贷款，对方还没贷过款。")),
        (False, "why"): (N_("产品面向贷过款的企业，你贷过。"), N_("你面向贷过款的企业，对方贷过。")),
        (False, "why-not"): (N_("产品优先首次贷款，你贷过款。"), N_("你优先首次贷款，对方贷过款。")),
    }
    return Reason("first_loan", tone, sight.of(sentences[is_first, tone]))


def _payout(fact: Fact, sight: Sight) -> Reason:
    soon = NN_("约 %(days)s 个工作日放款。", "days"), NN_("你约 %(days)s 个工作日放款。", "days")
    late = NN_("放款慢，要约 %(days)s 个工作日。", "days"), NN_("你放款慢，要约 %(days)s 个工作日。", "days")
    tone = tone_of(fact)
    days = max(1, round(fact.evidence.get("offer") or 0))
    return Reason("payout", tone, sight.of(soon if tone == "why" else late), {"days": days})


def asked_in(name: str, value: Any) -> Asked:
    """The admission fact behind a rule of the recipe, such as hard.staff.at_least."""
    _, field, op = name.split(".")
    if op == "any_of":
        return Asked(field, op, tuple(code for code in value or ()))
    return Asked(field, op, bool(value) if op == "is" else int(value))


def _wishes(fact: Fact, sight: Sight) -> Reason:
    tone = tone_of(fact)
    name, value = fact.evidence["met" if tone == "why" else "unmet"][0]
    met = N_("产品优先：%(asked)s，你符合。"), N_("你优先：%(asked)s，对方符合。")
    unmet = N_("产品优先：%(asked)s，你不符合。"), N_("你优先：%(asked)s，对方不符合。")
    return Reason("wishes", tone, sight.of(met if tone == "why" else unmet), {"asked": asked_in(name, value)})


SAYINGS: Mapping[str, Saying] = {
    "amount": _amount,
    "guarantee": chosen(
        "guarantee",
        "guarantee_types",
        anything=(N_("产品不需要担保。"), N_("你不需要担保。")),
        why=(N_("你能提供%(common)s，产品接受。"), N_("对方能提供%(common)s，你接受。")),
        why_not=(N_("产品要%(wanted)s，你没有选。"), N_("你要%(wanted)s，对方没有选。")),
    ),
    "rate": _rate,
    "qualification": chosen(
        "qualification",
        "qualifications",
        anything=(N_("产品不限资质。"), N_("你不限资质。")),
        why=(N_("你是%(common)s，产品有优惠。"), N_("对方是%(common)s，你有优惠。")),
        why_not=(N_("产品优惠给%(wanted)s，你还没有。"), N_("你优惠给%(wanted)s，对方还没有。")),
    ),
    "wishes": _wishes,
    "first_loan": _first_loan,
    "industry": chosen(
        "industry",
        "industries",
        anything=(N_("产品不限行业。"), N_("你不限行业。")),
        why=(N_("你在%(common)s，产品适合。"), N_("对方在%(common)s，你的产品适合。")),
        why_not=(N_("产品适合%(wanted)s，你在%(own)s。"), N_("你适合%(wanted)s，对方在%(own)s。")),
    ),
    "stage": chosen(
        "stage",
        "company_stages",
        anything=(N_("产品不限阶段。"), N_("你不限阶段。")),
        why=(N_("你在%(own)s，产品适合。"), N_("对方在%(own)s，你的产品适合。")),
        why_not=(N_("产品适合%(wanted)s，你在%(own)s。"), N_("你适合%(wanted)s，对方在%(own)s。")),
    ),
    "payout": _payout,
    "text": text,
    ANSWERS: answers,
}

# --- conditions ----------------------------------------------------------------------------------------------------

RULES: Mapping[str, Both] = {
    "standing": (N_("产品已暂停。"), N_("你的产品已暂停。")),
    "capacity": (N_("产品本月名额已满，下月 1 日起可申请。"), N_("你本月的名额已满。")),
    "excluded_industry": (N_("产品不做你所在的行业。"), N_("你写明不做这个行业。")),
    "amount": (N_("你最少要的超过产品最高额度。"), N_("对方最少要的超过你的最高额度。")),
    "term": (N_("你要的期限超过产品最长期限。"), N_("对方要的期限超过你的最长期限。")),
    "region": (N_("产品不在你的经营地办理。"), N_("你不在对方的经营地办理。")),
}
UNMET: Both = (N_("产品要求：%(asked)s，你不符合。"), N_("你要求：%(asked)s，对方不符合。"))
OPEN: Both = (N_("产品要求：%(asked)s，待核实。"), N_("你要求：%(asked)s，待核实。"))


def rule_saying(fact: Fact, sight: Sight) -> Reason | None:
    """An admission rule that fails (value 0) or cannot be judged yet (no value)."""
    asked = fact.evidence.get("offer")
    if not fact.topic.startswith("hard.") or asked is None:
        return None
    both, tone = (OPEN, "unknown") if fact.value is None else (UNMET, "why-not")
    return Reason(fact.topic, tone, sight.of(both), {"asked": asked_in(fact.topic, asked)})


def _limit(cause: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"limit": Money(None, _whole(cause.get("offer")))}


CONDITIONS: Mapping[str, tuple[str, Any]] = {
    "amount": (N_("额度 %(limit)s"), _limit),
    "term": (NN_("期限不超过 %(months)s 个月", "months"), lambda cause: {"months": _whole(cause.get("offer"))}),
    "region": (N_("经营地在%(wanted)s"), lambda cause: {"wanted": Words("regions", codes_of(cause, "offer"))}),
    "excluded_industry": (N_("行业不在排除之列"), lambda cause: {}),
    "guarantee": (N_("担保：%(wanted)s"), lambda cause: {"wanted": Words("guarantee_types", codes_of(cause, "offer"))}),
    "qualification": (
        N_("资质：%(wanted)s"),
        lambda cause: {"wanted": Words("qualifications", codes_of(cause, "offer"))},
    ),
    "industry": (N_("行业：%(wanted)s"), lambda cause: {"wanted": Words("industries", codes_of(cause, "offer"))}),
    "stage": (N_("阶段：%(wanted)s"), lambda cause: {"wanted": Words("company_stages", codes_of(cause, "offer"))}),
}


def checks(told: Sequence[Check], sight: Sight) -> list[tuple[str, Reason]]:
    """(outcome, condition) for every condition that the product states, in the order of the recipe."""
    return [(check.outcome, reason) for check in told if check.is_stated and (reason := _condition(check))]


def _condition(check: Check) -> Reason | None:
    if check.rule.startswith("hard."):
        return Reason(check.rule, check.outcome, "%(asked)s", {"asked": asked_in(check.rule, check.cause["offer"])})
    if check.rule not in CONDITIONS:
        return None
    message, values = CONDITIONS[check.rule]
    return Reason(check.rule, check.outcome, message, values(check.cause))


# --- where it stands on pages ----------------------------------------------------------------------------------------

PROFILE_FIELDS = {
    "months_old": (1, "established_on"),
    "regions": (1, "region_code"),
    "staff": (2, "staff"),
    "revenue_yuan": (3, "revenue_yuan"),
    "rd_expense_yuan": (3, "rd_expense_yuan"),
    "invention_patents": (3, "invention_patents"),
    "qualifications": (3, "qualifications"),
}
NEED_FIELDS = {"has_clean_record": (2, "has_clean_record"), "is_first_loan": (2, "is_first_loan")}
MENDING = Mending(
    need={
        "amount": (1, "amount_max_yuan"),
        "term": (1, "term_months"),
        "rate": (2, "rate_max_bp"),
        "guarantee": (2, "guarantees"),
        "industry": (2, "industries"),
        "first_loan": (2, "is_first_loan"),
        "text": (2, "statement"),
        **NEED_FIELDS,
    },
    profile={
        "qualification": (3, "qualifications"),
        "stage": (1, "stage"),
        "region": (1, "region_code"),
        "wishes": (3, "revenue_yuan"),
        **PROFILE_FIELDS,
    },
    offer={
        "amount": "amount_max_yuan",
        "guarantee": "guarantees",
        "rate": "rate_min_bp",
        "qualification": "preference_1",
        "wishes": "soft",
        "industry": "industries",
        "first_loan": "welcomes_first_loan",
        "stage": "stages",
        "payout": "payout_days",
        "text": "statement",
    },
)
COUNTED = Counted(
    offers=N_("%(count)s产品符合"),
    needs=N_("%(count)s企业符合"),
    few=N_("不足 5 款"),
    about=N_("约 %(number)s 款"),
)
MUTUAL: Both = (N_("产品也适合你这样的企业。"), N_("对方也在找你这样的产品。"))


def need_line(need: Need | Asking) -> Sequence[Part]:
    """Field and term; the amount is added where the reader may see it."""
    parts: list[Part] = [Words("industries", tuple(need.industries[:1]))]
    if isinstance(need, CreditNeed | Asking) and need.term_months:
        parts.append(Reason("term", "", NN_("%(months)s 个月", "months"), {"months": need.term_months}))
    return parts


def offer_line(offer: Offer | Offering) -> Sequence[Part]:
    """The product's name, limit and rate."""
    parts: list[Part] = [Reason("title", "", "%(title)s", {"title": offer.title})] if offer.title else []
    if isinstance(offer, LoanProduct | Offering):
        if offer.amount_max_yuan:
            limit = Money(offer.amount_min_yuan, offer.amount_max_yuan)
            parts.append(Reason("amount", "", "%(limit)s", {"limit": limit}))
        if offer.rate_min_bp:
            parts.append(Reason("rate", "", N_("年利率 %(rate)s 起"), {"rate": Rate(offer.rate_min_bp)}))
    return parts
