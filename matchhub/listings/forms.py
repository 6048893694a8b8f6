"""The forms of needs and offers: they check shape; the services check truth."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from matchhub.core import dictionaries
from matchhub.core.dictionaries import Entry
from matchhub.core.fields import (
    CodeChipsField,
    CodeField,
    CodeGroup,
    CodesField,
    DayField,
    entry_choices,
    FilledIn,
    LineField,
    offered,
    TwoLevelCodesField,
    WanField,
    WholeField,
    WordsField,
)
from matchhub.core.labels import Labelled
from matchhub.core.ui import site
from matchhub.core.web import Form
from matchhub.listings.enums import Condition, NeedState, PairingKind, RuledOut, TEASER_LENGTH
from matchhub.profiles.models import Attachment

YES_NO = {"yes": True, "True": True, "no": False, "False": False}


def labelled_choices(kind: type[Labelled]) -> dict[str, str]:
    """value → translated label of an enumeration."""
    return {member.value: str(_(member.label)) for member in kind}


def _equity(entry: Entry) -> bool:
    return entry.extra.get("family") == "equity" and entry.code != "incubator_stake"


class RegionsField(TwoLevelCodesField):
    """Regions in two groups: around the city, and the other provinces."""

    def groups(self) -> Iterator[CodeGroup]:
        """Near: the city, what it lies in, its districts and neighbours. Far: the rest."""
        words, chosen = offered(self), set(self.data or ())
        snapshot, city = dictionaries.snapshot(), site()
        home = snapshot.ancestors("regions", city.city_region if city else None)
        parents = snapshot.parents("regions")
        near = [code for code in words if code in home or parents.get(code) in home[:2]]
        far = [code for code in words if code not in near and parents.get(code) in home[2:]]
        for label, codes in ((_("全国、本省、本市"), near), (_("其他省份"), far)):
            picked = frozenset(chosen & set(codes))
            yield CodeGroup("", str(label), [(code, words[code]) for code in codes], picked)


class ListingForm(Form):
    """A form that saves as a draft too: then what is missing may be missing. `version` is the row's, as it was read."""

    shown: ClassVar[tuple[str, ...]] = ()
    is_draft = False
    version = HiddenField()

    @property
    def version_number(self) -> int:
        """The version that the reader saw; 0, which no row has, for nonsense."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0

    def values(self) -> dict[str, Any]:
        """What was typed, by the name of the row's attribute."""
        return {name: self._fields[name].data for name in self.shown}


class WhatStep(ListingForm):
    """1 要什么."""

    shown = ("amount_min_yuan", "amount_max_yuan", "needed_by")
    kind = RadioField(_("要什么"), default=PairingKind.EQUITY.value)
    amount_min_yuan = WanField(_("最少要多少"), [Optional()])
    amount_max_yuan = WanField(_("最多要多少"), [FilledIn(_("填写最多要多少"))])
    needed_by = DayField(_("什么时候要"), [FilledIn(_("填写什么时候要"))])
    round_code = HiddenField()
    equity_max_pct = HiddenField()
    pasted_text = TextAreaField(_("粘贴微信消息"), render_kw={"rows": 3, "maxlength": 5000})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = labelled_choices(PairingKind)

    def validate_amount_max_yuan(self, field: WanField) -> None:
        check_range(self.amount_min_yuan.data, field.data)

    def pasted(self) -> dict[str, Any]:
        """What a pasted message said for the next step, as it travels through this one."""
        found: dict[str, Any] = {}
        if self.round_code.data in dict(entry_choices("rounds")):
            found["round_code"] = self.round_code.data
        percent = str(self.equity_max_pct.data or "")
        if percent.isascii() and percent.isdigit() and 1 <= int(percent[:4]) <= 100:
            found["equity_max_pct"] = int(percent)
        return found


class StoryStep(ListingForm):
    """2 说清楚."""

    shown = (
        "purposes", "round_code", "industries", "teaser", "teaser_en", "statement", "instruments", "equity_max_pct", "excludes",
        "deck_id",
    )  # fmt: skip
    purposes = CodesField(_("用途"), [FilledIn(_("选择用途"))], dictionary="purposes")
    round_code = CodeChipsField(_("轮次"), [FilledIn(_("选择轮次"))], dictionary="rounds")
    industries = TwoLevelCodesField(
        _("行业"), [FilledIn(_("选择行业"))], dictionary="industries", most=6, description=_("选到小类，推荐会准得多")
    )
    teaser = LineField(
        _("一句话"),
        [FilledIn(_("用一句话说明，不超过 30 个字")), Length(max=TEASER_LENGTH, message=_("不要超过 30 个字"))],
        description=_("30 字以内。认证机构会看到，不要写名称"),
        render_kw={"maxlength": 60},
    )
    teaser_en = LineField(
        _("一句话（英文）"),
        [Length(max=200, message=_("不要超过 200 个字母"))],
        description=_("给看英文的机构，不写就显示中文"),
        render_kw={"maxlength": 200, "lang": "en"},
    )
    statement = WordsField(
        _("说明"),
        [FilledIn(_("用两三句话写产品和用途")), Length(max=1000, message=_("不要超过 1000 个字"))],
        description=_("两三句话：产品、客户、钱花在哪。用来比对，有意向的机构才看到"),
    )
    instruments = CodesField(_("融资方式"), [FilledIn(_("选择融资方式"))], dictionary="instruments", keep=_equity)
    equity_max_pct = WholeField(_("最多出让"), [Optional()], low=1, high=100, description=_("双方同意后才给对方看"))
    excludes = CodesField(_("不接受"), description=_("双方同意后才给对方看"))
    deck_id = SelectField(_("商业计划书"), coerce=lambda value: int(value) if value else None)

    def __init__(self, *args: Any, files: Sequence[Attachment] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.excludes.choices = labelled_choices(RuledOut)
        self.deck_id.choices = {"": str(_("先不放"))} | {str(file.id): file.file.name for file in files}


class MandateForm(ListingForm):
    """A mandate on one screen."""

    shown = (
        "title", "rounds", "industries", "regions", "ticket_min_yuan", "ticket_max_yuan", "instruments", "exclusions",
        "must", "qualifications", "capacity_per_month", "reply_days", "leads", "statement", "statement_en",
    )  # fmt: skip
    title = LineField(
        _("名称"),
        [FilledIn(_("填写名称")), Length(max=80, message=_("不要超过 80 个字"))],
        description=_("例如：早期硬科技 2026"),
    )
    rounds = CodesField(_("轮次"), [FilledIn(_("选择轮次"))], dictionary="rounds")
    ticket_min_yuan = WanField(_("单笔最少"), [Optional()])
    ticket_max_yuan = WanField(_("单笔最多"), [FilledIn(_("填写单笔最多投多少"))])
    industries = TwoLevelCodesField(_("行业"), [FilledIn(_("选择行业"))], dictionary="industries", most=40)
    regions = RegionsField(_("地区"), dictionary="regions", description=_("不选就是没有要求"))
    instruments = CodesField(_("投资方式"), dictionary="instruments", keep=_equity)
    exclusions = TwoLevelCodesField(_("不看的行业"), dictionary="industries", most=40)
    must = CodesField(_("必须满足"), description=_("选中的是硬条件，不满足就不推荐；其余只影响先后"))
    qualifications = CodesField(_("优先有这些资质的企业"), dictionary="qualifications")
    capacity_per_month = WholeField(
        _("每月能看几个"), [Optional()], low=1, high=200, description=_("推荐不会超过这个数")
    )
    reply_days = WholeField(_("几天内答复"), [Optional()], low=1, high=90)
    leads = RadioField(_("能否领投"), coerce=lambda value: YES_NO.get(str(value)), validate_choice=False)
    statement = WordsField(_("说明"), [Length(max=2000, message=_("不要超过 2000 个字"))])
    statement_en = WordsField(_("说明（英文）"), [Length(max=4000, message=_("不要超过 4000 个字符"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.must.choices = labelled_choices(Condition)
        self.leads.choices = {"yes": str(_("可以领投")), "no": str(_("只跟投"))}

    def validate_ticket_max_yuan(self, field: WanField) -> None:
        check_range(self.ticket_min_yuan.data, field.data)


class ReturnForm(Form):
    """Why a need is given back."""

    reason = WordsField(_("要改什么"), [FilledIn(_("请写明原因")), Length(max=500, message=_("不要超过 500 个字"))])


class ClosureForm(Form):
    """Why a need ends."""

    reason = CodeField(_("原因"), [FilledIn(_("请选择原因"))], dictionary="closing_reasons")


def check_range(low: int | None, high: int | None) -> None:
    """Raise where the upper end lies below the lower one."""
    if low is not None and high is not None and high < low:
        raise ValidationError(str(_("上限应不低于下限")))


def state_choices() -> list[tuple[str, str]]:
    """The states of a need that others may see, for a filter."""
    return [(code, word) for code, word in labelled_choices(NeedState).items() if code != NeedState.DRAFT.value]
