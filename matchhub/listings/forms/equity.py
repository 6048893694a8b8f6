"""The forms of equity finance."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField
from wtforms.validators import Length

from matchhub.core.dictionaries import Entry
from matchhub.core.fields import (
    CodeChipsField,
    CodesField,
    entry_choices,
    FilledIn,
    LineField,
    TwoLevelCodesField,
    WanField,
    WholeField,
    WordsField,
)
from matchhub.core.labels import N_
from matchhub.listings.enums import Condition, RuledOut
from matchhub.listings.forms.shared import (
    AmountStep,
    Card,
    check_range,
    labelled_choices,
    OfferForm,
    StoryForm,
    yes_or_no,
)


def _equity(entry: Entry) -> bool:
    return entry.extra.get("family") == "equity" and entry.code != "incubator_stake"


class WhatStep(AmountStep):
    """1 要什么. What a pasted message says for the next step travels through this one."""

    cards = (Card(N_("要什么"), (("amount_min_yuan", "amount_max_yuan"), ("needed_by",))),)
    round_code = HiddenField()
    equity_max_pct = HiddenField()

    def values(self) -> dict[str, Any]:
        """What was typed, and what a pasted message said for the next step."""
        return super().values() | self.pasted()

    def pasted(self) -> dict[str, Any]:
        """What a pasted message said for the next step."""
        found: dict[str, Any] = {}
        if self.round_code.data in dict(entry_choices("rounds")):
            found["round_code"] = self.round_code.data
        percent = str(self.equity_max_pct.data or "")
        if percent.isascii() and percent.isdigit() and 1 <= int(percent[:4]) <= 100:
            found["equity_max_pct"] = int(percent)
        return found


class StoryStep(StoryForm):
    """2 说清楚."""

    cards = (
        Card(
            N_("用途和内容"),
            (("purposes",), ("round_code",), ("industries",), ("teaser",), ("teaser_en",), ("statement",)),
        ),
        Card(N_("条件"), (("instruments",), ("equity_max_pct",), ("excludes",), ("deck_id",))),
    )
    units = {"equity_max_pct": "%"}
    purposes = CodesField(_("用途"), [FilledIn(_("选择用途"))], dictionary="purposes")
    round_code = CodeChipsField(_("轮次"), [FilledIn(_("选择轮次"))], dictionary="rounds")
    statement = WordsField(
        _("说明"),
        [FilledIn(_("用两三句话写产品和用途")), Length(max=1000, message=_("不要超过 1000 个字"))],
        description=_("两三句话：产品、客户、钱花在哪。用来比对，有意向的机构才看到"),
    )
    instruments = CodesField(_("融资方式"), [FilledIn(_("选择融资方式"))], dictionary="instruments", keep=_equity)
    equity_max_pct = WholeField(_("最多出让"), low=1, high=100, description=_("双方同意后才给对方看"))
    excludes = CodesField(_("不接受"), description=_("双方同意后才给对方看"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.excludes.choices = labelled_choices(RuledOut)


class MandateForm(OfferForm):
    """A mandate on one screen."""

    cards = (
        Card(
            N_("投什么"),
            (
                ("title",), ("rounds",), ("ticket_min_yuan", "ticket_max_yuan"), ("industries",), ("regions",), ("must",),
            ),
        ),
        Card(N_("怎么投"), (("instruments",), ("leads",), ("capacity_per_month", "reply_days"))),
        Card(
            N_("还可以写"), (("exclusions",), ("qualifications",), ("statement",), ("statement_en",)), is_folded=True
        ),
    )  # fmt: skip
    units = {"capacity_per_month": N_("个"), "reply_days": N_("天")}
    title = LineField(
        _("名称"),
        [FilledIn(_("填写名称")), Length(max=80, message=_("不要超过 80 个字"))],
        description=_("例如：早期硬科技 2026"),
    )
    rounds = CodesField(_("轮次"), [FilledIn(_("选择轮次"))], dictionary="rounds")
    ticket_min_yuan = WanField(_("单笔最少"))
    ticket_max_yuan = WanField(_("单笔最多"), [FilledIn(_("填写单笔最多投多少"))])
    industries = TwoLevelCodesField(_("行业"), [FilledIn(_("选择行业"))], dictionary="industries", most=40)
    instruments = CodesField(_("投资方式"), dictionary="instruments", keep=_equity)
    exclusions = TwoLevelCodesField(_("不看的行业"), dictionary="industries", most=40)
    must = CodesField(_("必须满足"), description=_("选中的是硬条件，不满足就不推荐；其余只影响先后"))
    qualifications = CodesField(_("优先有这些资质的企业"), dictionary="qualifications")
    leads = RadioField(_("能否领投"), coerce=yes_or_no, validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.must.choices = labelled_choices(Condition)
        self.leads.choices = {"yes": str(_("可以领投")), "no": str(_("只跟投"))}

    def validate_ticket_max_yuan(self, field: WanField) -> None:
        check_range(self.ticket_min_yuan.data, field.data)
