"""Short forms: a past investment, a file, an application to a carrier, an answer, a roster."""

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import Length
from wtforms.widgets import ListWidget, RadioInput

from matchhub.core.fields import (
    CodeChipsField,
    CodeField,
    DayField,
    FilledIn,
    LineField,
    TwoLevelCodesField,
    WanField,
    WordsField,
)
from matchhub.core.web import Form, row_id
from matchhub.profiles.enums import AttachmentKind


class RoundForm(Form):
    """One investment of the past."""

    company_name = LineField(_("企业"), [FilledIn(_("填写企业")), Length(max=160)])
    closed_on = DayField(_("投资日期"), [FilledIn(_("填写投资日期"))])
    round_code = CodeField(_("轮次"), dictionary="rounds")
    amount_yuan = WanField(_("金额"))
    industries = TwoLevelCodesField(_("行业"), dictionary="industries", most=3)
    text = WordsField(_("说明"), [Length(max=1000)])


class UploadForm(Form):
    """A file and what it is."""

    file = FileField(_("文件"))
    kind = SelectField(_("种类"))

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)
        self.kind.choices = {kind.value: str(_(kind.label)) for kind in AttachmentKind}

    def validate(self, extra_validators: object = None) -> bool:
        good: bool = super().validate(extra_validators)
        if not self.file.data:
            self.file.errors = [str(_("请选择一个文件"))]
            return False
        return good


class NewVersionForm(Form):
    """A newer document in the place of a file."""

    file = FileField(_("新版本"))

    def validate(self, extra_validators: object = None) -> bool:
        good: bool = super().validate(extra_validators)
        if not self.file.data:
            self.file.errors = [str(_("请选择一个文件"))]
            return False
        return good


class PromiseForm(Form):
    """A name under a promise of secrecy, and what stood on the screen."""

    text_sha256 = HiddenField()
    document_sha256 = HiddenField()
    name = LineField(_("姓名"), [FilledIn(_("填写姓名")), Length(max=60)])
    agreed = BooleanField(_("我已阅读，代表本机构同意以上约定"))


class RequirementForm(Form):
    """Which words are to be promised before a file is opened."""

    words = RadioField(
        _("用哪份文本"), default="sample",
        choices=[("sample", _("平台示例文本")), ("own", _("自己的文本"))],
        widget=ListWidget(prefix_label=False), option_widget=RadioInput(),
    )  # fmt: skip
    body = WordsField(_("自己的文本"))

    def validate(self, extra_validators: object = None) -> bool:
        good: bool = super().validate(extra_validators)
        if good and self.words.data == "own" and not self.body.data:
            self.body.errors = [str(_("写下文本，或选平台示例文本"))]
            return False
        return good

    @property
    def chosen(self) -> str:
        """The owner's words; empty for the platform's."""
        return (self.body.data or "") if self.words.data == "own" else ""


class RosterForm(Form):
    """A filled-in template."""

    file = FileField(_("填好的名册"))

    def validate(self, extra_validators: object = None) -> bool:
        good: bool = super().validate(extra_validators)
        if not self.file.data:
            self.file.errors = [str(_("请选择一个文件"))]
            return False
        return good


class ApplicationForm(Form):
    """Which carrier."""

    carrier_id = SelectField(_("载体"), coerce=row_id, validate_choice=False)


class ClaimInvitationForm(Form):
    """Who is to answer for a firm."""

    name = LineField(_("姓名"), [Length(max=60)])
    address = LineField(
        _("手机或邮箱"), [FilledIn(_("填写手机或邮箱")), Length(max=254)], render_kw={"spellcheck": "false"}
    )


class AnswerForm(Form):
    """A date and, where it is needed, a reason and whereto."""

    on = DayField(_("日期"))
    reason = LineField(_("原因"), [Length(max=300)])
    moved_to = LineField(_("迁往"), [Length(max=160)])


class ComplaintForm(Form):
    """About whom, why, and what happened."""

    about_id = HiddenField(filters=[lambda value: row_id(value) if value else None])
    reason = CodeChipsField(_("投诉原因"), [FilledIn(_("选择投诉原因"))], dictionary="complaint_reasons")
    text = WordsField(_("发生了什么"), [FilledIn(_("写明发生了什么")), Length(max=2000)])


class ComplaintAnswerForm(Form):
    """What the complainer reads."""

    answer = WordsField(_("答复"), [FilledIn(_("写明处理结果")), Length(max=2000)])
