"""Shapes of what a bank enters about a loan."""

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField
from wtforms.validators import Length

from matchhub.core.fields import CodesField, DayField, FilledIn, RateField, WanField, WordsField
from matchhub.core.labels import N_
from matchhub.core.web import Form
from matchhub.pipelines.services import Result

TOO_LONG = _l(N_("不要超过 %(max)d 字"))


class CaseMoveForm(Form):
    """Where the case goes."""

    action = HiddenField(_l(N_("阶段")))


class GrantForm(Form):
    """What the bank has approved."""

    amount_yuan = WanField(_l(N_("批复金额")), [FilledIn(_l(N_("填写批复金额，大于 0")))])
    rate = RateField(_l(N_("年利率")), [FilledIn(_l(N_("填写年利率，例如 3.85")))])


class ReturnForm(Form):
    """What the firm has to mend."""

    reason = WordsField(
        _l(N_("要补正什么")), [FilledIn(_l(N_("请写明原因"))), Length(max=300, message=TOO_LONG)],
        render_kw={"rows": 2, "maxlength": 300},
    )  # fmt: skip


class RefusalForm(Form):
    """Why not, and a word to the firm."""

    refusal = SelectField(_l(N_("未获批的原因")), validate_choice=False)
    words = WordsField(
        _l(N_("给企业的建议")), [Length(max=300, message=TOO_LONG)], render_kw={"rows": 2, "maxlength": 300}
    )


class DocumentsForm(Form):
    """The papers that are in hand."""

    received = CodesField(_l(N_("已收到的材料")))


class CaseNoteForm(Form):
    """For the bank alone."""

    note = WordsField(
        _l(N_("备注")), [FilledIn(_l(N_("写一句再保存"))), Length(max=500, message=TOO_LONG)],
        render_kw={"rows": 2, "maxlength": 500},
    )  # fmt: skip


class PayoutForm(Form):
    """What was paid out, and when; the rest is known."""

    amount_wan = WanField(_l(N_("放款金额")), [FilledIn(_l(N_("填写放款金额，大于 0")))])
    received_on = DayField(_l(N_("放款日期")), [FilledIn(_l(N_("填写放款日期")))], render_kw={"type": "date"})

    @property
    def result(self) -> Result:
        return Result(
            amount_yuan=self.amount_wan.data or 0, instrument="", received_on=self.received_on.data or date.max
        )
