"""Shapes of what a fund does with its board."""

from datetime import date

from flask_babel import lazy_gettext
from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from matchhub.core.labels import N_
from matchhub.core.web import Form

TOO_LONG = lazy_gettext(N_("不要超过 %(max)d 字"))


class PlaceForm(Form):
    """The column that a card goes to, and the move count that the mover saw."""

    to = HiddenField(lazy_gettext(N_("阶段")))
    seen = IntegerField(lazy_gettext(N_("阶段")), [InputRequired()])


class EndForm(Form):
    """Why the talks end."""

    exit_reason = SelectField(lazy_gettext(N_("结束的原因")), validate_choice=False)


class PlanForm(Form):
    """The fund's next step; the two hidden fields say what stood there when the form was opened."""

    next_step = StringField(lazy_gettext(N_("下一步")), [Length(max=120, message=TOO_LONG)])
    next_step_on = DateField(lazy_gettext(N_("日期")), [Optional()])
    was_step = HiddenField()
    was_on = HiddenField()

    @property
    def was(self) -> tuple[str, date | None] | None:
        """What the writer saw; None where the form does not say."""
        if self.was_step.raw_data is None or not self.was_step.raw_data:
            return None
        try:
            return self.was_step.data or "", date.fromisoformat(self.was_on.data) if self.was_on.data else None
        except ValueError:
            return None


class AssigneeForm(Form):
    """The colleague who follows the deal; empty for nobody."""

    assignee = SelectField(lazy_gettext(N_("跟进人")), validate_choice=False)

    @property
    def user_id(self) -> int | None:
        """The colleague's id; 0 for what is no id, None for nobody."""
        text = self.assignee.data or ""
        if not text:
            return None
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class NoteForm(Form):
    """A note of the fund for itself."""

    body = TextAreaField(
        lazy_gettext(N_("新备注")),
        [InputRequired(lazy_gettext(N_("写下备注"))), Length(max=2_000, message=TOO_LONG)],
        render_kw={"rows": 3},
    )


class OwnStageForm(Form):
    """A column: its name, and the stage that it stands for."""

    name = StringField(
        lazy_gettext(N_("阶段名称")),
        [InputRequired(lazy_gettext(N_("填写阶段名称"))), Length(max=20, message=TOO_LONG)],
    )
    stage = SelectField(lazy_gettext(N_("对应的进展")), validate_choice=False)


class StageNameForm(Form):
    """Another name for a column."""

    name = StringField(
        lazy_gettext(N_("阶段名称")),
        [InputRequired(lazy_gettext(N_("填写阶段名称"))), Length(max=20, message=TOO_LONG)],
    )


class SavedViewForm(Form):
    """A name for the filters that are in the address."""

    name = StringField(
        lazy_gettext(N_("视图名称")),
        [InputRequired(lazy_gettext(N_("给视图起个名字"))), Length(max=20, message=TOO_LONG)],
    )
