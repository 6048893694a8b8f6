"""What a carrier sends when it recommends pairs, and what somebody saves of a list."""

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, Length

from matchhub.core.fields import LineField
from matchhub.core.web import Form, row_id
from matchhub.matches.enums import Alert


class PushForm(Form):
    """The ticked suggestions and one optional sentence."""

    suggestion_ids = SelectMultipleField(_("配对"), coerce=row_id, validate_choice=False)
    note = LineField(_("附一句话"), validators=[Length(max=120)])


class AlertForm(Form):
    """How often a saved search tells."""

    alert = SelectField(
        _("有新结果时提醒"), choices={alert.value: alert.label for alert in Alert}, default=Alert.WEEKLY.value
    )


class SearchForm(AlertForm):
    """A filtered list under a name."""

    list_code = HiddenField()
    query = HiddenField()
    name = LineField(_("给这个搜索起个名字"), validators=[DataRequired(_("给这个搜索起个名字")), Length(max=60)])
