"""Choices and JSON, written and read quickly: the same as WTForms and the json module give."""

import pytest
from flask_babel import LazyString
from markupsafe import Markup
from wtforms import Form, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # as of WTForms 3.3
from wtforms.widgets import Select

from matchhub.core.quickness import quick_widget, QuickSelect

CHOICES = [
    SelectChoice("", LazyString(lambda: "全部")),
    SelectChoice("a&b", '<轮> & "A" \''),
    SelectChoice("safe", Markup("<b>粗</b>")),
    SelectChoice("named"),
    SelectChoice("with", "带属性", {"data_kind": "x", "disabled": True}),
]


class Asked(Form):
    """One choice of one, one of several."""

    one = SelectField(choices=CHOICES, default="a&b")
    several = SelectMultipleField(choices=CHOICES, default=["safe", "with"])
    numbers = SelectField(choices=[SelectChoice("1", "一"), SelectChoice("2", "二")], coerce=int, default=2)


@pytest.mark.parametrize("name", ["one", "several", "numbers"])
def test_choices_are_written_as_wtforms_writes_them(name: str) -> None:
    field = Asked()[name]
    theirs = str(field(class_="form-select"))
    field.widget = quick_widget(field.widget)

    assert isinstance(field.widget, QuickSelect)
    assert str(field(class_="form-select")) == theirs
    assert " selected" in theirs


def test_a_widget_of_its_own_stays() -> None:
    class Own(Select):
        """Somebody's own."""

    own = Own()
    assert quick_widget(own) is own
