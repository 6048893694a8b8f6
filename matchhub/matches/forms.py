"""What a carrier sends when it recommends pairs."""

from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField
from wtforms.validators import Length

from matchhub.core.fields import LineField
from matchhub.core.web import Form, row_id


class PushForm(Form):
    """The ticked suggestions and one optional sentence."""

    suggestion_ids = SelectMultipleField(_("配对"), coerce=row_id, validate_choice=False)
    note = LineField(_("附一句话"), validators=[Length(max=120)])
