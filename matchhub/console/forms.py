"""The reviewer's form."""

from wtforms import SelectField, TextAreaField, validators

from matchhub.core.labels import N_
from matchhub.core.web import Form


class ReturnForm(Form):
    """Why something goes back: the item, what to do, by when."""

    reason_code = SelectField(N_("哪里要改"), choices=[])
    reason = TextAreaField(N_("怎么改"), validators=[validators.Length(max=400)])
