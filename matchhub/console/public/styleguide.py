"""/styleguide: every component with its states, for those who build and for administrators. Its values are invented."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, FileField, SelectField, TextAreaField
from wtforms.validators import InputRequired

from matchhub.console.public.policy import Permission, POLICY
from matchhub.console.public.views import bp
from matchhub.core.clock import utcnow
from matchhub.core.fields import CodesField, DayField, LineField, TwoLevelCodesField, WanField
from matchhub.core.web import Form, requires


class SampleForm(Form):
    """One field of each sort; the first is refused when it is empty."""

    name = LineField(_("机构名称"), [InputRequired(_("请填写机构名称"))])
    amount = WanField(_("金额"))
    until = DayField(_("有效到"))
    kind = SelectField(_("机构类型"), choices=[("a", _("企业")), ("b", _("银行"))])
    topics = CodesField(_("辅导主题"), dictionary="mentor_topics")
    text = TextAreaField(_("说明"))
    file = FileField(_("文件"))
    agreed = BooleanField(_("同意"))


class IndustriesForm(Form):
    """The field with two levels."""

    industries = TwoLevelCodesField(_("行业"), dictionary="industries", most=5)


@dataclass(frozen=True, slots=True)
class SampleView:
    """A viewing of a document, as the record shows it."""

    id: int
    opened_at: datetime
    downloaded_at: datetime | None
    minutes: int
    code: str = "K7Q2-9F"
    organization_id: int = 1
    attachment_id: int = 1
    document_name: str = ""
    pages: tuple[int, ...] = (1, 2)


@bp.get("/styleguide")
@requires(POLICY, Permission.SEE_STYLE_GUIDE)
def styleguide() -> ResponseReturnValue:
    form, now = SampleForm(formdata=None, meta={"csrf": False}, kind="a"), utcnow()
    form.validate()
    return render_template(
        "styleguide/index.html",
        form=form,
        industries=IndustriesForm(formdata=None, meta={"csrf": False}).industries,
        **_viewings(now),
    )


def _viewings(now: datetime) -> dict[str, Any]:
    views = [SampleView(1, now, None, 4), SampleView(2, now, now, 0)]
    return {"views": views, "names": {1: "远山资本"}, "people": {1: "周敏", 2: None}, "pages": lambda pages: "1–2"}


__all__ = ["bp"]
