"""What a visitor without an account writes: who it is, where the letter goes, the event's own questions."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.validators import DataRequired, Length

from matchhub.core import addresses, errors
from matchhub.core.fields import FilledIn, LineField
from matchhub.core.labels import N_
from matchhub.core.web import Form
from matchhub.events.forms import question_fields, questions_of, TOO_LONG
from matchhub.events.models import Event


class GuestForm(Form):
    """Name and mail, the rest as one likes; which questions are asked is the service's to say."""

    name = LineField(
        _l(N_("姓名")), [FilledIn(_l(N_("填写姓名"))), Length(max=60, message=TOO_LONG)],
        render_kw={"maxlength": 60, "autocomplete": "name"},
    )  # fmt: skip
    email = LineField(
        _l(N_("邮箱")), [FilledIn(_l(N_("填写邮箱")))],
        render_kw={"type": "email", "inputmode": "email", "autocomplete": "email", "maxlength": 254},
    )  # fmt: skip
    mobile = LineField(
        _l(N_("手机")), render_kw={"type": "tel", "inputmode": "tel", "autocomplete": "tel", "maxlength": 20}
    )
    organization_name = LineField(
        _l(N_("工作单位")), [Length(max=160, message=TOO_LONG)],
        render_kw={"maxlength": 160, "autocomplete": "organization"},
    )  # fmt: skip
    accept = BooleanField(_l(N_("我已阅读并同意隐私说明")), [DataRequired(_l(N_("请先阅读并同意")))])

    def addresses(self) -> tuple[str, str]:
        """Mail and mobile as they are stored. Raises Invalid."""
        email = addresses.parsed(self.email.data or "")
        if email is None or not email.is_email:
            raise errors.Invalid(N_("按 name@example.com 这样填写邮箱"), field="email")
        mobile = addresses.parsed(self.mobile.data or "")
        if self.mobile.data and (mobile is None or mobile.is_email):
            raise errors.Invalid(N_("填写 11 位手机号"), field="mobile")
        return email.value, mobile.value if mobile is not None else ""

    @property
    def raw(self) -> dict[str, Sequence[str]]:
        """key → what was typed or ticked."""
        return questions_of(self)


def guest_form(event: Event, labels: dict[str, str], words: dict[str, str], **kwargs: Any) -> GuestForm:
    """The form of one event: `labels` the questions in the reader's language, `words` yes and no."""
    return type("EventGuestForm", (GuestForm,), question_fields(event, labels, words))(**kwargs)
