"""Shapes of what is entered about events."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import Length, ValidationError

from matchhub.core.fields import DayField, FilledIn, LineField, LinesField, WholeField, WordsField
from matchhub.core.labels import N_
from matchhub.core.web import Form
from matchhub.events.enums import (
    AgendaKind,
    Audience,
    EventMode,
    FieldKind,
    HolidayRule,
    PriorityRule,
    QuestionKind,
    Rhythm,
    SeatRole,
)
from matchhub.events.models import Event, FormField, MeetingRound
from matchhub.events.services import (
    AgendaLine,
    EventFacts,
    FeedbackQuestion,
    Parts,
    RhythmFacts,
    RoundFacts,
    SeriesChange,
    TemplateFacts,
)
from matchhub.events.services.answers import PREFIX

TOO_LONG = _l(N_("不要超过 %(max)d 字"))
ZONES = (
    "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Singapore", "Asia/Tokyo", "Europe/London", "Europe/Berlin",
    "America/New_York", "America/Los_Angeles", "UTC",
)  # fmt: skip
CLOCK = re.compile(r"^([01]?\d|2[0-3])[:：.]([0-5]\d)$")


class ClockField(LineField):
    """A time of day, 14:00; `data` is a time, or None for nothing."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%H:%M}" if self.data else ""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if not text:
            return
        found = CLOCK.match(text)
        if found is None:
            raise ValueError(str(_l(N_("按 14:00 这样填写时间"))))
        self.data = time(int(found[1]), int(found[2]))


def _whole(value: object) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class StartForm(Form):
    """A day and a time."""

    starts_on = DayField(_l(N_("日期")), [FilledIn(_l(N_("填写日期")))], render_kw={"type": "date"})
    starts_time = ClockField(
        _l(N_("开始时间")), [FilledIn(_l(N_("填写开始时间")))], render_kw={"type": "time", "autocomplete": "off"}
    )

    def moment(self, zone: str) -> datetime:
        """The start in the event's zone; the form is valid."""
        assert self.starts_on.data is not None
        return datetime.combine(self.starts_on.data, self.starts_time.data, ZoneInfo(zone))


class EventForm(StartForm):
    """An event as its organizer writes it down: four fields to type, the template fills the rest."""

    title = LineField(
        _l(N_("活动名称")), [FilledIn(_l(N_("填写活动名称"))), Length(max=80, message=TOO_LONG)], render_kw={"maxlength": 80}
    )  # fmt: skip
    mode = RadioField(_l(N_("方式")), [FilledIn(_l(N_("选一种方式")))], choices={m.value: m.label for m in EventMode})
    room_id = SelectField(_l(N_("房间")), coerce=_whole, validate_choice=False)
    place = LineField(_l(N_("其他地点")), [Length(max=200, message=TOO_LONG)], render_kw={"maxlength": 200})
    join_url = LineField(
        _l(N_("线上会议地址")), [Length(max=500, message=TOO_LONG)], render_kw={"maxlength": 500, "inputmode": "url"}
    )
    minutes = WholeField(_l(N_("时长（分钟）")), low=15, high=7 * 24 * 60)
    audience = RadioField(_l(N_("谁能看到")), choices={a.value: a.label for a in Audience})
    zone = SelectField(_l(N_("时区")), choices={zone: zone for zone in ZONES})
    summary = WordsField(
        _l(N_("介绍")), [Length(max=2000, message=TOO_LONG)], render_kw={"rows": 4, "maxlength": 2000}
    )  # fmt: skip
    title_en = LineField(_l(N_("英文名称")), [Length(max=160, message=TOO_LONG)], render_kw={"maxlength": 160})
    summary_en = WordsField(
        _l(N_("英文介绍")), [Length(max=2000, message=TOO_LONG)], render_kw={"rows": 4, "maxlength": 2000}
    )

    def validate_join_url(self, field: Field) -> None:
        if field.data and not re.match(r"^https?://[^\s]+$", field.data):
            raise ValidationError(str(_l(N_("以 https:// 开头"))))

    @property
    def facts(self) -> EventFacts:
        zone = self.zone.data or ZONES[0]
        return EventFacts(
            title=self.title.data or "",
            starts_at=self.moment(zone),
            minutes=self.minutes.data,
            zone=zone,
            mode=EventMode(self.mode.data),
            room_id=self.room_id.data,
            place=self.place.data or "",
            join_url=self.join_url.data or "",
            title_en=self.title_en.data or "",
            summary=self.summary.data or "",
            summary_en=self.summary_en.data or "",
            audience=Audience(self.audience.data or Audience.PUBLIC),
        )


class ReasonForm(Form):
    """One reason that those concerned read."""

    reason = WordsField(
        _l(N_("原因")), [FilledIn(_l(N_("请写明原因"))), Length(max=300, message=TOO_LONG)],
        render_kw={"rows": 2, "maxlength": 300},
    )  # fmt: skip


class MoveForm(StartForm):
    """Another time, and why."""

    reason = WordsField(
        _l(N_("原因")), [FilledIn(_l(N_("请写明原因"))), Length(max=300, message=TOO_LONG)],
        render_kw={"rows": 2, "maxlength": 300},
    )  # fmt: skip


class CopyForm(StartForm):
    """When the copy takes place, and what it takes along."""

    agenda = BooleanField(_l(N_("议程")), default=True)
    seats = BooleanField(_l(N_("席位数")), default=True)
    form = BooleanField(_l(N_("报名问题")), default=True)

    @property
    def parts(self) -> Parts:
        return Parts(bool(self.agenda.data), bool(self.seats.data), bool(self.form.data))


class SeriesForm(Form):
    """How an event repeats."""

    title = LineField(_l(N_("系列名称")), [Length(max=80, message=TOO_LONG)], render_kw={"maxlength": 80})
    rhythm = RadioField(_l(N_("怎么重复")), choices={r.value: r.label for r in Rhythm}, default=Rhythm.WEEKLY.value)
    every = WholeField(_l(N_("每隔几周或几个月")), [FilledIn(_l(N_("填写间隔")))], low=1, high=12, default=2)
    holidays = RadioField(
        _l(N_("遇到放假")), choices={h.value: h.label for h in HolidayRule}, default=HolidayRule.SKIP.value
    )
    count = WholeField(_l(N_("一共几场")), [FilledIn(_l(N_("填写场数")))], low=2, high=26, default=6)

    @property
    def facts(self) -> RhythmFacts:
        return RhythmFacts(
            rhythm=Rhythm(self.rhythm.data), every=self.every.data or 1, holidays=HolidayRule(self.holidays.data),
            count=self.count.data or 0, title=self.title.data or "",
        )  # fmt: skip


class SeriesChangeForm(Form):
    """What changes in all events ahead; what is left empty stays."""

    title = LineField(_l(N_("活动名称")), [Length(max=80, message=TOO_LONG)], render_kw={"maxlength": 80})
    starts_time = ClockField(_l(N_("开始时间")), render_kw={"type": "time", "autocomplete": "off"})
    room_id = SelectField(_l(N_("房间")), coerce=_whole, validate_choice=False)
    place = LineField(_l(N_("其他地点")), [Length(max=200, message=TOO_LONG)], render_kw={"maxlength": 200})
    summary = WordsField(
        _l(N_("介绍")), [Length(max=2000, message=TOO_LONG)], render_kw={"rows": 4, "maxlength": 2000}
    )  # fmt: skip
    reason = LineField(_l(N_("改期原因")), [Length(max=300, message=TOO_LONG)], render_kw={"maxlength": 300})

    @property
    def change(self) -> SeriesChange:
        return SeriesChange(
            title=self.title.data or "", starts_time=self.starts_time.data, room_id=self.room_id.data,
            place=self.place.data or "", summary=self.summary.data or "", reason=self.reason.data or "",
        )  # fmt: skip


class TemplateForm(Form):
    """A version of a template; the seats of the roles are added by `template_form`."""

    summary = WordsField(_l(N_("介绍")), [Length(max=2000, message=TOO_LONG)], render_kw={"rows": 3})
    summary_en = WordsField(_l(N_("英文介绍")), [Length(max=2000, message=TOO_LONG)], render_kw={"rows": 3})
    mode = RadioField(_l(N_("方式")), choices={m.value: m.label for m in EventMode})
    starts = ClockField(_l(N_("开始时间")), [FilledIn(_l(N_("填写开始时间")))], render_kw={"type": "time"})
    agenda = LinesField(_l(N_("议程")), most=30, longest=250, render_kw={"rows": 8})
    feedback = LinesField(_l(N_("会后问什么")), most=5, longest=400, render_kw={"rows": 5})
    closes = WholeField(_l(N_("开始前几天截止报名")), [FilledIn(_l(N_("填写天数")))], low=0, high=60)
    public = WholeField(_l(N_("开始前几天公布项目")), low=0, high=60)
    reminders = LineField(_l(N_("开始前几小时提醒")), [Length(max=60, message=TOO_LONG)])
    priority = RadioField(_l(N_("候补顺序")), choices={p.value: p.label for p in PriorityRule})
    offer_hours = WholeField(_l(N_("席位保留几个工作小时")), [FilledIn(_l(N_("填写小时数")))], low=1, high=72)
    source = LineField(_l(N_("来源")), [FilledIn(_l(N_("写明来源"))), Length(max=300, message=TOO_LONG)])
    effective_from = DayField(_l(N_("生效日期")), [FilledIn(_l(N_("填写日期")))], render_kw={"type": "date"})

    def validate_agenda(self, field: Field) -> None:
        if any(_agenda_line(line) is None for line in field.data or ()):
            raise ValidationError(str(_l(N_("每行写成：分钟 | 类别 | 名称 | 英文名称"))))

    def validate_feedback(self, field: Field) -> None:
        if any(_question_line(line) is None for line in field.data or ()):
            raise ValidationError(str(_l(N_("每行写成：种类 | 问题 | 英文问题"))))

    def validate_reminders(self, field: Field) -> None:
        if any(not hours.isdigit() or not 1 <= int(hours) <= 720 for hours in _hours(field.data)):
            raise ValidationError(str(_l(N_("写小时数，用顿号分开，例如 72、2"))))

    @property
    def facts(self) -> TemplateFacts:
        lines = (_agenda_line(line) for line in self.agenda.data or ())
        asked = (_question_line(line) for line in self.feedback.data or ())
        seats = {
            role: (self[f"{role.value}_seats"].data or 0, bool(self[f"{role.value}_approval"].data))
            for role in SeatRole
        }
        return TemplateFacts(
            summary=self.summary.data or "", summary_en=self.summary_en.data or "", mode=EventMode(self.mode.data),
            starts=f"{self.starts.data:%H:%M}", agenda=[line for line in lines if line is not None], seats=seats,
            registration_closes_days=self.closes.data or 0, lineup_public_days=self.public.data,
            reminder_hours=[int(hours) for hours in _hours(self.reminders.data)],
            priority=PriorityRule(self.priority.data), offer_hours=self.offer_hours.data or 4,
            source=self.source.data or "", effective_from=self.effective_from.data or date.max,
            feedback=[question for question in asked if question is not None],
        )  # fmt: skip


def _hours(text: str | None) -> list[str]:
    return [part for part in re.split(r"[、,，\s]+", text or "") if part]


def _agenda_line(text: str) -> AgendaLine | None:
    parts = [part.strip() for part in re.split(r"[|｜]", text)]
    minutes = _whole(parts[0])
    if not 3 <= len(parts) <= 4 or minutes is None or not 1 <= minutes <= 1440 or parts[1] not in set(AgendaKind):
        return None
    title_en = parts[3] if len(parts) == 4 else ""
    if not parts[2] or len(parts[2]) > 80 or len(title_en) > 160:
        return None
    return AgendaLine(minutes, AgendaKind(parts[1]), parts[2], title_en)


def _question_line(text: str) -> FeedbackQuestion | None:
    parts = [part.strip() for part in re.split(r"[|｜]", text)]
    if not 2 <= len(parts) <= 3 or parts[0] not in set(QuestionKind) or not 0 < len(parts[1]) <= 120:
        return None
    return FeedbackQuestion(QuestionKind(parts[0]), parts[1], parts[2] if len(parts) == 3 else "")


def template_form(**kwargs: Any) -> TemplateForm:
    """The form with a number of seats and an approval for each role."""
    made: dict[str, Any] = {}
    for role in SeatRole:
        made[f"{role.value}_seats"] = WholeField(_l(role.label), low=0, high=5000)
        made[f"{role.value}_approval"] = BooleanField(_l(N_("%(role)s报名要审核"), role=_l(role.label)))
    return type("SeatedTemplateForm", (TemplateForm,), made)(**kwargs)


class VenueForm(Form):
    """A house."""

    name = LineField(
        _l(N_("场地名称")), [FilledIn(_l(N_("填写场地名称"))), Length(max=80, message=TOO_LONG)], render_kw={"maxlength": 80}
    )  # fmt: skip
    name_en = LineField(_l(N_("英文名称")), [Length(max=120, message=TOO_LONG)], render_kw={"maxlength": 120})
    address = LineField(
        _l(N_("地址")), [FilledIn(_l(N_("填写地址"))), Length(max=200, message=TOO_LONG)], render_kw={"maxlength": 200}
    )  # fmt: skip
    transport = LineField(_l(N_("怎么去")), [Length(max=300, message=TOO_LONG)], render_kw={"maxlength": 300})

    @property
    def words(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in ("name", "name_en", "address", "transport")}


class RoomForm(Form):
    """A room and how many it holds."""

    name = LineField(
        _l(N_("房间名称")), [FilledIn(_l(N_("填写房间名称"))), Length(max=60, message=TOO_LONG)], render_kw={"maxlength": 60}
    )  # fmt: skip
    name_en = LineField(_l(N_("英文名称")), [Length(max=100, message=TOO_LONG)], render_kw={"maxlength": 100})
    capacity = WholeField(_l(N_("能坐多少人")), [FilledIn(_l(N_("填写能坐多少人")))], low=1, high=5000)


class CapacityForm(Form):
    """How many seats."""

    capacity = WholeField(_l(N_("席位数")), [FilledIn(_l(N_("填写席位数")))], low=0, high=5000)


class RoundForm(Form):
    """The rules of the meetings one to one."""

    tables = WholeField(_l(N_("桌数")), [FilledIn(_l(N_("填写桌数")))], low=1, high=200)
    slot_minutes = WholeField(_l(N_("每场（分钟）")), [FilledIn(_l(N_("填写每场的分钟数")))], low=5, high=120)
    pause_minutes = WholeField(_l(N_("间隔（分钟）")), low=0, high=60)
    giver_least = WholeField(_l(N_("投资机构、银行、导师每人至少几场")), low=0, high=50)
    giver_most = WholeField(_l(N_("投资机构、银行、导师每人最多几场")), low=1, high=50)
    firm_least = WholeField(_l(N_("每家企业至少几场")), low=0, high=50)
    firm_most = WholeField(_l(N_("每家企业最多几场")), low=1, high=50)
    wishes_close_on = DayField(
        _l(N_("意愿截止日期")), [FilledIn(_l(N_("填写意愿截止日期")))], render_kw={"type": "date"}
    )
    wishes_close_time = ClockField(
        _l(N_("意愿截止时间")),
        [FilledIn(_l(N_("填写意愿截止时间")))],
        render_kw={"type": "time", "autocomplete": "off"},
    )

    @classmethod
    def before(cls, event: Event) -> "RoundForm":
        """What a new round begins with: wishes close at 18:00 two days before."""
        closes = (event.starts_at.astimezone(event.tz) - timedelta(days=2)).date()
        return cls(
            formdata=None, tables=10, slot_minutes=15, pause_minutes=5, giver_least=1, giver_most=8, firm_least=1,
            firm_most=8, wishes_close_on=closes, wishes_close_time=time(18),
        )  # fmt: skip

    @classmethod
    def of(cls, found: MeetingRound) -> "RoundForm":
        """The rules as they are."""
        closes = found.wishes_close_at.astimezone(found.event.tz)
        return cls(formdata=None, obj=found, wishes_close_on=closes.date(), wishes_close_time=closes.time())

    def facts(self, event: Event) -> RoundFacts:
        """The form is valid."""
        assert self.wishes_close_on.data is not None
        closes = datetime.combine(self.wishes_close_on.data, self.wishes_close_time.data, ZoneInfo(event.zone))
        return RoundFacts(
            tables=self.tables.data or 1,
            wishes_close_at=closes,
            slot_minutes=self.slot_minutes.data or 15,
            pause_minutes=self.pause_minutes.data or 0,
            giver_least=self.giver_least.data or 0,
            giver_most=self.giver_most.data or 50,
            firm_least=self.firm_least.data or 0,
            firm_most=self.firm_most.data or 50,
        )


class LockForm(Form):
    """Two who shall meet whatever else is planned."""

    giver = SelectField(
        _l(N_("投资机构、银行或导师")), coerce=_whole, validate_choice=False, validators=[FilledIn(_l(N_("选一位")))]
    )
    firm = SelectField(_l(N_("企业")), coerce=_whole, validate_choice=False, validators=[FilledIn(_l(N_("选一位")))])


class AbsenceForm(Form):
    """Whether somebody who was missing is back."""

    back = BooleanField(_l(N_("回来了")))


class RegistrationForm(Form):
    """As what, and the event's own questions; which of them are asked is the service's to say."""

    role = RadioField(_l(N_("以什么身份参加")), [FilledIn(_l(N_("选一种身份")))], validate_choice=False)
    seen = HiddenField()

    @property
    def seat_role(self) -> SeatRole:
        return SeatRole(self.role.data) if self.role.data in set(SeatRole) else SeatRole.PUBLIC

    @property
    def raw(self) -> dict[str, Sequence[str]]:
        """key → what was typed or ticked."""
        return questions_of(self)


def questions_of(form: Form) -> dict[str, Sequence[str]]:
    """key → what was typed or ticked in the event's own questions."""
    found: dict[str, Sequence[str]] = {}
    for field in form:
        if field.name.startswith(PREFIX):
            data = field.data
            found[field.name.removeprefix(PREFIX)] = data if isinstance(data, list) else [str(data or "")]
    return found


KW: dict[FieldKind, dict[str, Any]] = {
    FieldKind.NUMBER: {"inputmode": "decimal"},
    FieldKind.DATE: {"type": "date"},
    FieldKind.EMAIL: {"type": "email", "inputmode": "email", "autocomplete": "email"},
    FieldKind.PHONE: {"type": "tel", "inputmode": "tel", "autocomplete": "tel"},
}


def registration_form(event: Event, labels: dict[str, str], words: dict[str, str], **kwargs: Any) -> RegistrationForm:
    """The form of one event: `labels` the questions in the reader's language, `words` yes and no."""
    return type("EventRegistrationForm", (RegistrationForm,), question_fields(event, labels, words))(**kwargs)


def question_fields(event: Event, labels: dict[str, str], words: dict[str, str]) -> dict[str, Any]:
    """name → the field of each of the event's own questions."""
    return {PREFIX + row.key: _question(row, labels[row.key], words) for row in event.fields}


def _question(row: FormField, label: str, words: dict[str, str]) -> Any:
    """The field of one question; what is required depends on who asks, so the service says it."""
    options = {option: option for option in row.options}
    if row.kind is FieldKind.LONG_TEXT:
        return WordsField(label, render_kw={"rows": 3})
    if row.kind is FieldKind.CHOICE:
        return RadioField(label, choices=options, validate_choice=False)
    if row.kind is FieldKind.YES_NO:
        return RadioField(label, choices=words, validate_choice=False)
    if row.kind is FieldKind.CHOICES:
        return SelectMultipleField(label, choices=options, validate_choice=False)
    return LineField(label, render_kw=KW.get(row.kind, {}))
