"""What is entered on the day: delays, the jury's members, points."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField
from wtforms.validators import Length

from matchhub.core.fields import FilledIn, LineField, WholeField, WordsField
from matchhub.core.labels import N_
from matchhub.core.web import Form
from matchhub.events.services import LEAST_DELAY, MOST_DELAY

TOO_LONG = _l(N_("不要超过 %(max)d 字"))


class DelayForm(Form):
    """How many minutes later everything is that has not begun."""

    minutes = WholeField(_l(N_("推迟（分钟）")), [FilledIn(_l(N_("填写分钟数")))], low=LEAST_DELAY, high=MOST_DELAY)


class JuryForm(Form):
    """How the scores are added up."""

    drop_extremes = BooleanField(_l(N_("去掉一个最高分和一个最低分（至少 3 位评委打分时）")))


class MemberForm(Form):
    """Who scores."""

    user_id = SelectField(
        _l(N_("评委")), validators=[FilledIn(_l(N_("选一位评委")))], validate_choice=False
    )  # fmt: skip


class ScoreForm(Form):
    """Points for one pitch; the criteria are added by `score_form`."""

    remark = WordsField(
        _l(N_("评语")), [Length(max=300, message=TOO_LONG)], render_kw={"rows": 2, "maxlength": 300}
    )  # fmt: skip
    conflict = LineField(_l(N_("回避原因")), [Length(max=300, message=TOO_LONG)], render_kw={"maxlength": 300})

    def points(self) -> dict[str, int | None]:
        """criterion → points, None where none were given."""
        return {
            name.removeprefix("score_"): field.data for name, field in self._fields.items() if name.startswith("score_")
        }


def score_form(criteria: list[dict[str, Any]], labels: Mapping[str, str], **kwargs: Any) -> ScoreForm:
    """The form with a field for each criterion."""
    made = {
        f"score_{item['code']}": WholeField(labels[item["code"]], low=0, high=int(item["most"])) for item in criteria
    }
    return type("CriteriaScoreForm", (ScoreForm,), made)(**kwargs)
