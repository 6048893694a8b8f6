"""The reviewer's form."""

from flask_babel import lazy_gettext as _
from wtforms import SelectField, TextAreaField, validators

from matchhub.core.web import Form


class ReturnForm(Form):
    """Why something goes back: the item, what to do, by when."""

    reason_code = SelectField(_("哪里要改"), choices=[])
    reason = TextAreaField(_("怎么改"), validators=[validators.Length(max=400)])
