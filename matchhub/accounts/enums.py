"""Kinds of organization, roles, and the states of accounts."""

from matchhub.core.labels import Labelled, N_


class OrganizationKind(Labelled):
    """What an organization is here for."""

    ENTERPRISE = "enterprise", N_("企业")
    INVESTOR = "investor", N_("投资机构")
    CARRIER = "carrier", N_("载体")
    BANK = "bank", N_("银行")
    MENTOR = "mentor", N_("导师")
    BUREAU = "bureau", N_("主管部门")


class OrganizationStatus(Labelled):
    """Whether somebody has checked that it is real."""

    UNVERIFIED = "unverified", N_("未核验")
    PENDING = "pending", N_("核验中"), "blue"
    VERIFIED = "verified", N_("已核验"), "green"
    REJECTED = "rejected", N_("核验未通过"), "red"
    CLOSED = "closed", N_("已关闭")
    MERGED = "merged", N_("已合并")


class Role(Labelled):
    """What a person is within one organization."""

    OWNER = "owner", N_("负责人")
    EDITOR = "editor", N_("经办人")
    VIEWER = "viewer", N_("只读成员")
    DISTRICT_OFFICER = "district_officer", N_("区级科技部门")
    CITY_OFFICER = "city_officer", N_("市级科技部门")
    ADMINISTRATOR = "administrator", N_("管理员")
    AUDITOR = "auditor", N_("审计员")


class MembershipState(Labelled):
    """Asked to join, in force, or over."""

    REQUESTED = "requested", N_("待同意"), "blue"
    ACTIVE = "active", N_("有效"), "green"
    REFUSED = "refused", N_("未同意")
    ENDED = "ended", N_("已结束")


class ResetKind(Labelled):
    """How a person proves to be the owner of the account."""

    MAIL = "mail", N_("邮件链接")
    OPERATOR_CODE = "operator_code", N_("一次性重置码")


SECOND_FACTOR_ROLES = frozenset({Role.DISTRICT_OFFICER, Role.CITY_OFFICER, Role.ADMINISTRATOR, Role.AUDITOR})
EDITING_ROLES = frozenset({Role.OWNER, Role.EDITOR})
