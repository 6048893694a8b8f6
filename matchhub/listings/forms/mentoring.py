"""The forms of mentoring."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.validators import Length

from matchhub.core.fields import CodeChipsField, CodesField, DayField, FilledIn, LineField, WholeField, WordsField
from matchhub.core.labels import N_
from matchhub.listings.forms.shared import Card, ListingForm, OfferForm, StoryForm
from matchhub.listings.queries.wording import WEEKDAYS

PARTS = (("09:00", "12:00"), ("14:00", "17:00"), ("19:00", "21:00"))


class WhatStep(ListingForm):
    """1 要什么."""

    cards = (Card(N_("要什么"), (("topics",), ("urgency",), ("meeting_modes",), ("sessions_wanted", "needed_by"))),)
    units = {"sessions_wanted": N_("次")}
    topics = CodesField(_("想请教的话题"), [FilledIn(_("选择想请教的话题"))], dictionary="mentor_topics")
    urgency = CodeChipsField(_("多急"), [FilledIn(_("选择多急"))], dictionary="urgencies")
    meeting_modes = CodesField(_("见面方式"), dictionary="meeting_modes")
    sessions_wanted = WholeField(_("想谈几次"), low=1, high=50)
    needed_by = DayField(_("什么时候要"))


class StoryStep(StoryForm):
    """2 说清楚."""

    cards = (Card(N_("目标和内容"), (("statement",), ("industries",), ("teaser",), ("teaser_en",), ("deck_id",))),)
    statement = WordsField(
        _("想达到的目标"),
        [FilledIn(_("用两三句话写想达到什么")), Length(max=1000, message=_("不要超过 1000 个字"))],
        description=_("现在卡在哪、想达到什么。有意向的导师才看到"),
    )


class MentorshipForm(OfferForm):
    """What a mentor offers, on one screen."""

    cards = (
        Card(N_("辅导什么"), (("title",), ("topics",), ("industries",), ("stages",))),
        Card(
            N_("怎么见面"), (("meeting_modes",), ("weekly",), ("firms_at_most", "capacity_per_month"), ("reply_days",))
        ),
        Card(N_("还可以写"), (("regions",), ("statement",), ("statement_en",)), is_folded=True),
    )
    units = {"firms_at_most": N_("家"), "capacity_per_month": N_("个"), "reply_days": N_("天")}
    title = LineField(
        _("名称"),
        [FilledIn(_("填写名称")), Length(max=80, message=_("不要超过 80 个字"))],
        description=_("例如：帮硬科技团队打磨融资故事"),
    )
    topics = CodesField(_("能辅导的话题"), [FilledIn(_("选择能辅导的话题"))], dictionary="mentor_topics")
    stages = CodesField(_("适合阶段"), dictionary="company_stages")
    meeting_modes = CodesField(_("见面方式"), dictionary="meeting_modes")
    weekly = CodesField(_("每周时间"), description=_("企业约时间时先看这里"))
    firms_at_most = WholeField(_("同时最多带几家"), [FilledIn(_("填写同时最多带几家"))], low=1, high=50)

    def __init__(self, *args: Any, obj: Any = None, **kwargs: Any) -> None:
        held = [_slot_code(part) for part in obj.slots or ()] if obj is not None else None
        super().__init__(*args, obj=obj, data={"weekly": held} if held is not None else None, **kwargs)
        self.weekly.choices = {
            f"{day}-{start}-{end}": f"{_(name)} {start}–{end}"
            for day, name in enumerate(WEEKDAYS)
            for start, end in PARTS
        }

    def values(self) -> dict[str, Any]:
        """What was typed; the weekly times as {"weekday", "from", "to"}."""
        values = super().values()
        parts = [code.split("-") for code in values.pop("weekly") or ()]
        values["slots"] = [{"weekday": int(day), "from": start, "to": end} for day, start, end in sorted(parts)]
        return values


def _slot_code(part: dict[str, Any]) -> str:
    return f"{part['weekday']}-{part['from']}-{part['to']}"
