"""The form of a dry run: one number for each thing that is weighed, made from the version in use."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DecimalField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from matchhub.core.web import Form
from matchhub.matches.kinds import Kind

STRENGTHS = (("0", _("不分散")), ("0.1", _("轻")), ("0.2", _("中")), ("0.4", _("强")))
RESERVED = (("0", _("不留")), ("0.1", _("每 10 位留 1 位")), ("0.2", _("每 10 位留 2 位")))
SIDES = ("a", "b")


class TrialForm(Form):
    """Fields of the weights are added by `trial_form`."""

    cut_strong = IntegerField(
        _("很契合的分数线"), [InputRequired(_("填写整数")), NumberRange(0, 100, _("填 0 到 100"))]
    )
    cut_good = IntegerField(_("较契合的分数线"), [InputRequired(_("填写整数")), NumberRange(0, 100, _("填 0 到 100"))])
    cut_look = IntegerField(_("可一试的分数线"), [InputRequired(_("填写整数")), NumberRange(0, 100, _("填 0 到 100"))])
    strength = SelectField(_("分散曝光"), choices=STRENGTHS, description=_("同样合适时，已经排在很多清单前面的往后放"))
    reserved = SelectField(
        _("给没露面的留位"), choices=RESERVED, description=_("哪份清单都进不去的，放到它排得最靠前的那份里")
    )

    def parts(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """What was entered, as parts of a version."""
        exposure = {
            **spec.get("exposure", {}),
            "strength": float(self.strength.data),
            "reserved": float(self.reserved.data),
        }
        cuts = {name: (self[f"cut_{name}"].data or 0) / 100 for name in ("strong", "good", "look")}
        sides = {side: {topic: float(self[f"{side}_{topic}"].data or 0) for topic in spec[side]} for side in SIDES}
        return {**sides, "cuts": cuts, "exposure": exposure}


def trial_form(kind: Kind, spec: Mapping[str, Any]) -> TrialForm:
    """The form with the topics of this kind and the numbers of this version."""
    checks = [InputRequired(_("填写数字")), NumberRange(0, 100, _("填 0 到 100"))]
    fields = {
        f"{side}_{topic}": DecimalField(_(kind.topics.get(topic, topic)), checks, places=None)
        for side in SIDES
        for topic in spec[side]
    }
    held: dict[str, Any] = {f"{side}_{topic}": spec[side][topic] for side in SIDES for topic in spec[side]}
    held |= {f"cut_{name}": round(100 * value) for name, value in spec["cuts"].items()}
    exposure = spec.get("exposure", {})
    held |= {name: f"{exposure.get(name, 0.1):g}" for name in ("strength", "reserved")}
    made: TrialForm = type("TrialForm", (TrialForm,), fields)(**held)
    return made
