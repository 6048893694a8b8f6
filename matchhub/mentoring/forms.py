"""Shapes of what is entered about engagements and sessions."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import Length

from matchhub.core.dictionaries import Entry as Word
from matchhub.core.fields import CodesField, DayField, FilledIn, LineField, WordsField
from matchhub.core.labels import N_
from matchhub.core.ui import locale_code
from matchhub.core.web import Form
from matchhub.introductions.enums import MeetingMode
from matchhub.mentoring.services import Entry

TOO_LONG = _l(N_("不要超过 %(max)d 字"))
MINUTES = (30, 45, 60, 90, 120, 180, 240)


def _whole(value: object) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _mode(value: object) -> MeetingMode | None:
    return MeetingMode(str(value)) if value in set(MeetingMode) else None


class SessionForm(Form):
    """A session: chips but for two fields that are typed."""

    held_on = DayField(_l(N_("哪一天")), [FilledIn(_l(N_("填写辅导日期")))], render_kw={"type": "date"})
    minutes = RadioField(
        _l(N_("时长")), [FilledIn(_l(N_("选一个时长")))], coerce=_whole, default=60, validate_choice=False
    )
    mode = RadioField(
        _l(N_("方式")), [FilledIn(_l(N_("选一种方式")))], coerce=_mode, default=MeetingMode.ON_SITE,
        validate_choice=False,
    )  # fmt: skip
    topics = CodesField(_l(N_("话题")), [FilledIn(_l(N_("至少选一个话题")))], dictionary="mentor_topics")
    summary = WordsField(
        _l(N_("谈了什么")), [FilledIn(_l(N_("写一两句谈了什么"))), Length(max=500, message=TOO_LONG)],
        render_kw={"rows": 2, "maxlength": 500},
    )  # fmt: skip
    next_step = LineField(_l(N_("下一步")), [Length(max=200, message=TOO_LONG)], render_kw={"maxlength": 200})

    def __init__(self, *args: Any, labels: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held: Any = self.minutes.data
        minutes = sorted({*MINUTES, *([held] if isinstance(held, int) and 10 <= held <= 480 else [])})
        self.minutes.choices = [(str(number), str(_l(N_("%(count)s 分钟"), count=number))) for number in minutes]
        self.mode.choices = list(labels)

    @property
    def entry(self) -> Entry:
        return Entry(
            held_on=self.held_on.data or date.max,
            minutes=self.minutes.data or 0,
            mode=self.mode.data or MeetingMode.ON_SITE,
            topics=tuple(self.topics.data or ()),
            summary=self.summary.data or "",
            next_step=self.next_step.data or "",
        )


class SeenForm(Form):
    """One tap: which version stood on the page."""

    seen = HiddenField()

    @property
    def version(self) -> int:
        """0 for nonsense, which no row has."""
        return _whole(self.seen.data) or 0


class DisputeForm(Form):
    """One sentence."""

    reason = WordsField(
        _l(N_("哪里不对")), [FilledIn(_l(N_("请写明原因"))), Length(max=300, message=TOO_LONG)],
        render_kw={"rows": 2, "maxlength": 300},
    )  # fmt: skip


class GoalForm(Form):
    """One goal."""

    words = LineField(
        _l(N_("新的目标")), [FilledIn(_l(N_("写下一个目标"))), Length(max=120, message=TOO_LONG)],
        render_kw={"maxlength": 120},
    )  # fmt: skip


class MarkForm(Form):
    """Reached or not."""

    reached = BooleanField()


class ResultForm(Form):
    """What came of it; the hours are counted from the log."""

    words = WordsField(
        _l(N_("达成了什么")), [FilledIn(_l(N_("写一句达成了什么"))), Length(max=300, message=TOO_LONG)],
        render_kw={"rows": 2, "maxlength": 300},
    )  # fmt: skip
    meets_need = BooleanField(_l(N_("这项需求已经解决，不再推荐")))


class AnswerForm(Form):
    """The firm says whether the need is met with this."""

    meets_need = BooleanField(_l(N_("这项需求已经解决，不再推荐")))


class EndForm(Form):
    """One reason."""

    reason = SelectField(_l(N_("结束的原因")), validate_choice=False)

    def offer(self, words: Iterable[Word], please: str) -> None:
        """Fill in the reasons."""
        self.reason.choices = {"": please, **{entry.code: entry.word(locale_code()) for entry in words}}
