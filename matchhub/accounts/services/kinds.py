"""What accounts tell people, on the bell and by mail."""

from matchhub.core.labels import N_
from matchhub.core.outbox import NoticeKind
from matchhub.core.wishes import Topic

VERIFIED = NoticeKind(
    "organization_verified",
    N_("%(organization)s 已通过核验"),
    N_("现在可以发布需求、查看推荐了。"),
    topic=Topic.ORGANIZATION,
)
REJECTED = NoticeKind(
    "organization_rejected",
    N_("%(organization)s 未通过核验"),
    N_("原因：%(reason)s。改好后可以再次提交。"),
    topic=Topic.ORGANIZATION,
)
CLAIM_REFUSED = NoticeKind(
    "claim_refused", N_("认领 %(organization)s 的申请未通过"), N_("原因：%(reason)s。"), topic=Topic.ORGANIZATION
)
JOIN_REQUESTED = NoticeKind(
    "join_requested",
    N_("%(person)s 申请加入 %(organization)s"),
    N_("请在「同事」里同意或不同意。"),
    topic=Topic.ORGANIZATION,
)
JOIN_ACCEPTED = NoticeKind(
    "join_accepted", N_("你已加入 %(organization)s"), N_("可以在头像菜单里切换机构。"), topic=Topic.ORGANIZATION
)
JOIN_REFUSED = NoticeKind(
    "join_refused",
    N_("加入 %(organization)s 的申请没有通过"),
    N_("如有疑问，请联系该机构负责人。"),
    topic=Topic.ORGANIZATION,
)
INVITED = NoticeKind(
    "invited",
    N_("%(organization)s 邀请你加入"),
    N_("打开链接即可加入，%(until)s 前有效，只能用一次。如果你不认识这家机构，可以不理会。"),
    bell=False,
    topic=Topic.SECURITY,
)
RESET_REQUESTED = NoticeKind(
    "reset_requested",
    N_("重设密码"),
    N_("打开链接重设密码，30 分钟内有效，只能用一次。如果不是你本人操作，可以不理会，密码不会改变。"),
    bell=False,
    topic=Topic.SECURITY,
)
RESET_CODE_ISSUED = NoticeKind(
    "reset_code_issued",
    N_("有人为你开具了一次性重置码"),
    N_("如果不是你请求的，请马上登录修改密码，并联系管理员。"),
    topic=Topic.SECURITY,
)
PASSWORD_CHANGED = NoticeKind(
    "password_changed",
    N_("你的密码已修改"),
    N_("其他设备已退出登录。如果不是你本人操作，请马上联系管理员。"),
    topic=Topic.SECURITY,
)
SECOND_FACTOR_REPLACED = NoticeKind(
    "second_factor_replaced",
    N_("你的两步验证已由管理员重置"),
    N_("所有设备已退出登录，下次登录时请重新设置。如果不是你请求的，请马上联系管理员。"),
    topic=Topic.SECURITY,
)
ADDRESS_CHANGED = NoticeKind(
    "address_changed",
    N_("你的登录邮箱或手机已修改"),
    N_("如果不是你本人操作，请马上联系管理员。"),
    topic=Topic.SECURITY,
)
IDENTITY_LINKED = NoticeKind(
    "identity_linked",
    N_("你的账户已绑定单位账号"),
    N_("如果不是你本人操作，请马上在「设置」里解除绑定，并联系管理员。"),
    topic=Topic.SECURITY,
)
ROLE_CHANGED = NoticeKind(
    "role_changed", N_("你在 %(organization)s 的角色已变为%(role)s"), N_("请重新登录后继续。"), topic=Topic.SECURITY
)
OWNER_SETTLED = NoticeKind(
    "owner_settled", N_("你已成为 %(organization)s 的负责人"), N_("可以邀请和管理同事了。"), topic=Topic.ORGANIZATION
)
ORGANIZATION_MERGED = NoticeKind(
    "organization_merged", N_("%(dropped)s 已并入 %(kept)s"), N_("你的成员身份已一并转入。"), topic=Topic.ORGANIZATION
)

ALL = (
    VERIFIED,
    REJECTED,
    CLAIM_REFUSED,
    JOIN_REQUESTED,
    JOIN_ACCEPTED,
    JOIN_REFUSED,
    INVITED,
    RESET_REQUESTED,
    RESET_CODE_ISSUED,
    PASSWORD_CHANGED,
    SECOND_FACTOR_REPLACED,
    ADDRESS_CHANGED,
    IDENTITY_LINKED,
    ROLE_CHANGED,
    OWNER_SETTLED,
    ORGANIZATION_MERGED,
)
