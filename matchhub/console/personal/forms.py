"""Before a person is forgotten."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import DataRequired, Length

from matchhub.core.web import Form


class ErasureForm(Form):
    """The person knows what goes and what stays."""

    understood = BooleanField(_("我知道注销后不能恢复"), validators=[DataRequired(_("请先确认"))])


class RequestForm(Form):
    """A request that reached the administrator by another way than these pages."""

    address = HiddenField()
    reason = StringField(
        _("请求来源"),
        filters=[lambda text: (text or "").strip()],
        validators=[DataRequired(_("写明是谁、怎样提出的")), Length(max=200)],
        description=_("会写入操作记录，不要写姓名和号码，例如：11 月 20 日书面申请，已核对身份"),
    )
