"""What an organizer changes of one event: its agenda, its questions, its rules, its seats by role."""

import re
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField
from wtforms.validators import Length, ValidationError

from matchhub.core.fields import CodesField, DayField, FilledIn, LineField, LinesField, WholeField
from matchhub.core.labels import N_
from matchhub.core.web import Form
from matchhub.events.enums import AgendaKind, EventPart, FieldKind, PriorityRule, SeatRole
from matchhub.events.forms import ClockField, TOO_LONG
from matchhub.events.models import Event
from matchhub.events.services import AgendaRow, QuestionFacts, RuleFacts

SPARE_ROWS, MOST_ROWS = 3, 40
STEP = 10  # between two places in the order, so that a row can be put between


class SeenForm(Form):
    """Carries the version of the event that stood on the page."""

    seen = HiddenField()

    @property
    def version(self) -> int:
        return number_in(self.seen.data)


def number_in(value: object) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class AgendaForm(SeenForm):
    """Rows of an agenda; `agenda_form` adds their fields. A row without a title is left out."""

    rows = HiddenField()
    count = 0

    def row(self, number: int) -> dict[str, Field]:
        return {
            name: self[f"item{number}_{name}"]
            for name in ("id", "order", "minutes", "kind", "title", "title_en", "speaker")
        }

    @property
    def table(self) -> list[dict[str, Field]]:
        return [self.row(number) for number in range(self.count)]

    @property
    def items(self) -> list[AgendaRow]:
        """In their order; the form is valid."""
        found = []
        for number, row in enumerate(self.table):
            if row["title"].data:
                order = row["order"].data if row["order"].data is not None else STEP * (number + 1)
                found.append((order, number, row))
        return [
            AgendaRow(
                number_in(row["id"].data) or None, AgendaKind(row["kind"].data), row["minutes"].data or 0,
                row["title"].data, row["title_en"].data or "", row["speaker"].data or "",
            )
            for _, _, row in sorted(found, key=lambda one: one[:2])
        ]  # fmt: skip

    def validate_minutes(self) -> None:
        """A row that has a title has its minutes too."""
        for row in self.table:
            if row["title"].data and not row["minutes"].data and not row["minutes"].errors:
                row["minutes"].errors = [str(_l(N_("填写分钟数")))]


def agenda_form(count: int, **kwargs: Any) -> AgendaForm:
    """The form with so many rows."""
    made: dict[str, Any] = {"count": count}
    kinds = {kind.value: kind.label for kind in AgendaKind}
    for number in range(count):
        at = {"number": number + 1}
        made |= {
            f"item{number}_id": HiddenField(),
            f"item{number}_order": WholeField(_l(N_("第 %(number)s 行的顺序"), **at), low=0, high=9999),
            f"item{number}_minutes": WholeField(_l(N_("第 %(number)s 行的分钟"), **at), low=1, high=1440),
            f"item{number}_kind": SelectField(_l(N_("第 %(number)s 行的类别"), **at), choices=kinds),
            f"item{number}_title": LineField(
                _l(N_("第 %(number)s 行的名称"), **at), [Length(max=80, message=TOO_LONG)], render_kw={"maxlength": 80}
            ),
            f"item{number}_title_en": LineField(
                _l(N_("第 %(number)s 行的英文名称"), **at), [Length(max=160, message=TOO_LONG)],
                render_kw={"maxlength": 160},
            ),
            f"item{number}_speaker": LineField(
                _l(N_("第 %(number)s 行的主讲"), **at), [Length(max=120, message=TOO_LONG)], render_kw={"maxlength": 120}
            ),
        }  # fmt: skip
    return type("RowedAgendaForm", (AgendaForm,), made)(**kwargs)


def agenda_as_it_is(event: Event) -> AgendaForm:
    """The present items, and a few empty rows."""
    values: dict[str, Any] = {"seen": event.version, "rows": len(event.agenda) + SPARE_ROWS}
    for number, item in enumerate(event.agenda):
        values |= {
            f"item{number}_id": item.id, f"item{number}_order": STEP * (number + 1), f"item{number}_minutes": item.minutes,
            f"item{number}_kind": item.kind.value, f"item{number}_title": item.title,
            f"item{number}_title_en": item.title_en, f"item{number}_speaker": item.speaker,
        }  # fmt: skip
    for number in range(len(event.agenda), len(event.agenda) + SPARE_ROWS):
        values |= {f"item{number}_order": STEP * (number + 1), f"item{number}_kind": AgendaKind.TALK.value}
    return agenda_form(len(event.agenda) + SPARE_ROWS, formdata=None, **values)


def agenda_as_sent(rows: object) -> AgendaForm:
    """What was sent; `rows` is how many rows the page had."""
    return agenda_form(min(number_in(rows), MOST_ROWS + SPARE_ROWS))


class QuestionForm(SeenForm):
    """One question; the view fills in the roles and the answers that it can hang on."""

    label = LineField(
        _l(N_("问题")), [FilledIn(_l(N_("写下问题"))), Length(max=120, message=TOO_LONG)], render_kw={"maxlength": 120}
    )  # fmt: skip
    label_en = LineField(_l(N_("英文问题")), [Length(max=200, message=TOO_LONG)], render_kw={"maxlength": 200})
    hint = LineField(_l(N_("提示")), [Length(max=200, message=TOO_LONG)], render_kw={"maxlength": 200})
    kind = RadioField(_l(N_("类型")), [FilledIn(_l(N_("选一种类型")))], choices={k.value: k.label for k in FieldKind})
    options = LinesField(_l(N_("选项")), most=30, longest=80, render_kw={"rows": 4})
    required = BooleanField(_l(N_("必须回答")))
    roles = CodesField(_l(N_("只问这些身份")))
    when = CodesField(_l(N_("只在前面这样回答时问")))

    @property
    def facts(self) -> QuestionFacts:
        pairs = [value.partition("=") for value in self.when.data or ()]
        return QuestionFacts(
            FieldKind(self.kind.data), self.label.data or "", self.label_en.data or "", self.hint.data or "",
            self.options.data or (), bool(self.required.data), [SeatRole(role) for role in self.roles.data or ()],
            [(key, answer) for key, _, answer in pairs],
        )  # fmt: skip


class RulesForm(SeenForm):
    """Deadlines, the order of the line, offers, reminders."""

    closes_on = DayField(_l(N_("报名截止日期")), [FilledIn(_l(N_("填写日期")))], render_kw={"type": "date"})
    closes_time = ClockField(
        _l(N_("报名截止时间")), [FilledIn(_l(N_("按 14:00 这样填写时间")))], render_kw={"type": "time", "autocomplete": "off"}
    )  # fmt: skip
    public_on = DayField(_l(N_("哪天公布项目")), render_kw={"type": "date"})
    priority = RadioField(_l(N_("候补顺序")), choices={p.value: p.label for p in PriorityRule})
    offer_hours = WholeField(_l(N_("席位保留几个工作小时")), [FilledIn(_l(N_("填写小时数")))], low=1, high=72)
    reminders = LineField(_l(N_("开始前几小时提醒")), [Length(max=60, message=TOO_LONG)])

    @classmethod
    def of(cls, event: Event) -> "RulesForm":
        closes = event.registration_closes_at.astimezone(event.tz)
        public = event.lineup_public_at.astimezone(event.tz).date() if event.lineup_public_at else None
        return cls(
            formdata=None, seen=event.version, closes_on=closes.date(), closes_time=closes.time(), public_on=public,
            priority=event.priority.value, offer_hours=event.offer_hours,
            reminders="、".join(str(hours) for hours in event.reminder_hours),
        )  # fmt: skip

    def validate_reminders(self, field: Field) -> None:
        if any(not hours.isdigit() or not 1 <= int(hours) <= 720 for hours in self._hours):
            raise ValidationError(str(_l(N_("写小时数，用顿号分开，例如 72、2"))))

    @property
    def _hours(self) -> list[str]:
        return [part for part in re.split(r"[、,，\s]+", self.reminders.data or "") if part]

    def facts(self, event: Event) -> RuleFacts:
        """The form is valid. A line-up comes out at the hour at which the event begins."""
        zone = ZoneInfo(event.zone)
        closes: date = self.closes_on.data or date.max
        public: date | None = self.public_on.data
        hour: time = event.starts_at.astimezone(zone).time()
        return RuleFacts(
            registration_closes_at=datetime.combine(closes, self.closes_time.data, zone),
            lineup_public_at=datetime.combine(public, hour, zone) if public is not None else None,
            priority=PriorityRule(self.priority.data), offer_hours=self.offer_hours.data or 1,
            reminder_hours=[int(hours) for hours in self._hours],
        )  # fmt: skip


class PoolForm(Form):
    """Seats for one more role."""

    role = SelectField(_l(N_("身份")), [FilledIn(_l(N_("选一种身份")))], validate_choice=False)
    seats = WholeField(_l(N_("席位数")), [FilledIn(_l(N_("填写席位数")))], low=0, high=5000)
    approval = BooleanField(_l(N_("报名要审核")))

    def validate_role(self, field: Field) -> None:
        if self.seat_role is None:
            raise ValidationError(str(_l(N_("请从列表里选"))))

    @property
    def seat_role(self) -> SeatRole | None:
        return SeatRole(self.role.data) if self.role.data in set(SeatRole) else None


class ApprovalForm(Form):
    """Whether registrations are looked at first."""

    needed = BooleanField(_l(N_("报名要审核")))


class SpreadForm(Form):
    """Which part goes on to the others of the series."""

    part = HiddenField()

    @property
    def chosen(self) -> EventPart | None:
        return EventPart(self.part.data) if self.part.data in set(EventPart) else None
