"""Forms of the administrator's pages; they check shape, the services check truth."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired, Length, Optional

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.core import installation
from matchhub.core.db import db
from matchhub.core.fields import entry_choices, LineField, WordsField
from matchhub.core.texts import TextKind
from matchhub.core.web import Form

RULE_ROLES = (Role.EDITOR, Role.VIEWER, Role.DISTRICT_OFFICER, Role.CITY_OFFICER, Role.AUDITOR)
OFFICER_ROLES = (Role.CITY_OFFICER, Role.DISTRICT_OFFICER, Role.ADMINISTRATOR, Role.AUDITOR)


class InstallationForm(Form):
    version = HiddenField()
    city_name = LineField(_("城市名称"), [InputRequired(_("请填写城市名称")), Length(max=60)])
    city_name_en = LineField(_("英文名称"), [Length(max=60)])
    product_name = LineField(_("产品名称"), [InputRequired(_("请填写产品名称")), Length(max=60)])
    host_unit = LineField(_("主办单位"), [Length(max=120)])
    host_unit_en = LineField(_("主办单位（英文）"), [Length(max=120)])
    organizer_unit = LineField(_("承办单位"), [Length(max=120)])
    contact = LineField(_("联系方式"), [Length(max=200)])
    icp = LineField(_("ICP 备案号"), [Length(max=80)])
    police_record = LineField(_("公安备案号"), [Length(max=80)])
    site_code = LineField(_("政府网站标识码"), [Length(max=40)])
    in_flight_per_enterprise = IntegerField(_("每家企业同时进行的对接"), [InputRequired(_("请填写整数"))])
    cool_down_days = IntegerField(_("婉拒后多少天可再次申请"), [InputRequired(_("请填写整数"))])
    answer_days = IntegerField(_("多少天内答复"), [InputRequired(_("请填写整数"))])
    silence_days = IntegerField(_("多少天没有动静算沉默"), [InputRequired(_("请填写整数"))])
    bank_begins_days = IntegerField(
        _("银行几个工作日内开始办理"),
        [InputRequired(_("请填写整数"))],
        description=_("示例：2 个工作日，由本市和银行商定后改成自己的"),
    )
    need_check_by_carrier = BooleanField(_("需求先由载体审核再发布"))

    def values(self) -> dict[str, Any]:
        """What was entered, without the token and the version."""
        return {field.name: field.data for field in self if field.name not in ("csrf_token", "version")}


class LogoForm(Form):
    file = FileField(_("标志图片"), [FileRequired(_("请选择图片"))], description=_("PNG 或 JPG，不超过 1 MB"))


class EntryForm(Form):
    code = LineField(_("代码"), [InputRequired(_("请填写代码")), Length(max=80)])
    label = LineField(_("名称"), [InputRequired(_("请填写名称")), Length(max=120)])
    label_en = LineField(_("英文名称"), [Length(max=160)])
    parent = LineField(_("上级代码"), [Length(max=80)])
    source = LineField(_("出处"), [Length(max=300)])
    effective_from = DateField(_("生效日期"), [InputRequired(_("请选择日期"))])


class RenamingForm(Form):
    label = LineField(_("名称"), [InputRequired(_("请填写名称")), Length(max=120)])
    label_en = LineField(_("英文名称"), [Length(max=160)])
    effective_from = DateField(_("生效日期"), [InputRequired(_("请选择日期"))])


class RetirementForm(Form):
    effective_to = DateField(_("停用日期"), [InputRequired(_("请选择日期"))])


class TextForm(Form):
    kind = SelectField(_("文本"), choices=[(kind.value, _(kind.label)) for kind in TextKind])
    version = LineField(_("版本号"), [InputRequired(_("请填写版本号")), Length(max=20)])
    effective_on = DateField(_("生效日期"), [Optional()], description=_("不填则马上生效"))
    body = WordsField(_("正文"), [InputRequired(_("请填写正文")), Length(max=50_000)], render_kw={"rows": 14})
    body_en = WordsField(_("英文正文"), [Length(max=50_000)], render_kw={"rows": 14})


class OrganizationNameForm(Form):
    name = LineField(_("名称"), [InputRequired(_("填写机构名称")), Length(max=160)])
    short_name = LineField(_("简称"), [Length(max=60)])


class ReasonForm(Form):
    reason = WordsField(_("原因"), [Length(max=300)], render_kw={"rows": 3})


class MergerForm(Form):
    keep = IntegerField(_("并入"), [InputRequired(_("选择同一类型的另一家机构"))])


class FoundingForm(Form):
    """A new organization, and whoever is invited into it; the kind says what that person may do."""

    kind = SelectField(
        _("类型"),
        choices=[(kind.value, _(kind.label)) for kind in OrganizationKind],
        default=OrganizationKind.BUREAU.value,
    )
    name = LineField(_("名称"), [InputRequired(_("填写机构名称")), Length(max=160)])
    region_code = SelectField(_("地区"), choices=[])
    address = LineField(_("邮箱或手机号"), description=_("不填则先建立，以后再邀请"))
    person = LineField(_("姓名"), [Length(max=60)])
    short_name = LineField(_("简称"), [Length(max=60)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region_code.choices = region_choices()


class InvitationForm(Form):
    name = LineField(_("姓名"), [InputRequired(_("填写姓名")), Length(max=60)])
    address = LineField(_("邮箱或手机号"), [InputRequired(_("填写 11 位手机号，或形如 name@example.com 的邮箱"))])
    role = SelectField(_("角色"), choices=[(role.value, _(role.label)) for role in OFFICER_ROLES])
    region_code = SelectField(_("所在区"), choices=[], description=_("只有区级科技部门要选"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _city, *districts = region_choices()
        self.region_code.choices = [("", _("不选")), *districts]


class SignInRuleForm(Form):
    claim = LineField(
        _("字段"),
        [InputRequired(_("填写提供方给出的字段名，例如 department")), Length(max=60)],
        description=_("email_domain 指已验证邮箱 @ 之后的部分；其他写提供方给出的字段名，例如 department"),
    )
    value = LineField(
        _("等于"), [InputRequired(_("填写字段的值")), Length(max=200)], description=_("例如 kjj.example.gov.cn")
    )
    organization = LineField(
        _("机构"), [InputRequired(_("填写机构名称")), Length(max=160)], description=_("全称、简称或统一社会信用代码")
    )
    role = SelectField(_("角色"), choices=[(role.value, _(role.label)) for role in RULE_ROLES])
    region_code = SelectField(_("所在区"), choices=[], description=_("只有区级科技部门要选"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _city, *districts = region_choices()
        self.region_code.choices = [("", _("不选")), *districts]


def region_choices() -> list[tuple[str, str]]:
    """The city and its districts."""
    site = installation.required(db.session())
    return entry_choices("regions", keep=lambda entry: site.city_region in (entry.code, entry.parent))
