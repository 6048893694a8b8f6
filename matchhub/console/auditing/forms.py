"""What the auditor asks the trail for. Everything may be left empty; nonsense is said beside its field."""

from functools import lru_cache
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import DateField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # as of WTForms 3.3
from wtforms.validators import Length, Optional, ValidationError

from matchhub.console.auditing.queries import Filters
from matchhub.console.auditing.words import CAUSES, OBJECTS
from matchhub.core.fields import LineField
from matchhub.core.ui import locale_code
from matchhub.core.web import Form, row_id


@lru_cache(maxsize=8)
def _objects(locale: str) -> tuple[SelectChoice, ...]:
    """Kept for each language: to look ninety words up costs more than the rest of the form."""
    return _chosen(OBJECTS)


@lru_cache(maxsize=8)
def _causes(locale: str) -> tuple[SelectChoice, ...]:
    return _chosen(CAUSES)


def _chosen(words: dict[str, str]) -> tuple[SelectChoice, ...]:
    """All, or one of them, in the reader's language."""
    return (SelectChoice("", gettext("全部")), *(SelectChoice(kind, gettext(word)) for kind, word in words.items()))


class SpanForm(Form):
    """Who, for whom, and between which days."""

    class Meta:
        csrf = False

    person = LineField(_("人员"), [Length(max=100)], description=_("姓名、邮箱或手机号"))
    organization = LineField(_("机构"), [Length(max=160)], description=_("名称、拼音或统一社会信用代码"))
    since = DateField(_("从"), [Optional()])
    until = DateField(_("到"), [Optional()])

    def validate_until(self, field: DateField) -> None:
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(str(_("结束日期应不早于开始日期")))


class TrailForm(SpanForm):
    """The trail: of which object, by which action."""

    object_type = SelectField(_("对象"), default="")
    object_id = LineField(_("编号"), [Length(max=12)])
    action = LineField(
        _("操作"), [Length(max=80)], description=_("代码的开头，例如 consent:；readings 指打开文件和联系人")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.object_type.choices = _objects(locale_code())

    def validate_object_id(self, field: LineField) -> None:
        if field.data:
            try:
                row_id(field.data)
            except ValueError as error:
                raise ValidationError(str(_("编号是一个数字"))) from error

    def filters(self) -> Filters:
        """What was asked for."""
        return Filters(
            object_type=self.object_type.data or "", action=self.action.data or "",
            object_id=int(self.object_id.data) if self.object_id.data else None, person=self.person.data or "",
            organization=self.organization.data or "", since=self.since.data, until=self.until.data,
        )  # fmt: skip


class RefusalsForm(SpanForm):
    """The refusals: for which cause."""

    kind = SelectField(_("原因"), default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = _causes(locale_code())

    def filters(self) -> Filters:
        """What was asked for."""
        return Filters(
            action=self.kind.data or "", person=self.person.data or "", organization=self.organization.data or "",
            since=self.since.data, until=self.until.data,
        )  # fmt: skip
