"""What people type about themselves: shapes only; services check what is true."""

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.accounts.services.robots import TOPICS as ROBOT_TOPICS
from matchhub.core.robots import RobotKind
from matchhub.core.web import Form, row_id
from matchhub.core.wishes import Channel, Topic

KINDS = tuple(kind for kind in OrganizationKind if kind is not OrganizationKind.BUREAU)
MEMBER_ROLES = (Role.EDITOR, Role.VIEWER, Role.OWNER)


def _stripped(text: str | None) -> str:
    return (text or "").strip()


def _acceptance() -> BooleanField:
    return BooleanField(_("我已阅读并同意"), validators=[DataRequired(_("请先阅读并同意"))])


class TextsForm(Form):
    """The words that somebody accepts; `texts` says which versions were shown."""

    texts = HiddenField()
    accept = _acceptance()

    @property
    def text_ids(self) -> tuple[int, ...]:
        return tuple(int(part) for part in (self.texts.data or "").split("-") if part.isascii() and part.isdigit())


class OwnRegistrationForm(Form):
    """An organization of somebody who has an account."""

    uscc = StringField(
        _("统一社会信用代码"),
        filters=[_stripped],
        validators=[Length(max=40)],
        description=_("营业执照上的 18 位代码"),
        render_kw={
            "autocomplete": "off",
            "autocapitalize": "characters",
            "data-hx-get": "/registration/code",
            "data-hx-target": "#code-answer",
            "data-hx-trigger": "change",
        },
    )
    without_code = HiddenField()
    kind = SelectField(_("机构类型"), choices={kind.value: kind.label for kind in KINDS})
    region = SelectField(_("所在区"), validators=[Optional()], validate_choice=False)
    name = StringField(
        _("机构名称"), filters=[_stripped], validators=[DataRequired(_("填写机构名称")), Length(max=160)]
    )


class RegistrationForm(OwnRegistrationForm, TextsForm):
    """An organization and its first person."""

    person = StringField(
        _("你的姓名"),
        filters=[_stripped],
        validators=[DataRequired(_("填写你的姓名")), Length(max=60)],
        render_kw={"autocomplete": "name"},
    )
    address = StringField(
        _("手机或邮箱"),
        filters=[_stripped],
        validators=[DataRequired(_("填写手机或邮箱")), Length(max=254)],
        render_kw={"autocomplete": "username", "spellcheck": "false"},
    )
    password = PasswordField(
        _("密码"), validators=[DataRequired(_("填写密码"))], render_kw={"autocomplete": "new-password"}
    )
    accept = _acceptance()


class SignInForm(Form):
    """Who and the proof."""

    address = StringField(
        _("手机或邮箱"),
        filters=[_stripped],
        validators=[DataRequired(_("填写手机或邮箱")), Length(max=254)],
        render_kw={"autocomplete": "username", "spellcheck": "false"},
    )
    password = PasswordField(
        _("密码"),
        validators=[DataRequired(_("填写密码")), Length(max=512)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class CodeForm(Form):
    """A code of the second factor."""

    code = StringField(
        _("验证码"),
        filters=[_stripped],
        validators=[DataRequired(_("填写验证码")), Length(max=40)],
        description=_("验证器里的 6 位数字，或一个恢复码"),
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false"},
    )
    next = HiddenField()


class AddressForm(Form):
    """One address."""

    address = StringField(
        _("手机或邮箱"),
        filters=[_stripped],
        validators=[DataRequired(_("填写手机或邮箱")), Length(max=254)],
        render_kw={"autocomplete": "username", "spellcheck": "false"},
    )


class NewPasswordForm(Form):
    """A new password."""

    password = PasswordField(
        _("新密码"),
        validators=[DataRequired(_("填写新密码")), Length(max=512)],
        render_kw={"autocomplete": "new-password"},
    )


class ResetCodeForm(NewPasswordForm):
    """A new password, with the code that somebody handed over."""

    address = StringField(
        _("手机或邮箱"),
        filters=[_stripped],
        validators=[DataRequired(_("填写手机或邮箱")), Length(max=254)],
        render_kw={"autocomplete": "username", "spellcheck": "false"},
    )
    code = StringField(
        _("一次性重置码"),
        filters=[_stripped],
        validators=[DataRequired(_("填写重置码")), Length(max=40)],
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false"},
    )


class PasswordForm(Form):
    """The present password, asked for before something grave."""

    current = PasswordField(
        _("现在的密码"),
        validators=[DataRequired(_("填写现在的密码")), Length(max=512)],
        render_kw={"autocomplete": "current-password"},
    )


class ConfirmationForm(PasswordForm, CodeForm):
    """Before a list of others leaves: is it still you, and what is it for. Views leave out what is not wanted."""

    reason = StringField(
        _("下载用途"),
        filters=[_stripped],
        validators=[DataRequired(_("写明用途")), Length(max=200)],
        description=_("会写入操作记录，例如：三季度走访企业"),
    )
    back = HiddenField()


class ChangePasswordForm(PasswordForm, NewPasswordForm):
    """A new password, with the present one."""


class ChangeAddressForm(PasswordForm):
    """Another e-mail or mobile, with the password."""

    address = StringField(
        _("新的手机或邮箱"),
        filters=[_stripped],
        validators=[DataRequired(_("填写手机或邮箱")), Length(max=254)],
        render_kw={"spellcheck": "false"},
    )


class PreferencesForm(Form):
    """Name and language."""

    name = StringField(_("姓名"), filters=[_stripped], validators=[DataRequired(_("填写你的姓名")), Length(max=60)])
    locale = SelectField(_("语言"), choices={"zh": "中文", "en": "English"})


class InviteForm(Form):
    """Whom to invite."""

    address = StringField(
        _("同事的手机或邮箱"),
        filters=[_stripped],
        validators=[DataRequired(_("填写手机或邮箱")), Length(max=254)],
        render_kw={"spellcheck": "false"},
    )
    role = SelectField(_("角色"), choices={role.value: role.label for role in MEMBER_ROLES})


class RoleForm(Form):
    """A colleague's role."""

    role = SelectField(_("角色"), choices={role.value: role.label for role in MEMBER_ROLES})


class LeaveForm(Form):
    """Leaving, with a successor where one is needed."""

    successor = SelectField(_("由谁接任负责人"), coerce=row_id, validate_choice=False, validators=[Optional()])


class NewcomerForm(TextsForm):
    """The account of somebody who was invited."""

    name = StringField(
        _("你的姓名"),
        filters=[_stripped],
        validators=[DataRequired(_("填写你的姓名")), Length(max=60)],
        render_kw={"autocomplete": "name"},
    )
    password = PasswordField(
        _("密码"),
        validators=[DataRequired(_("填写密码")), Length(max=512)],
        render_kw={"autocomplete": "new-password"},
    )
    accept = _acceptance()


class OrganizationForm(Form):
    """The names of one's own organization."""

    name = StringField(
        _("机构名称"), filters=[_stripped], validators=[DataRequired(_("填写机构名称")), Length(max=160)]
    )
    short_name = StringField(_("简称"), filters=[_stripped], validators=[Length(max=60)])


class NoticeSettingsForm(Form):
    """Every topic and channel that is wanted, as "topic:channel", and the quiet hours."""

    wanted = SelectMultipleField(
        choices=[(f"{topic}:{channel}", f"{topic}:{channel}") for topic in Topic for channel in Channel]
    )
    quiet = BooleanField(_("这段时间不发邮件"))
    quiet_from = TimeField(_("从"), validators=[Optional()])
    quiet_to = TimeField(_("到"), validators=[Optional()])
    rest_days = BooleanField(_("周末和节假日全天不发"))

    @property
    def choices(self) -> set[tuple[Topic, Channel]]:
        parts = (choice.split(":") for choice in self.wanted.data or ())
        return {(Topic(topic), Channel(channel)) for topic, channel in parts}


class RobotTopicsForm(Form):
    """What a group hears of."""

    topics = SelectMultipleField(
        _("告诉群里"), choices={topic.value: topic.label for topic in ROBOT_TOPICS}, option_widget=CheckboxInput()
    )


class RobotForm(RobotTopicsForm):
    """A robot of a group chat, as the group chat describes it."""

    kind = SelectField(_("哪里的群"), choices={kind.value: kind.label for kind in RobotKind})
    name = StringField(
        _("群名"), filters=[_stripped], validators=[DataRequired(_("填写群名")), Length(max=40)],
        description=_("只用来自己区分"),
    )  # fmt: skip
    address = StringField(
        _("机器人地址"), filters=[_stripped], validators=[DataRequired(_("填写机器人地址")), Length(max=400)],
        description=_("群机器人设置里的 Webhook 地址，加密保存，之后不再显示"),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip
    secret = StringField(
        _("签名密钥"), filters=[_stripped], validators=[Length(max=128)],
        description=_("钉钉、飞书开启了签名校验才需要"), render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip
    locale = SelectField(_("语言"), choices={"zh": "中文", "en": "English"})
