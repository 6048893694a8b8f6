"""Shapes of what is entered about calls, reviews and line-ups."""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, HiddenField, RadioField
from wtforms.validators import InputRequired, Length, ValidationError

from matchhub.core.fields import DayField, FilledIn, LineField, LinesField, WholeField, WordsField
from matchhub.core.labels import N_
from matchhub.core.web import Form
from matchhub.events.enums import AgendaKind
from matchhub.events.forms import ClockField, TOO_LONG
from matchhub.events.models import Event, PitchCall
from matchhub.events.services import CallFacts
from matchhub.introductions.forms import ConsentForm

SCORE = "score_"
CRITERION = N_("每行写成：名称 | 权重 | 满分 | 英文名称")
Criterion = dict[str, Any]


def number_in(text: str | None) -> int | None:
    """A row's id as a form sends it."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


class CallForm(Form):
    """When applications close, how many pitch, how they are scored."""

    closes_on = DayField(_l(N_("申请截止日期")), [FilledIn(_l(N_("填写截止日期")))], render_kw={"type": "date"})
    closes_time = ClockField(
        _l(N_("申请截止时间")), [FilledIn(_l(N_("填写截止时间")))], render_kw={"type": "time", "autocomplete": "off"}
    )
    places = WholeField(_l(N_("路演项目数")), [FilledIn(_l(N_("填写项目数")))], low=1, high=40)
    reserves = WholeField(_l(N_("候补项目数")), low=0, high=20)
    pitch_minutes = WholeField(_l(N_("每个项目（分钟）")), [FilledIn(_l(N_("填写分钟数")))], low=3, high=60)
    blind = BooleanField(_l(N_("匿名评审：评审看不到企业名称和人员")))
    criteria = LinesField(_l(N_("评分标准")), most=12, longest=120, render_kw={"rows": 5})
    words = WordsField(
        _l(N_("给企业的说明")), [Length(max=1000, message=TOO_LONG)], render_kw={"rows": 3, "maxlength": 1000}
    )

    def validate_criteria(self, field: Field) -> None:
        if any(criterion(line, "c") is None for line in field.data or ()):
            raise ValidationError(str(_l(CRITERION)))

    @classmethod
    def before(cls, event: Event, *, now: datetime) -> "CallForm":
        """What a new call begins with: the template's numbers; it closes at 18:00 some days before."""
        content = event.template.content
        pitches = content.get("pitches") or {}
        days = content["lead_days"].get("call_closes") or 14
        closes = event.starts_at.astimezone(event.tz) - timedelta(days=days)
        if closes <= now + timedelta(days=1):
            closes = now.astimezone(event.tz) + (event.starts_at - now) / 2
        return cls(
            formdata=None, closes_on=closes.date(), closes_time=time(18), places=pitches.get("places", 8),
            reserves=pitches.get("reserves", 2), pitch_minutes=pitches.get("minutes") or minutes_for(event),
            blind=pitches.get("blind", False), criteria=lines_of(pitches.get("criteria", ())),
        )  # fmt: skip

    @classmethod
    def of(cls, call: PitchCall) -> "CallForm":
        """The call as it is."""
        closes = call.closes_at.astimezone(call.event.tz)
        return cls(
            formdata=None, closes_on=closes.date(), closes_time=closes.time(), places=call.places,
            reserves=call.reserves, pitch_minutes=call.pitch_minutes, blind=call.blind,
            criteria=lines_of(call.criteria), words=call.words,
        )  # fmt: skip

    def facts(self, event: Event, held: Sequence[Criterion]) -> CallFacts:
        """The form is valid. `held`: the criteria before, whose codes stay with their names."""
        assert self.closes_on.data is not None
        codes = {item["label"]: item["code"] for item in held}
        parsed = [criterion(line, f"c{number}") for number, line in enumerate(self.criteria.data or (), 1)]
        criteria = [found | {"code": codes.get(found["label"], found["code"])} for found in parsed if found]
        return CallFacts(
            closes_at=datetime.combine(self.closes_on.data, self.closes_time.data, ZoneInfo(event.zone)),
            places=self.places.data or 0, reserves=self.reserves.data or 0, pitch_minutes=self.pitch_minutes.data or 0,
            criteria=_apart(criteria), blind=bool(self.blind.data), words=self.words.data or "",
        )  # fmt: skip


def minutes_for(event: Event) -> int:
    """How long a pitch takes where the template does not say: an eighth of the time for pitches."""
    whole = sum(item.minutes for item in event.agenda if item.kind is AgendaKind.PITCHES)
    return max(5, whole // 8)


def lines_of(criteria: Sequence[Criterion]) -> list[str]:
    """Criteria as they are written down."""
    return [" | ".join(str(item[key]) for key in ("label", "weight", "most", "label_en")) for item in criteria]


def criterion(line: str, code: str) -> Criterion | None:
    """One line as a criterion; None where it is not one."""
    parts = [part.strip() for part in re.split(r"[|｜]", line)]
    weight, most = (number_in(part) for part in (parts[1:3] if len(parts) >= 3 else ("", "")))
    if not 3 <= len(parts) <= 4 or not parts[0] or len(parts[0]) > 30 or weight is None or most is None:
        return None
    if not 0 < weight <= 100 or not 0 < most <= 100:
        return None
    english = parts[3][:60] if len(parts) == 4 else ""
    return {"code": code, "label": parts[0], "label_en": english, "weight": weight, "most": most}


def _apart(criteria: list[Criterion]) -> list[Criterion]:
    """No two of one code: a kept code may meet a new number."""
    seen: set[str] = set()
    for number, item in enumerate(criteria, 1):
        if item["code"] in seen:
            item["code"] = f"n{number}"
        seen.add(item["code"])
    return criteria


class ApplyForm(ConsentForm):
    """With which need, what is opened to the organizer, a word to the reviewers."""

    need = HiddenField()
    words = WordsField(
        _l(N_("给评审的话")), [Length(max=500, message=TOO_LONG)], render_kw={"rows": 3, "maxlength": 500}
    )


class RecommendForm(Form):
    """Which firm of the carrier, with which of its needs."""

    need = RadioField(_l(N_("企业和需求")), validate_choice=False)
    words = WordsField(_l(N_("推荐理由")), [Length(max=500, message=TOO_LONG)], render_kw={"rows": 3, "maxlength": 500})


class ReviewerForm(Form):
    """Who is asked to review."""

    reviewer = HiddenField()


class ReviewForm(Form):
    """Points by criterion and a remark; the points are added by `review_form`."""

    remark = WordsField(_l(N_("评语")), [Length(max=500, message=TOO_LONG)], render_kw={"rows": 3, "maxlength": 500})
    hand_in = HiddenField()

    def points(self, criteria: Sequence[Criterion]) -> dict[str, int | None]:
        """criterion → points, None where nothing is filled in."""
        return {item["code"]: self[SCORE + item["code"]].data for item in criteria}


def review_form(criteria: Sequence[Criterion], labels: dict[str, str], **kwargs: Any) -> ReviewForm:
    """The form of one call: `labels` the criteria in the reader's language."""
    made = {SCORE + item["code"]: WholeField(labels[item["code"]], low=0, high=int(item["most"])) for item in criteria}
    return type("ScoredReviewForm", (ReviewForm,), made)(**kwargs)


class SwapForm(Form):
    """Why a firm that was told to be on stage waits now; before anybody was told, nothing is asked."""

    reason = LineField(
        _l(N_("给换下的企业的原因")), [Length(max=300, message=TOO_LONG)], render_kw={"maxlength": 300}
    )  # fmt: skip


class InterestForm(Form):
    """Why one is not impartial."""

    conflict = LineField(
        _l(N_("利益关系")), [FilledIn(_l(N_("请写明原因"))), Length(max=300, message=TOO_LONG)],
        render_kw={"maxlength": 300},
    )  # fmt: skip


class NamingForm(Form):
    """The firm's consent to be named on the public page, and the line that stands beside its name."""

    agree = BooleanField(_l(N_("同意在活动页公开我的名称")), [InputRequired(_l(N_("先勾选同意")))])
    line = LineField(_l(N_("一句话介绍")), [Length(max=80, message=TOO_LONG)], render_kw={"maxlength": 80})
    line_en = LineField(_l(N_("英文一句话")), [Length(max=160, message=TOO_LONG)], render_kw={"maxlength": 160})


class GuestTableForm(Form):
    """A filled-in table of guests."""

    file = FileField(_l(N_("填好的表格")))

    def validate(self, extra_validators: object = None) -> bool:
        good: bool = super().validate(extra_validators)
        if not self.file.data:
            self.file.errors = [str(_l(N_("请选择一个文件")))]
            return False
        return good
