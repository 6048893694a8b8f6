"""Shapes of what is entered after an event."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField

from matchhub.core.fields import WordsField
from matchhub.core.labels import N_
from matchhub.core.web import Form
from matchhub.events.enums import QuestionKind
from matchhub.events.services.answers import PREFIX

RATED = {
    "1": N_("1 很差"), "2": N_("2 不太好"), "3": N_("3 一般"), "4": N_("4 不错"), "5": N_("5 很好"),
}  # fmt: skip
ANSWERED = {"yes": N_("是"), "no": N_("否")}


class FeedbackForm(Form):
    """The template's questions, added by `feedback_form`, and whether the words may be quoted."""

    quotable = BooleanField(_l(N_("这句话可以不署名地引用在活动的成效报告里")))

    @property
    def raw(self) -> dict[str, str]:
        """key → what was typed or ticked."""
        fields = (field for field in self if field.name.startswith(PREFIX))
        return {field.name.removeprefix(PREFIX): str(field.data or "") for field in fields}


def feedback_form(questions: Sequence[Mapping[str, Any]], labels: Mapping[str, str], **kwargs: Any) -> FeedbackForm:
    """The form of one event; `labels` are the questions in the reader's language."""
    made = {PREFIX + asked["key"]: _question(asked, labels[asked["key"]]) for asked in questions}
    return type("EventFeedbackForm", (FeedbackForm,), made)(**kwargs)


def _question(asked: Mapping[str, Any], label: str) -> Any:
    kind = QuestionKind(asked["kind"])
    if kind is QuestionKind.TEXT:
        return WordsField(label, render_kw={"rows": 3, "maxlength": 300})
    return RadioField(label, choices=RATED if kind is QuestionKind.RATING else ANSWERED, validate_choice=False)


class ReportForm(Form):
    """The organizer's own words in the report."""

    words = WordsField(_l(N_("主办方的话")), render_kw={"rows": 4, "maxlength": 1000})
