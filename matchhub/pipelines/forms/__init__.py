"""Shapes of what is entered about deals and results."""

from datetime import date
from decimal import Decimal

from flask_babel import lazy_gettext
from wtforms import BooleanField, DateField, DecimalField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from matchhub.core.labels import N_
from matchhub.core.money import WAN
from matchhub.core.web import Form
from matchhub.pipelines.services import Result

TOO_LONG = lazy_gettext(N_("不要超过 %(max)d 字"))


class OutcomeForm(Form):
    """What came of it; the amount in 万元."""

    amount_wan = DecimalField(
        lazy_gettext(N_("到账金额")),
        [
            InputRequired(lazy_gettext(N_("填写到账金额"))),
            NumberRange(
                min=Decimal("0.0001"), max=Decimal(10_000_000), message=lazy_gettext(N_("填写到账金额，大于 0"))
            ),
        ],
        places=4,
    )
    instrument = SelectField(lazy_gettext(N_("融资方式")))
    received_on = DateField(lazy_gettext(N_("到账日期")), [InputRequired(lazy_gettext(N_("填写到账日期")))])
    note = StringField(lazy_gettext(N_("说明")), [Length(max=300, message=TOO_LONG)])
    meets_need = BooleanField(lazy_gettext(N_("这项需求已经解决，不再推荐")))

    @property
    def result(self) -> Result:
        return Result(
            amount_yuan=int((self.amount_wan.data or Decimal(0)) * WAN),
            instrument=self.instrument.data,
            received_on=self.received_on.data or date.max,
            note=self.note.data or "",
            meets_need=bool(self.meets_need.data),
        )


class ConfirmationForm(Form):
    """The firm says whether the need is met with this."""

    meets_need = BooleanField(lazy_gettext(N_("这项需求已经解决，不再推荐")))


class DisputeForm(Form):
    """What is not right."""

    reason = TextAreaField(
        lazy_gettext(N_("哪里不对")),
        [InputRequired(lazy_gettext(N_("请写明原因"))), Length(max=300, message=TOO_LONG)],
        render_kw={"rows": 2},
    )
