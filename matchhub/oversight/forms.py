"""The form that sets a target."""

from datetime import date

from flask_babel import lazy_gettext as _
from wtforms import DateField, IntegerField
from wtforms.validators import Length, Optional

from matchhub.core.fields import FilledIn, LineField
from matchhub.core.web import Form


class TargetForm(Form):
    """One version of a target: from when, how much, until when, by what."""

    low = IntegerField(_("目标"), validators=[FilledIn(_("填写目标"))])
    high = IntegerField(_("上限"), validators=[Optional()])
    due_on = DateField(_("截止日期"), validators=[FilledIn(_("填写截止日期"))])
    effective_from = DateField(_("生效日期"), validators=[FilledIn(_("填写生效日期"))], default=date.today)
    source = LineField(_("出处"), validators=[FilledIn(_("写明出处：文号或会议")), Length(max=300)])
