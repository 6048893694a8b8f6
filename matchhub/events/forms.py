"""Shapes of what is entered about events."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
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

from matchhub.core.fields import DayField, FilledIn, LineField, WholeField, WordsField
from matchhub.core.labels import N_
from matchhub.core.web import Form
from matchhub.events.enums import Audience, EventMode, FieldKind, SeatRole
from matchhub.events.models import Event, FormField, MeetingRound, Room
from matchhub.events.services import EventFacts, Parts, RoundFacts
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

    def offer_rooms(self, rooms: Iterable[Room], nowhere: str, labels: dict[int, str]) -> None:
        """Fill in the rooms."""
        self.room_id.choices = {"": nowhere, **{str(room.id): labels[room.id] for room in rooms}}

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
        found: dict[str, Sequence[str]] = {}
        for field in self:
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
    made = {PREFIX + row.key: _question(row, labels[row.key], words) for row in event.fields}
    return type("EventRegistrationForm", (RegistrationForm,), made)(**kwargs)


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
