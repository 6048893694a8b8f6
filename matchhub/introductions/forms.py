"""Shapes of what the two parties send."""

from datetime import datetime

from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget, RadioInput

from matchhub.core.clock import CITY_ZONE
from matchhub.core.labels import N_
from matchhub.core.web import Form, row_id
from matchhub.disclosure.services import Choice
from matchhub.introductions.enums import MeetingMode
from matchhub.introductions.services.asking import PURPOSE_LENGTH
from matchhub.introductions.services.thread import MESSAGE_LENGTH

LAST_DAY = datetime(9998, 12, 31)  # noqa: DTZ001 -- local, as typed


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


class ConsentForm(Form):
    """Two boxes, both empty; the texts that stood beside them."""

    contact = BooleanField(lazy_gettext(N_("联系人信息")))
    materials = BooleanField(lazy_gettext(N_("企业材料")))
    files = SelectMultipleField(
        lazy_gettext(N_("选择材料")),
        coerce=row_id,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    access = RadioField(
        lazy_gettext(N_("材料的方式")),
        choices=[("view", lazy_gettext(N_("只能在线看"))), ("download", lazy_gettext(N_("可以下载带水印的副本")))],
        default="view",
        widget=ListWidget(prefix_label=False),
        option_widget=RadioInput(),
        validate_choice=False,
    )
    terms = BooleanField(lazy_gettext(N_("融资金额与条件")))
    contact_text_id = HiddenField()
    materials_text_id = HiddenField()

    @property
    def choice(self) -> Choice:
        return Choice(
            contact=bool(self.contact.data),
            materials=bool(self.materials.data),
            terms=bool(self.terms.data),
            file_ids=tuple(dict.fromkeys(self.files.data or ())),
            contact_text_id=_number(self.contact_text_id.data),
            materials_text_id=_number(self.materials_text_id.data),
            download=self.access.data == "download",
        )


class AskForm(ConsentForm):
    """The consent, and a word to the recipient."""

    need = HiddenField()
    offer = HiddenField()
    purpose = TextAreaField(
        lazy_gettext(N_("想和对方说的话")),
        [
            Optional(),
            Length(max=PURPOSE_LENGTH, message=lazy_gettext(N_("不要超过 %(max)d 字"))),
        ],
        render_kw={"rows": 3, "maxlength": PURPOSE_LENGTH},
    )

    @property
    def pair_ids(self) -> tuple[int, int]:
        """The pair; 0 for nonsense, which nothing has."""
        return _number(self.need.data) or 0, _number(self.offer.data) or 0


class RefusalForm(Form):
    """One reason."""

    reason = StringField(lazy_gettext(N_("原因")), [Length(max=40)])


class ClosureForm(Form):
    """One reason."""

    reason = SelectField(lazy_gettext(N_("结束的原因")), validate_choice=False)


class MessageForm(Form):
    """Plain text."""

    body = TextAreaField(
        lazy_gettext(N_("写消息")),
        [
            InputRequired(lazy_gettext(N_("写几句话再发送"))),
            Length(max=MESSAGE_LENGTH, message=lazy_gettext(N_("不要超过 %(max)d 字"))),
        ],
        render_kw={"rows": 3, "maxlength": MESSAGE_LENGTH},
    )


class MeetingForm(Form):
    """A time in the city's zone."""

    starts_at = DateTimeLocalField(
        lazy_gettext(N_("时间")), [InputRequired(lazy_gettext(N_("选一个时间")))], format="%Y-%m-%dT%H:%M"
    )
    minutes = IntegerField(lazy_gettext(N_("时长")), [InputRequired(lazy_gettext(N_("填写时长")))], default=30)
    mode = SelectField(lazy_gettext(N_("方式")), coerce=MeetingMode)
    place = StringField(
        lazy_gettext(N_("地点或会议号")), [Length(max=200, message=lazy_gettext(N_("不要超过 %(max)d 字")))]
    )
    note = StringField(lazy_gettext(N_("说明")), [Length(max=500, message=lazy_gettext(N_("不要超过 %(max)d 字")))])

    @property
    def moment(self) -> datetime:
        """The time as typed, in the city."""
        return (self.starts_at.data or LAST_DAY).replace(tzinfo=CITY_ZONE)


class ReportForm(Form):
    """What came of a meeting."""

    summary = TextAreaField(
        lazy_gettext(N_("谈了什么，接下来做什么")),
        [Optional(), Length(max=2000, message=lazy_gettext(N_("不要超过 %(max)d 字")))],
        render_kw={"rows": 3},
    )
